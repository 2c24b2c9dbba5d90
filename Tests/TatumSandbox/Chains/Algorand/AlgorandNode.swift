import KMSCrypto
import KMSPrimitives
import KMSRecords

/// A node of Algorand: rounds, and signed transactions in their canonical encoding.
struct AlgorandNode: ChainNode {
  static let chains = ["ALGO"]

  private static let genesis = (
    mainnet: "c061c4d8fc1dbdded2d7604be4568e3f6d041987ac37bde4b620b5ab39248adf",
    testnet: "4863b518a4b3c84ec810f22d4f1081cb0f71f059a7ac20dec62f7f70e5093a22"
  )

  private let genesisHash: String
  private let genesisID: String
  /// The current round; nil: every window is open.
  private var round: UInt64?
  /// Accounts that were rekeyed, and the accounts whose keys sign for them.
  private var authorized: [String: String] = [:]
  private var known: Set<String> = []

  init(testnet: Bool) {
    genesisHash = testnet ? Self.genesis.testnet : Self.genesis.mainnet
    genesisID = testnet ? "testnet-v1.0" : "mainnet-v1.0"
  }

  mutating func merge(_ state: JSONValue) throws(ControlError) {
    for member in state.object?.members ?? [] {
      switch member.name {
      case "round":
        guard let number = member.value.uint64 else { throw ControlError("ALGO: round must be an integer") }
        round = number
      case "authorized":
        for entry in member.value.object?.members ?? [] { authorized[entry.name] = entry.value.string }
      default: throw ControlError("ALGO: unknown member \(member.name)")
      }
    }
  }

  mutating func learn(from pending: JSONValue) {}

  mutating func accept(_ txData: String, pending: JSONValue?) throws(Refusal) -> AcceptedTransaction {
    guard let raw = Hex.decode(txData) else { throw Refusal("invalid hex") }
    var reader = MessagePackReader(raw)
    let signed = try reader.item()
    guard reader.isAtEnd else { throw Refusal("msgpack decode error: more bytes") }
    guard signed.names == ["sig", "txn"] || signed.names == ["sgnr", "sig", "txn"], let txn = signed["txn"],
      let signature = signed["sig"]?.bytes, let sender = txn["snd"]?.bytes, sender.count == 32
    else { throw Refusal("transaction malformed") }
    // The transaction's own bytes end the map.
    let body = raw.suffix(raw.count - Self.offset(hasSigner: signed["sgnr"] != nil))
    let message = Array("TX".utf8) + body
    let signer = signed["sgnr"]?.bytes ?? sender
    guard Ed25519.verify(signature, message, publicKey: signer) else {
      throw Refusal("transaction invalid: signature is not valid")
    }
    let from = Self.address(sender)
    guard authorized[from, default: from] == Self.address(signer), signed["sgnr"]?.bytes != sender else {
      throw Refusal(
        "should have been authorized by \(authorized[from, default: from]) but was actually authorized by "
          + Self.address(signer))
    }
    try check(txn)
    let txId = Base32.encode(Hash.sha512_256(message))
    guard known.insert(txId).inserted else { throw Refusal("transaction already in ledger: \(txId)") }
    let fields: [(String, String)] = [("amt", "amount"), ("aamt", "amount")]
    return AcceptedTransaction(
      txId: txId, senders: [from],
      outputs: [
        [
          "to": (txn["rcv"] ?? txn["arcv"])?.bytes.map { .string(Self.address($0)) } ?? .null,
          "amount": .string(String(fields.lazy.compactMap { txn[$0.0]?.integer }.first ?? 0)),
        ]
      ],
      mismatches: pending.map { AlgorandRequest.mismatches(txn, $0) },
      details: [
        ("type", .string(txn["type"]?.text ?? "")), ("fee", .string(String(txn["fee"]?.integer ?? 0))),
        ("lastRound", .string(String(txn["lv"]?.integer ?? 0))),
      ])
  }

  /// Where `txn` starts: one map head, the members before it, and its name.
  private static func offset(hasSigner: Bool) -> Int {
    let signature = 1 + 3 + 2 + 64
    let signer = 1 + 4 + 2 + 32
    return 1 + (hasSigner ? signer : 0) + signature + 1 + 3
  }

  private func check(_ txn: MessagePackItem) throws(Refusal) {
    guard txn["gh"]?.bytes.map({ Hex.encode($0) }) == genesisHash else {
      throw Refusal("genesis hash is not that of \(genesisID)")
    }
    guard txn["gen"] == nil || txn["gen"]?.text == genesisID else {
      throw Refusal("tx.GenesisID <\(txn["gen"]?.text ?? "")> does not match expected <\(genesisID)>")
    }
    let (first, last) = (txn["fv"]?.integer ?? 0, txn["lv"]?.integer ?? 0)
    guard first <= last, last - first <= 1000 else { throw Refusal("transaction window size excessive") }
    if let round, !(first...last).contains(round) {
      throw Refusal("txn dead: round \(round) outside of \(first)--\(last)")
    }
    guard (txn["fee"]?.integer ?? 0) >= 1000 || txn["grp"] != nil else {
      throw Refusal("transaction fee \(txn["fee"]?.integer ?? 0) is below the minimum of 1000")
    }
    if txn["grp"] != nil { throw Refusal("transactionGroup: incomplete group") }
  }

  mutating func mine() { round = round.map { $0 + 1 } }

  var summary: JSONValue {
    [
      "genesisId": .string(genesisID), "round": round.map { .string(String($0)) } ?? .null,
      "transactions": .array(known.sorted().map { .string($0) }),
    ]
  }

  /// Public key and checksum in Base32.
  static func address(_ key: [UInt8]) -> String { Base32.encode(key + Hash.sha512_256(key).suffix(4)) }
}
