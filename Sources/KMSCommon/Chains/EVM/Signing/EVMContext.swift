internal import KMSChains
internal import KMSPrimitives
internal import KMSRecords

/// The chain facts that kms-fetch added: `{"from","chainId","nonce","gas","gasPrice"}`, read when they are used.
struct EVMContext {
  private let json: JSONValue

  init(_ json: JSONValue) { self.json = json }

  /// The sender for whom the facts were asked.
  func from(_ form: EVMAddressForm) throws(ChainError) -> EVMAddress? {
    guard let value = json["from"] else { return nil }
    guard let text = value.string else {
      throw .malformed("context.from is \(value.kindName), not an address")
    }
    return try form.read(text, member: "context.from")
  }

  /// The chain id that the node reported.
  func chainID() throws(ChainError) -> UInt64? { try uint64("chainId") }

  /// The sender's pending count.
  func nonce() throws(ChainError) -> UInt64? { try uint64("nonce") }

  /// The gas estimate; needed, and not zero.
  func gas() throws(ChainError) -> UInt64 {
    guard let gas = try uint64("gas"), gas != 0 else { throw .contextMissing("gas") }
    return gas
  }

  /// The price of a unit of gas; needed, and not zero.
  func gasPrice() throws(ChainError) -> UInt256 {
    guard let value = json["gasPrice"],
      let price = try EVMQuantity.readNonZero(value, member: "context.gasPrice")
    else { throw .contextMissing("gasPrice") }
    return price
  }

  private func uint64(_ member: String) throws(ChainError) -> UInt64? {
    guard let value = json[member] else { return nil }
    return try EVMQuantity.readUInt64(value, member: "context." + member)
  }
}
