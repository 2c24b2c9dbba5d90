import KMSCrypto
import KMSPrimitives
import KMSRecords

/// A node of Cardano: its slot, the coins that pending transactions tell of, and what was spent.
struct CardanoNode: ChainNode {
  static let chains = ["ADA"]

  struct Coin {
    let address: [UInt8]
    let lovelace: UInt64
  }

  private let testnet: Bool
  /// The current slot.
  private(set) var slot: UInt64 = 50_000_000
  /// Unspent coins by `transaction id:index`.
  private var coins: [String: Coin] = [:]
  private var spent: Set<String> = []

  init(testnet: Bool) { self.testnet = testnet }

  mutating func merge(_ state: JSONValue) throws(ControlError) {
    for member in state.object?.members ?? [] {
      guard member.name == "slot", let number = member.value.uint64 else {
        throw ControlError("ADA: only slot, an integer, is known")
      }
      slot = number
    }
  }

  /// What operations say of the coins that they spend is believed.
  mutating func learn(from pending: JSONValue) {
    guard let operations = try? CardanoOperations(pending, testnet: testnet) else { return }
    for (name, coin) in operations.inputs where !spent.contains(name) { coins[name] = coin }
  }

  mutating func accept(_ txData: String, pending: JSONValue?) throws(Refusal) -> AcceptedTransaction {
    let transaction = try CardanoTransaction(envelope: txData)
    guard let ttl = transaction.ttl, ttl > slot else {
      throw Refusal("OutsideValidityIntervalUTxO: slot \(slot)")
    }
    guard !transaction.inputs.isEmpty else { throw Refusal("InputSetEmptyUTxO") }
    var total: UInt64 = 0
    var owners: [[UInt8]] = []
    for name in transaction.inputs {
      guard let coin = coins[name] else {
        throw Refusal("BadInputsUTxO: \(name)\(spent.contains(name) ? ", all inputs are spent" : "")")
      }
      total &+= coin.lovelace
      owners.append(coin.address)
    }
    let paid = transaction.outputs.reduce(transaction.fee) { $0 &+ $1.lovelace }
    guard paid == total else { throw Refusal("ValueNotConservedUTxO: \(total) and \(paid)") }
    for witness in transaction.witnesses {
      guard Ed25519.verify(witness.signature, transaction.id, publicKey: witness.publicKey) else {
        throw Refusal("InvalidWitnessesUTXOW")
      }
    }
    let hashes = Set(transaction.witnesses.map { Hash.blake2b($0.publicKey, count: 28) })
    guard hashes.count == transaction.witnesses.count else { throw Refusal("a witness stands there twice") }
    let needed = Set(owners.map { Array($0.dropFirst().prefix(28)) })
    guard needed.isSubset(of: hashes) else { throw Refusal("MissingVKeyWitnessesUTXOW") }
    for name in transaction.inputs { coins[name] = nil }
    spent.formUnion(transaction.inputs)
    return AcceptedTransaction(
      txId: Hex.encode(transaction.id), senders: transaction.inputs,
      outputs: transaction.outputs.map(Self.json),
      mismatches: pending.map { mismatches(transaction, $0) },
      details: [
        ("fee", .string(String(transaction.fee))), ("ttl", .string(String(ttl))),
        ("witnesses", .number(JSONNumber(transaction.witnesses.count))),
      ])
  }

  private static func json(_ output: CardanoTransaction.Output) -> JSONValue {
    ["address": .string(Hex.encode(output.address)), "lovelace": .string(String(output.lovelace))]
  }

  mutating func mine() { slot += 20 }

  var summary: JSONValue {
    [
      "slot": .string(String(slot)), "coins": .array(coins.keys.sorted().map { .string($0) }),
      "spent": .array(spent.sorted().map { .string($0) }),
    ]
  }

  /// The names of what the signed transaction does otherwise than the operations of the pending one.
  private func mismatches(_ signed: CardanoTransaction, _ pending: JSONValue) -> [String] {
    guard let wanted = try? CardanoOperations(pending, testnet: testnet) else {
      return ["serializedTransaction"]
    }
    var wrong: [String] = []
    if wanted.inputs.map(\.name).sorted() != signed.inputs { wrong.append("inputs") }
    if wanted.outputs != signed.outputs { wrong.append("outputs") }
    if !signed.otherMembers.isEmpty { wrong.append("members \(signed.otherMembers)") }
    return wrong
  }

  // MARK: Rosetta

  /// The answer to a step of Rosetta's construction API; nil where it makes no sense.
  func construction(_ step: String, _ body: JSONValue) -> JSONValue? {
    let network = testnet ? "preprod" : "mainnet"
    guard body["network_identifier"] == ["blockchain": "cardano", "network": .string(network)] else {
      return nil
    }
    switch step {
    case "preprocess":
      guard let relative = body["metadata"]?["relative_ttl"]?.uint64, body["operations"]?.array != nil else {
        return nil
      }
      return ["options": ["relative_ttl": .number(JSONNumber(relative)), "transaction_size": 300]]
    case "metadata":
      guard let relative = body["options"]?["relative_ttl"]?.uint64 else { return nil }
      return [
        "metadata": ["ttl": .number(JSONNumber(slot + relative)), "protocol_parameters": [:]],
        "suggested_fee": [["value": "170000"]],
      ]
    case "payloads":
      guard let operations = body["operations"], let ttl = body["metadata"]?["ttl"]?.uint64,
        let wanted = try? CardanoOperations(operations: operations, testnet: testnet)
      else { return nil }
      return payloads(wanted, ttl: ttl)
    case "combine": return combine(body)
    default: return nil
    }
  }

