import KMSCrypto
import KMSPrimitives
import KMSRecords

/// The network of one Bitcoin-like chain: outputs that can be spent, and who spent them.
struct BitcoinNode: ChainNode {
  static let chains = ["BTC", "LTC", "DOGE", "BCH"]

  /// An output and what spent it.
  private struct Coin {
    let value: UInt64
    /// Nil where only the amount is known (Bitcoin Cash's pending transactions tell no scripts).
    let script: [UInt8]?
    var spentBy: String?
  }

  let chain: String
  private var coins: [String: Coin] = [:]
  /// Accepted transactions: their text, and whether they are in a block.
  private var transactions: [String: (raw: [UInt8], isMined: Bool)] = [:]

  private var isCash: Bool { chain == "BCH" }

  init(chain: String) { self.chain = chain }

  mutating func merge(_ state: JSONValue) throws(ControlError) {
    for member in state.object?.members ?? [] where !["utxos", "transactions"].contains(member.name) {
      throw ControlError("\(chain): unknown member \(member.name)")
    }
    for text in state["transactions"]?.array ?? [] {
      guard let raw = text.string.flatMap({ Hex.decode($0) }), let known = try? BitcoinTransaction(raw) else {
        throw ControlError("\(chain): transactions holds transactions in hexadecimal")
      }
      transactions[known.txId] = (raw, true)
      for (i, output) in known.outputs.enumerated() {
        coins["\(known.txId):\(i)"] = Coin(value: output.value, script: output.script)
      }
    }
    for output in state["utxos"]?.array ?? [] {
      guard let hash = output["txHash"]?.string?.lowercased(), hash.utf8.count == 64,
        let index = output["index"]?.uint64, let value = output["value"]?.uint64
      else { throw ControlError("\(chain): an output needs txHash, index and value (satoshi)") }
      let script = try output["script"]?.string.map { text throws(ControlError) in
        guard let script = Hex.decode(text) else {
          throw ControlError("\(chain): script must be hexadecimal")
        }
        return script
      }
      coins["\(hash):\(index)"] = Coin(value: value, script: script)
    }
  }

  /// Takes the outputs that the pending transaction says it spends for real, unless the state knows better.
  mutating func learn(from pending: JSONValue) {
    guard let wanted = BitcoinRequest(pending, isCash: isCash) else { return }
    for input in wanted.inputs where coins[input.outpoint] == nil {
      guard let value = input.value else { continue }
      coins[input.outpoint] = Coin(value: value, script: input.script)
    }
  }

  mutating func accept(_ txData: String, pending: JSONValue?) throws(Refusal) -> AcceptedTransaction {
    guard let raw = Hex.decode(txData) else { throw Refusal("TX decode failed: not hexadecimal") }
    let transaction = try BitcoinTransaction(raw)
    let txId = transaction.txId
    if let known = transactions[txId] {
      // The words of Bitcoin Core (validation.cpp, rpc/rawtransaction.cpp).
      if known.isMined { throw Refusal("Transaction already in block chain") }
      throw Refusal(known.raw == raw ? "txn-already-in-mempool" : "txn-same-nonwitness-data-in-mempool")
    }
    try checkForm(transaction)
    let spent = try findCoins(transaction, txId: txId)
    let inputSum = try sum(spent.map(\.value)), outputSum = try sum(transaction.outputs.map(\.value))
    guard inputSum >= outputSum else {
      throw Refusal("bad-txns-in-belowout, value in (\(inputSum)) < value out (\(outputSum))")
    }
    for (i, coin) in spent.enumerated() {
      try BitcoinInputCheck(transaction: transaction, index: i, amount: coin.value, isCash: isCash).verify(
        coin.script)
    }
    keep(transaction, txId: txId, raw: raw)
    return AcceptedTransaction(
      txId: txId, senders: Self.senders(transaction, spent), outputs: transaction.outputs.map(Self.describe),
      mismatches: pending.map { mismatches(transaction, $0) },
      details: [
        ("inputs", .array(transaction.inputs.map { .string($0.outpoint) })),
        ("fee", .string(String(inputSum - outputSum))), ("size", .number(JSONNumber(raw.count))),
        ("lockTime", .number(JSONNumber(transaction.lockTime))),
      ])
  }

  /// The bytes of a transaction that is known.
  func raw(_ txId: String) -> [UInt8]? { transactions[txId.lowercased()]?.raw }

  mutating func mine() {
    for txId in transactions.keys { transactions[txId]?.isMined = true }
  }

  var summary: JSONValue {
    .object(
      coins.sorted { $0.key < $1.key }.reduce(into: JSONObject()) { all, coin in
        all[coin.key] = [
          "value": .string(String(coin.value.value)),
          "script": coin.value.script.map { .string(Hex.encode($0)) } ?? .null,
          "spentBy": coin.value.spentBy.map { .string($0) } ?? .null,
        ]
      })
  }

  // MARK: Checks

  private func checkForm(_ transaction: BitcoinTransaction) throws(Refusal) {
    guard !transaction.inputs.isEmpty else { throw Refusal("bad-txns-vin-empty") }
    guard !transaction.outputs.isEmpty else { throw Refusal("bad-txns-vout-empty") }
    guard !transaction.hasWitness || ["BTC", "LTC"].contains(chain) else {
      throw Refusal("TX decode failed: \(chain) has no witnesses")
    }
    guard Set(transaction.inputs.map(\.outpoint)).count == transaction.inputs.count else {
      throw Refusal("bad-txns-inputs-duplicate")
    }
  }

