internal import KMSChains
internal import KMSPrimitives
internal import KMSRecords

/// The chain facts that kms-fetch added: `{"from","nonce","gasPrice","gasLimit","chainId","version"}`, read when they are
/// used.
struct MultiversXContext {
  private let json: JSONValue

  init(_ json: JSONValue) { self.json = json }

  /// The sender for whom the facts were asked.
  func from() throws(ChainError) -> MultiversXAddress? {
    guard let value = json["from"] else { return nil }
    guard let text = value.string else {
      throw .malformed("context.from is \(value.kindName), not an address")
    }
    return try MultiversXAddress(text, member: "context.from")
  }

  /// The account's nonce in the network.
  func nonce() throws(ChainError) -> UInt64? {
    guard let value = json["nonce"] else { return nil }
    return try ChainInteger.read(value, member: "context.nonce")
  }

  /// The price of a unit of gas; needed, and not zero.
  func gasPrice() throws(ChainError) -> UInt64 { try nonZero("gasPrice") }

  /// The gas estimate; needed, and not zero.
  func gasLimit() throws(ChainError) -> UInt64 { try nonZero("gasLimit") }

  /// The chain id that the node reported.
  func chainID() throws(ChainError) -> String? {
    guard let value = json["chainId"] else { return nil }
    guard let text = value.string else {
      throw .malformed("context.chainId is \(value.kindName), not text")
    }
    return text
  }

  /// The lowest version of transactions that the network takes; needed.
  func version() throws(ChainError) -> UInt32 {
    guard let version = UInt32(exactly: try nonZero("version")) else {
      throw .malformed("context.version is above 2^32 - 1")
    }
    return version
  }

  private func nonZero(_ member: String) throws(ChainError) -> UInt64 {
    guard let value = json[member] else { throw .contextMissing(member) }
    guard let number = try ChainInteger.readNonZero(value, member: "context." + member) else {
      throw .contextMissing(member)
    }
    return number
  }
}
