import KMSCrypto
import KMSPrimitives
import KMSRecords

/// A node of VeChainThor: its blocks, simulated calls, and transactions that wait or are in a block.
struct VeChainNode: ChainNode {
  static let chains = ["VET"]

  /// The ids of the genesis blocks; their last bytes are the chain tags.
  private static let genesis = (
    mainnet: "0x00000000851caf3cfdb6e899cf5958bfb1ac3413d346d43539627e6be7ec1b4a",
    testnet: "0x000000000b2bce3c70bc649a02749e8687721b09ed2e15997f466536b20bb127"
  )

  private let genesisID: String
  /// The tag that transactions must have.
  private var chainTag: UInt8
  /// The number of the latest block.
  private var best: UInt32 = 20_000_000
  /// Gas that calls of a receiver use, and receivers that revert.
  private var gasUsed: [String: UInt64] = [:]
  private var reverts: Set<String> = []
  private var waiting: Set<String> = []
  private var mined: Set<String> = []

  init(testnet: Bool) {
    genesisID = testnet ? Self.genesis.testnet : Self.genesis.mainnet
    chainTag = testnet ? 0x27 : 0x4A
  }

  mutating func merge(_ state: JSONValue) throws(ControlError) {
    for member in state.object?.members ?? [] {
      switch member.name {
      case "chainTag": chainTag = try number(member)
      case "block": best = try number(member)
      case "reverts": reverts = Set((member.value.array ?? []).compactMap { $0.string?.lowercased() })
      case "gasUsed":
        for entry in member.value.object?.members ?? [] {
          gasUsed[entry.name.lowercased()] = try number(entry)
        }
      default: throw ControlError("VET: unknown member \(member.name)")
      }
    }
  }

  private func number<Number: FixedWidthInteger>(
    _ member: JSONObject.Member
  ) throws(ControlError) -> Number {
    guard let number = member.value.uint64.flatMap(Number.init(exactly:)) else {
      throw ControlError("VET: \(member.name) must be an integer of \(Number.bitWidth) bits")
    }
    return number
  }

  mutating func learn(from pending: JSONValue) {}

  // MARK: What the node tells

  /// The answer to a request to the node's own interface; nil where there is none.
  func answer(_ method: String, _ path: [String], _ body: JSONValue?) -> JSONValue? {
    switch (method, path) {
    case ("GET", ["blocks", "0"]): return ["number": 0, "id": .string(genesisID)]
    case ("GET", ["blocks", "best"]):
      return ["number": .number(JSONNumber(best)), "id": .string(Self.blockID(best))]
    case ("POST", ["accounts", "*"]):
      return .array((body?["clauses"]?.array ?? []).map(simulate))
    default: return nil
    }
  }

  /// The number, and bytes that look like a hash.
  private static func blockID(_ number: UInt32) -> String {
    let bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    return "0x" + Hex.encode(bytes + Hash.sha256(bytes).prefix(28))
  }

  private func simulate(_ clause: JSONValue) -> JSONValue {
    let to = clause["to"]?.string?.lowercased() ?? ""
    let isReverted = reverts.contains(to)
    return [
      "data": "0x", "events": [], "transfers": [], "gasUsed": .number(JSONNumber(gasUsed[to] ?? 0)),
      "reverted": .bool(isReverted), "vmError": .string(isReverted ? "execution reverted" : ""),
    ]
  }

  // MARK: Transactions

  mutating func accept(_ txData: String, pending: JSONValue?) throws(Refusal) -> AcceptedTransaction {
    guard let raw = Hex.decodePrefixed(txData) else { throw Refusal("bad tx: invalid hex") }
    let transaction = try VeChainTransaction(raw)
    guard transaction.chainTag == chainTag else { throw Refusal("bad tx: chain tag mismatch") }
    let lastBlock = transaction.blockRef >> 32 + transaction.expiration
    guard lastBlock >= UInt64(best) else { throw Refusal("tx rejected: expired") }
    guard transaction.blockRef >> 32 <= UInt64(best) + 30 else {
      throw Refusal("tx rejected: block ref out of schedule")
    }
    guard transaction.gas >= transaction.intrinsicGas else {
      throw Refusal("bad tx: intrinsic gas exceeds provided gas")
    }
    guard !mined.contains(transaction.id) else { throw Refusal("tx rejected: known tx") }
    // A node answers like the first time while the transaction waits.
    let flags = waiting.insert(transaction.id).inserted ? [] : ["already-waiting"]
    return AcceptedTransaction(
      txId: transaction.id, senders: [transaction.sender], outputs: transaction.clauses.map(\.json),
      mismatches: pending.map { mismatches(transaction, $0) }, flags: flags,
      details: [
        ("gas", .string(String(transaction.gas))),
        ("gasPriceCoef", .string(String(transaction.gasPriceCoef))),
        ("lastBlock", .string(String(lastBlock))),
      ])
  }

  mutating func mine() {
    best += 1
    mined.formUnion(waiting)
    waiting = []
  }

  var summary: JSONValue {
    [
      "chainTag": .string(String(chainTag)), "block": .string(String(best)),
      "waiting": .array(waiting.sorted().map { .string($0) }),
    ]
  }

  /// The names of members of the pending transaction that the signed one does not do.
  private func mismatches(_ signed: VeChainTransaction, _ pending: JSONValue) -> [String] {
    guard let text = pending["serializedTransaction"]?.string, let wanted = try? JSONValue(parsing: text)
    else {
      return ["serializedTransaction"]
    }
    var wrong: [String] = []
    let clauses = (wanted["clauses"]?.array ?? [wanted]).map(VeChainTransaction.Clause.init)
    if clauses != signed.clauses { wrong.append("clauses") }
    func compare(_ name: String, _ value: UInt64, standard: UInt64? = nil) {
      let asked = wanted[name].flatMap(Quantity.bytes) ?? standard.map(Quantity.minimalBytes)
      if let asked, asked != Quantity.minimalBytes(value) { wrong.append(name) }
    }
    if wanted["gas"].flatMap(Quantity.bytes) != [] { compare("gas", signed.gas) }
    compare("chainTag", UInt64(signed.chainTag))
    compare("expiration", signed.expiration, standard: 720)
    compare("gasPriceCoef", signed.gasPriceCoef, standard: 0)
    compare("blockRef", signed.blockRef)
    if wanted["nonce"]?.number != nil { compare("nonce", signed.nonce) }
    if wanted["dependsOn"]?.string?.lowercased() != signed.dependsOn { wrong.append("dependsOn") }
    return wrong
  }
}
