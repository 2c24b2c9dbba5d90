package import KMSPrimitives
internal import KMSRecords

/// What `serializedTransaction` of EGLD says: `{"from","to","value","data",…}`, read once, before anything from the
/// network is added.
///
/// Null and absent members are the same. Every member is known or refused: one that is not understood could change the
/// meaning of the rest.
package struct PendingMultiversXTransaction: Hashable, Sendable {
  /// The sender, when it is named (the SDK writes the place holder 0).
  package private(set) var from: MultiversXAddress?
  /// The receiver.
  package let to: MultiversXAddress
  /// The amount in units of 10^-18 EGLD.
  package let value: UInt256
  /// The call or the message, UTF-8; tokens (ESDT) are moved by it.
  package private(set) var data: [UInt8] = []
  /// The nonce, when it is given; 0 is one.
  package private(set) var nonce: UInt64?
  /// The price of a unit of gas; 0 counts as missing.
  package private(set) var gasPrice: UInt64?
  /// The gas limit; 0 counts as missing.
  package private(set) var gasLimit: UInt64?
  /// The chain id, when it is given.
  package private(set) var chainID: String?
  /// The transaction's version, when it is given.
  package private(set) var version: UInt32?
  /// The option bits; see `MultiversXTransaction.options`.
  package private(set) var options: UInt32 = 0

  /// Reads `text`.
  ///
  /// - Throws: `malformed-transaction` naming the member.
  init(parsing text: String) throws(ChainError) {
    let object = try SerializedObject(parsing: text)
    guard let receiver = object["to"] else { throw .malformed("serializedTransaction.to is missing") }
    to = try Self.address(receiver, "to")
    // Without a value the original computes with "not a number" and fails (F12).
    guard let amount = object["value"] else {
      throw .malformed("serializedTransaction.value is missing; write 0 when nothing is to be paid")
    }
    value = try EGLDAmount.read(amount, member: "serializedTransaction.value")
    for member in object.members {
      switch member.name {
      case "to", "value": break
      case "from": from = try Self.sender(member.value)
      case "data": data = try Self.text(member)
      case "nonce": nonce = try Self.integer(member)
      case "gasPrice": gasPrice = try Self.nonZero(member)
      case "gasLimit", "gas": try readGasLimit(member)
      case "chainID", "chainId": try readChainID(member)
      case "version": version = try Self.small(member)
      case "options": options = try Self.small(member)
      default: throw object.unknown(member.name)
      }
    }
  }

  private mutating func readGasLimit(_ member: JSONObject.Member) throws(ChainError) {
    guard let limit = try Self.nonZero(member) else { return }
    if let gasLimit, gasLimit != limit {
      throw .malformed("serializedTransaction.gas and serializedTransaction.gasLimit differ")
    }
    gasLimit = limit
  }

  private mutating func readChainID(_ member: JSONObject.Member) throws(ChainError) {
    guard let text = member.value.string, chainID == nil || chainID == text else {
      throw .malformed("serializedTransaction.\(member.name) is not the text of one chain id")
    }
    chainID = text
  }

  private static func address(_ json: JSONValue, _ member: String) throws(ChainError) -> MultiversXAddress {
    guard let text = json.string else {
      throw .malformed("serializedTransaction.\(member) is \(json.kindName), not an address")
    }
    return try MultiversXAddress(text, member: "serializedTransaction.\(member)")
  }

  /// The place holder is the number 0.
  private static func sender(_ json: JSONValue) throws(ChainError) -> MultiversXAddress? {
    json.number?.digits == "0" || json.string == "" ? nil : try address(json, "from")
  }

  private static func text(_ member: JSONObject.Member) throws(ChainError) -> [UInt8] {
    guard let text = member.value.string else {
      throw .malformed("serializedTransaction.\(member.name) is \(member.value.kindName), not text")
    }
    return Array(text.utf8)
  }

  private static func integer(_ member: JSONObject.Member) throws(ChainError) -> UInt64? {
    if member.value.string == "" { return nil }
    return try ChainInteger.read(member.value, member: "serializedTransaction.\(member.name)")
  }

  private static func nonZero(_ member: JSONObject.Member) throws(ChainError) -> UInt64? {
    try ChainInteger.readNonZero(member.value, member: "serializedTransaction.\(member.name)")
  }

  private static func small(_ member: JSONObject.Member) throws(ChainError) -> UInt32 {
    let value = try ChainInteger.read(member.value, member: "serializedTransaction.\(member.name)")
    guard let small = UInt32(exactly: value) else {
      throw .malformed("serializedTransaction.\(member.name) is above 2^32 - 1")
    }
    return small
  }
}