  private func findCoins(_ transaction: BitcoinTransaction, txId: String) throws(Refusal) -> [Coin] {
    var spent: [Coin] = []
    for input in transaction.inputs {
      guard let coin = coins[input.outpoint], coin.spentBy == nil else {
        throw Refusal("bad-txns-inputs-missingorspent")
      }
      spent.append(coin)
    }
    return spent
  }

  /// Adds amounts; refuses what no chain has: 10^18 is more than all DOGE in koinu within decades.
  private func sum(_ values: [UInt64]) throws(Refusal) -> UInt64 {
    var total: UInt64 = 0
    for value in values {
      guard value <= 10_000_000_000_000_000_000 / 4, total <= UInt64.max / 2 else {
        throw Refusal("bad-txns-vout-toolarge")
      }
      total += value
    }
    return total
  }

  private mutating func keep(_ transaction: BitcoinTransaction, txId: String, raw: [UInt8]) {
    transactions[txId] = (raw, false)
    for input in transaction.inputs { coins[input.outpoint]?.spentBy = txId }
    for (i, output) in transaction.outputs.enumerated() where coins["\(txId):\(i)"] == nil {
      coins["\(txId):\(i)"] = Coin(value: output.value, script: output.script)
    }
  }

  /// The scripts that are spent, each once; one that nobody told is the P2PKH script of the key that was shown.
  private static func senders(_ transaction: BitcoinTransaction, _ spent: [Coin]) -> [String] {
    var senders: [String] = []
    for (input, coin) in zip(transaction.inputs, spent) {
      let key = BitcoinScript.pushes(input.script)?.last ?? []
      let script = Hex.encode(coin.script ?? BitcoinScript.payToPublicKeyHash(Hash.hash160(key)))
      if !senders.contains(script) { senders.append(script) }
    }
    return senders
  }

  private static func describe(_ output: BitcoinTransaction.Output) -> JSONValue {
    ["value": .string(String(output.value)), "script": .string(Hex.encode(output.script))]
  }

  /// The parts of the pending transaction that the signed one does not do.
  private func mismatches(_ signed: BitcoinTransaction, _ pending: JSONValue) -> [String] {
    guard let wanted = BitcoinRequest(pending, isCash: isCash) else { return ["serializedTransaction"] }
    var wrong: [String] = []
    if signed.inputs.map(\.outpoint) != wanted.inputs.map(\.outpoint) { wrong.append("inputs") }
    if signed.inputs.map(\.sequence) != wanted.inputs.map(\.sequence) { wrong.append("sequenceNumber") }
    if signed.outputs != wanted.outputs { wrong.append("outputs") }
    if signed.lockTime != wanted.lockTime { wrong.append("nLockTime") }
    if signed.version != wanted.version { wrong.append("version") }
    return wrong
  }
}

/// What a pending transaction of a Bitcoin-like chain asks for: a JSON object, for Bitcoin Cash `<hex>:[amounts]`.
struct BitcoinRequest {
  struct Input {
    let outpoint: String
    let sequence: UInt32
    let value: UInt64?
    let script: [UInt8]?
  }

  let version: UInt32
  let lockTime: UInt32
  private(set) var inputs: [Input] = []
  private(set) var outputs: [BitcoinTransaction.Output] = []

  init?(_ pending: JSONValue, isCash: Bool) {
    guard let text = pending["serializedTransaction"]?.string else { return nil }
    if isCash { self.init(cash: text) } else { self.init(json: text) }
  }

  private init?(cash text: String) {
    let parts = text.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, let raw = Hex.decode(parts[0]), let unsigned = try? BitcoinTransaction(raw),
      let amounts = (try? JSONValue(parsing: String(parts[1])))?.array
    else { return nil }
    version = unsigned.version
    lockTime = unsigned.lockTime
    outputs = unsigned.outputs
    for (i, input) in unsigned.inputs.enumerated() {
      let amount = i < amounts.count ? amounts[i].uint64 : nil
      inputs.append(Input(outpoint: input.outpoint, sequence: input.sequence, value: amount, script: nil))
    }
  }

  private init?(json text: String) {
    guard let object = try? JSONValue(parsing: text) else { return nil }
    version = UInt32(clamping: object["version"]?.uint64 ?? 0)
    lockTime = UInt32(clamping: object["nLockTime"]?.uint64 ?? 0)
    for input in object["inputs"]?.array ?? [] {
      guard let hash = input["prevTxId"]?.string, let index = input["outputIndex"]?.uint64 else { return nil }
      inputs.append(
        Input(
          outpoint: "\(hash.lowercased()):\(index)",
          sequence: UInt32(clamping: input["sequenceNumber"]?.uint64 ?? UInt64(UInt32.max)),
          value: input["output"]?["satoshis"]?.uint64,
          script: input["output"]?["script"]?.string.flatMap { Hex.decode($0) }))
    }
    for output in object["outputs"]?.array ?? [] {
      guard let value = output["satoshis"]?.uint64,
        let script = output["script"]?.string.flatMap({ Hex.decode($0) })
      else { return nil }
      outputs.append(BitcoinTransaction.Output(value: value, script: script))
    }
  }
}
