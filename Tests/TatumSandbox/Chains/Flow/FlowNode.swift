import KMSCrypto
import KMSPrimitives
import KMSPrivateKeys
import KMSRecords

/// Flow: an access node with its REST interface, and the API's own account that proposes and pays.
struct FlowNode: ChainNode {
  static let chains = ["FLOW"]

  /// The API's account; key 0 pays, keys 1 to 100 propose. Their private keys are those of the published vectors.
  static let service = "87fe4ebd0cddde06"

  struct Key {
    var publicKey: [UInt8]
    var sequence: UInt64 = 0
    var weight = 1000
  }

  private struct Executed {
    let transaction: FlowTransactionRead
    /// Empty when it succeeded.
    let error: String
  }

  private var accounts: [String: [UInt64: Key]] = [:]
  private var executed: [String: Executed] = [:]
  /// Proposal keys that are lent.
  private(set) var lent: Set<UInt64> = []
  private var block = Self.firstBlock
  private static let firstBlock: UInt64 = 100_000

  init() {
    for key in UInt64(0)...100 {
      let publicKey = (try? Self.privateKey(key).publicKey(compressed: false)) ?? []
      accounts[Self.service, default: [:]][key] = Key(
        publicKey: Array(publicKey.dropFirst()), weight: key == 0 ? 1000 : 0)
    }
  }

  private static func privateKey(_ key: UInt64) throws -> Secp256k1PrivateKey {
    try Secp256k1PrivateKey(SecretBytes(copying: [UInt8](repeating: key == 0 ? 0x6B : 0x5A, count: 32)))
  }

  mutating func merge(_ state: JSONValue) throws(ControlError) {
    for member in state.object?.members ?? [] {
      guard member.name == "accounts", let entries = member.value.object else {
        throw ControlError("FLOW: only accounts are known")
      }
      for entry in entries.members {
        guard let address = FlowTransactionRead.address(entry.name) else {
          throw ControlError("FLOW: \(entry.name) is no address")
        }
        accounts[address] = [:]
        for item in entry.value.array ?? [entry.value] {
          guard let key = item["publicKey"]?.string.flatMap({ Hex.decode($0) }), key.count == 64 else {
            throw ControlError("FLOW: \(entry.name) needs a publicKey of 128 digits")
          }
          accounts[address]?[item["keyId"]?.uint64 ?? 0] = Key(publicKey: key)
        }
      }
    }
  }

  mutating func learn(from pending: JSONValue) {}

  // MARK: The API's account

  /// `GET /v3/flow/proposal/{isPayer}`; nil when all proposal keys are lent.
  mutating func proposal(isPayer: Bool) -> JSONValue? {
    guard !isPayer else { return ["address": .string("0x" + Self.service), "keyId": 0] }
    guard let key = (1...100).first(where: { !lent.contains($0) }) else { return nil }
    lent.insert(key)
    return ["address": .string("0x" + Self.service), "keyId": .number(JSONNumber(key))]
  }

  mutating func release(_ key: UInt64) { lent.remove(key) }

  /// `POST /v3/flow/sign`: signs what has the tag of transactions.
  func sign(_ message: [UInt8], isPayer: Bool) -> String? {
    guard message.starts(with: FlowTransactionRead.tag) else { return nil }
    let signature = try? Self.privateKey(isPayer ? 0 : 1).signWithoutNormalizing(
      digest: Hash.sha3_256(message))
    return signature.map { Hex.encode($0.rs) }
  }

  // MARK: The access node

  /// The answer to a request to the access node's interface, with its status.
  mutating func answer(_ method: String, _ path: [String], _ body: JSONValue?) -> (Int, JSONValue) {
    switch (method, path) {
    case ("GET", ["v1", "blocks"]):
      let id = Hash.sha256(Array(String(block).utf8))
      return (200, [["header": ["id": .string(Hex.encode(id)), "height": .string(String(block))]]])
    case ("GET", _) where path.count == 3 && path[1] == "blocks":
      guard
        let height = (Self.firstBlock...block).first(where: {
          Hex.encode(Hash.sha256(Array(String($0).utf8))) == path[2]
        })
      else { return Self.notFound }
      return (200, [["header": ["id": .string(path[2]), "height": .string(String(height))]]])
    case ("GET", _) where path.count == 3 && path[1] == "accounts":
      guard let keys = accounts[path[2]] else { return Self.notFound }
      return (
        200, ["address": .string(path[2]), "keys": .array(keys.sorted { $0.key < $1.key }.map(Self.json))]
      )
    case ("POST", ["v1", "transactions"]):
      do throws(Refusal) { return (201, ["id": .string(try submit(body ?? .null))]) } catch {
        return (400, ["code": 400, "message": .string(error.message)])
      }
    case ("GET", _) where path.count == 3 && path[1] == "transaction_results":
      guard let found = executed[path[2]] else { return Self.notFound }
      return (
        200,
        [
          "status": "Sealed", "status_code": found.error.isEmpty ? 0 : 1,
          "error_message": .string(found.error),
          "events": [],
        ]
      )
    default: return Self.notFound
    }
  }

