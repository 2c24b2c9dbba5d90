internal import KMSCrypto
internal import KMSPrimitives
package import KMSRecords

/// The JSON that bitcore-lib writes for a transaction (`Transaction.toObject`), as Tatum sends it for BTC, LTC and
/// DOGE.
package struct BitcoreTransaction: Sendable {
  /// What is to be signed.
  let unsigned: UnsignedTransaction
  /// `fee`, when it is there.
  let statedFee: UInt64?
  /// Whether `changeScript` is there without `changeIndex`: the change was too small for an output.
  let droppedItsChange: Bool

  /// Reads `text` and checks that it agrees with itself: `hash` is the id of what the members describe,
  /// `changeIndex` points to an output that pays `changeScript`.
  ///
  /// - Throws: `ChainError` `malformed-transaction` or `content-mismatch`, naming the member.
  init(_ text: String) throws(ChainError) {
    let json = try SerializedObject(parsing: text).json

    var inputs: [BitcoinTransaction.Input] = []
    var spent: [UnsignedTransaction.SpentOutput] = []
    for (i, item) in try Self.items(json, "inputs").enumerated() {
      let (input, output) = try Self.input(Member(item, "serializedTransaction.inputs[\(i)]"))
      inputs.append(input)
      spent.append(output)
    }
    var outputs: [BitcoinTransaction.Output] = []
    for (i, item) in try Self.items(json, "outputs").enumerated() {
      let member = Member(item, "serializedTransaction.outputs[\(i)]")
      outputs.append(
        BitcoinTransaction.Output(
          value: try member.integer("satoshis", atMost: .max), script: try member.hex("script")))
    }
    let top = Member(json, "serializedTransaction")
    var transaction = BitcoinTransaction(
      version: UInt32(try top.integer("version", atMost: UInt64(Int32.max))), inputs: inputs,
      outputs: outputs,
      lockTime: UInt32(try top.integer("nLockTime", atMost: UInt64(UInt32.max))))
    try Self.check(json["hash"], of: transaction)
    // Scripts of unsigned inputs are empty; whatever was there is replaced by ours.
    for i in transaction.inputs.indices { transaction.inputs[i].script = [] }

    unsigned = UnsignedTransaction(transaction: transaction, spent: spent)
    statedFee = json["fee"] == nil ? nil : try top.integer("fee", atMost: .max)
    droppedItsChange = json["changeScript"] != nil && json["changeIndex"] == nil
    try Self.checkChange(top, outputs: outputs)
  }

  private static func items(_ json: JSONValue, _ name: String) throws(ChainError) -> [JSONValue] {
    guard let items = json[name]?.array, !items.isEmpty else {
      throw .malformed("serializedTransaction.\(name) is missing or not a list with items")
    }
    return items
  }

  private static func input(_ member: Member) throws(ChainError) -> (
    BitcoinTransaction.Input, UnsignedTransaction.SpentOutput
  ) {
    guard let id = member.json["prevTxId"]?.string,
      let outPoint = BitcoinTransaction.OutPoint(
        transactionID: id, index: UInt32(try member.integer("outputIndex", atMost: UInt64(UInt32.max))))
    else { throw .malformed("\(member.name).prevTxId is not a transaction id of 64 hex digits") }
    let sequence =
      member.json["sequenceNumber"] == nil
      ? UInt64(UInt32.max) : try member.integer("sequenceNumber", atMost: UInt64(UInt32.max))
    let script = member.json["script"] == nil ? [] : try member.hex("script")
    guard let json = member.json["output"], json.object != nil else {
      throw .malformed("\(member.name).output, the output that is spent, is missing")
    }
    let output = Member(json, "\(member.name).output")
    return (
      BitcoinTransaction.Input(outPoint: outPoint, script: script, sequence: UInt32(sequence)),
      UnsignedTransaction.SpentOutput(
        value: try output.integer("satoshis", atMost: .max), script: try output.hex("script"),
        multisig: try MultisigScript(member))
    )
  }

  private static func check(_ hash: JSONValue?, of transaction: BitcoinTransaction) throws(ChainError) {
    guard let hash else { return }
    guard let text = hash.string else { throw .malformed("serializedTransaction.hash is not a string") }
    guard text.lowercased() == transaction.id else {
      throw ChainError(
        .contentMismatch, "serializedTransaction.hash is not the id of the transaction that it describes")
    }
  }

  private static func checkChange(_ top: Member, outputs: [BitcoinTransaction.Output]) throws(ChainError) {
    if let script = top.json["changeScript"], script.string == nil {
      throw .malformed("serializedTransaction.changeScript is not a string")
    }
    guard top.json["changeIndex"] != nil else { return }
    let index = Int(try top.integer("changeIndex", atMost: UInt64(UInt32.max)))
    guard let stated = top.json["changeScript"]?.string else {
      throw .malformed("serializedTransaction.changeIndex is there without changeScript")
    }
    guard index < outputs.count,
      LockingScript(outputs[index].script).bitcoreText == stated
        || Hex.encode(outputs[index].script) == stated
    else {
      throw ChainError(
        .contentMismatch,
        "serializedTransaction.changeIndex does not point to an output that pays changeScript")
    }
  }

  /// An object of the JSON, with its place in it for messages.
  package struct Member {
    package let json: JSONValue
    package let name: String

    init(_ json: JSONValue, _ name: String) {
      self.json = json
      self.name = name
    }

    package func integer(_ member: String, atMost limit: UInt64) throws(ChainError) -> UInt64 {
      guard let value = json[member]?.uint64, value <= limit else {
        throw .malformed("\(name).\(member) is missing or not an integer from 0 to \(limit)")
      }
      return value
    }

    package func hex(_ member: String) throws(ChainError) -> [UInt8] {
      guard let bytes = json[member]?.string.flatMap({ Hex.decode($0) }) else {
        throw .malformed("\(name).\(member) is missing or not hexadecimal text")
      }
      return bytes
    }
  }
}