  /// Body and payloads, in the form of cardano-rosetta-java: tagged sets, one payload for each address.
  private func payloads(_ wanted: CardanoOperations, ttl: UInt64) -> JSONValue? {
    var body: [UInt8] = [0xA4, 0x00, 0xD9, 0x01, 0x02]
    body += CardanoItem.head(4, UInt64(wanted.inputs.count))
    for input in wanted.inputs {
      let parts = input.name.split(separator: ":")
      guard let id = Hex.decode(parts[0]), let index = UInt64(parts[1]) else { return nil }
      body += [0x82] + CardanoItem.string(id) + CardanoItem.head(0, index)
    }
    body += [0x01] + CardanoItem.head(4, UInt64(wanted.outputs.count))
    for output in wanted.outputs {
      body += [0x82] + CardanoItem.string(output.address) + CardanoItem.head(0, output.lovelace)
    }
    body += [0x02] + CardanoItem.head(0, wanted.fee) + [0x03] + CardanoItem.head(0, ttl)
    let id = Hex.encode(Hash.blake2b(body, count: 32))
    var seen: Set<String> = []
    let addresses = wanted.inputAddresses.filter { seen.insert($0).inserted }
    return [
      "unsigned_transaction": .string(Self.envelope(body)),
      "payloads": .array(
        addresses.map {
          [
            "account_identifier": ["address": .string($0)], "hex_bytes": .string(id),
            "signature_type": "ed25519",
          ]
        }),
    ]
  }

  /// `[hexadecimal text, {"operations": []}]`.
  private static func envelope(_ bytes: [UInt8]) -> String {
    let text = Array(Hex.encode(bytes).utf8)
    return Hex.encode(
      [0x82] + CardanoItem.head(3, UInt64(text.count)) + text + [0xA1, 0x6A] + Array("operations".utf8) + [
        0x80
      ])
  }

  private func combine(_ request: JSONValue) -> JSONValue? {
    guard let unsigned = request["unsigned_transaction"]?.string.flatMap({ Hex.decode($0) }),
      let parts = try? CardanoItem.decode(unsigned).list("envelope"), parts.count == 2,
      case .text(let text) = parts[0].content, let body = Hex.decode(utf8: text),
      let signatures = request["signatures"]?.array
    else { return nil }
    var witnesses: [UInt8] = []
    var keys: Set<String> = []
    for signature in signatures {
      guard let key = signature["public_key"]?["hex_bytes"]?.string, let publicKey = Hex.decode(key),
        signature["public_key"]?["curve_type"] == "edwards25519", signature["signature_type"] == "ed25519",
        signature["signing_payload"]?["hex_bytes"]?.string == Hex.encode(Hash.blake2b(body, count: 32)),
        let bytes = signature["hex_bytes"]?.string.flatMap({ Hex.decode($0) })
      else { return nil }
      if keys.insert(key).inserted {
        witnesses += [0x82] + CardanoItem.string(publicKey) + CardanoItem.string(bytes)
      }
    }
    let set = [0xA1, 0x00, 0xD9, 0x01, 0x02] + CardanoItem.head(4, UInt64(keys.count)) + witnesses
    return ["signed_transaction": .string(Self.envelope([0x84] + body + set + [0xF5, 0xF6]))]
  }
}

/// What Rosetta operations ask for.
struct CardanoOperations {
  let inputs: [(name: String, coin: CardanoNode.Coin)]
  let inputAddresses: [String]
  let outputs: [CardanoTransaction.Output]

  var fee: UInt64 {
    inputs.reduce(0) { $0 &+ $1.coin.lovelace } &- outputs.reduce(0) { $0 &+ $1.lovelace }
  }

  init(_ pending: JSONValue, testnet: Bool) throws(Refusal) {
    guard let text = pending["serializedTransaction"]?.string, let json = try? JSONValue(parsing: text) else {
      throw Refusal("no operations")
    }
    try self.init(operations: json, testnet: testnet)
  }

  init(operations: JSONValue, testnet: Bool) throws(Refusal) {
    var inputs: [(String, CardanoNode.Coin)] = []
    var addresses: [String] = []
    var outputs: [CardanoTransaction.Output] = []
    for operation in operations.array ?? [] {
      guard let text = operation["account"]?["address"]?.string,
        let amount = operation["amount"]?["value"]?.string,
        let lovelace = UInt64(amount.drop { $0 == "-" })
      else { throw Refusal("an operation without address or amount") }
      // Byron addresses are base58, the others bech32.
      guard
        let address = Bech32.decodeBytes(text, hrp: testnet ? "addr_test" : "addr", maximumLength: 200)
          ?? Base58.decode(text)
      else { throw Refusal("an operation with an address that is none") }
      if operation["type"] == "input" {
        guard let name = operation["coin_change"]?["coin_identifier"]?["identifier"]?.string else {
          throw Refusal("an input without coin")
        }
        inputs.append((name, CardanoNode.Coin(address: address, lovelace: lovelace)))
        addresses.append(text)
      } else {
        outputs.append(CardanoTransaction.Output(address: address, lovelace: lovelace))
      }
    }
    self.inputs = inputs
    inputAddresses = addresses
    self.outputs = outputs
  }
}