  private static let notFound: (Int, JSONValue) = (404, ["code": 404, "message": "not found"])

  private static func json(_ key: (key: UInt64, value: Key)) -> JSONValue {
    [
      "index": .string(String(key.key)), "public_key": .string("0x" + Hex.encode(key.value.publicKey)),
      "signing_algorithm": "ECDSA_secp256k1", "hashing_algorithm": "SHA3_256",
      "sequence_number": .string(String(key.value.sequence)),
      "weight": .string(String(key.value.weight)), "revoked": false,
    ]
  }

  /// Checks all signatures, then executes: only the sequence number can fail.
  private mutating func submit(_ body: JSONValue) throws(Refusal) -> String {
    let transaction = try FlowTransactionRead(body)
    if executed[transaction.id] != nil { return transaction.id }
    try transaction.check(transaction.payloadSignatures, over: transaction.payloadMessage, accounts)
    try transaction.check(transaction.envelopeSignatures, over: transaction.envelopeMessage, accounts)
    guard transaction.envelopeSignatures.allSatisfy({ $0.address == transaction.payer }),
      !transaction.envelopeSignatures.isEmpty
    else { throw Refusal("invalid transaction: payer has not signed the envelope") }
    let signers = Set((transaction.payloadSignatures + transaction.envelopeSignatures).map(\.address))
    guard Set(transaction.authorizers + [transaction.proposer]).isSubset(of: signers),
      transaction.payloadSignatures.contains(where: {
        $0.address == transaction.proposer && $0.keyID == transaction.proposerKeyID
      })
    else { throw Refusal("invalid transaction: a signature is missing") }
    let sequence = accounts[transaction.proposer]?[transaction.proposerKeyID]?.sequence
    var error = ""
    if sequence == transaction.sequenceNumber {
      accounts[transaction.proposer]?[transaction.proposerKeyID]?.sequence += 1
    } else {
      error = "[Error Code: 1007] invalid proposal key: sequence number \(transaction.sequenceNumber)"
    }
    executed[transaction.id] = Executed(transaction: transaction, error: error)
    return transaction.id
  }

  // MARK: Broadcast

  /// The API is told the id of a transaction that the chain has.
  mutating func accept(_ txData: String, pending: JSONValue?) throws(Refusal) -> AcceptedTransaction {
    guard let found = executed[txData], found.error.isEmpty else {
      throw Refusal("transaction \(txData) is not on the chain")
    }
    let transaction = found.transaction
    return AcceptedTransaction(
      txId: txData, senders: transaction.authorizers.map { "0x" + $0 },
      outputs: transaction.arguments, mismatches: pending.map { mismatches(transaction, $0) },
      details: [("script", .string(transaction.script))])
  }

  mutating func mine() { block += 1 }

  var summary: JSONValue {
    [
      "lent": .array(lent.sorted().map { .number(JSONNumber($0)) }),
      "executed": .array(
        executed.sorted { $0.key < $1.key }.map { ["id": .string($0.key), "error": .string($0.value.error)] }),
    ]
  }

  /// What each script must do, by type.
  private static let deeds: [UInt64: String] = [
    0: "Account(payer:", 1: "keys.add(", 2: ".withdraw(amount: amount)", 4: "mintNFT(", 5: "mintNFT(",
    6: "destroy ", 7: "deposit(token:",
  ]

  private func mismatches(_ signed: FlowTransactionRead, _ pending: JSONValue) -> [String] {
    guard let text = pending["serializedTransaction"]?.string, let json = try? JSONValue(parsing: text),
      let body = json["body"], let type = json["type"]?.uint64
    else { return ["serializedTransaction"] }
    var wrong: [String] = []
    if signed.authorizers != [body["account"]?.string.flatMap(FlowTransactionRead.address) ?? ""] {
      wrong.append("account")
    }
    if let deed = Self.deeds[type] {
      if !signed.script.contains(deed) { wrong.append("script") }
    } else if signed.script != body["transaction"]?.string {
      wrong.append("script")
    }
    if let wanted = Self.arguments(type, body), wanted != signed.arguments.map({ $0["value"] ?? .null }) {
      wrong.append("arguments")
    }
    return wrong
  }

  /// The values of the arguments that the body asks for; nil where they are not compared.
  private static func arguments(_ type: UInt64, _ body: JSONValue) -> [JSONValue]? {
    switch type {
    case 2:
      let parts = (body["amount"]?.string ?? "").split(separator: ".")
      let fraction = parts.count > 1 ? String(parts[1]) : ""
      let amount =
        "\(parts.first ?? "0")." + fraction + String(repeating: "0", count: 8 - fraction.utf8.count)
      return [.string(amount), body["to"] ?? .null]
    case 4: return [body["to"] ?? .null, body["url"] ?? .null, body["contractAddress"] ?? .null]
    case 6: return [body["tokenId"] ?? .null, body["contractAddress"] ?? .null]
    case 7: return [body["to"] ?? .null, body["tokenId"] ?? .null]
    default: return nil
    }
  }
}
