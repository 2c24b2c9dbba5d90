internal import KMSChains
internal import KMSPrimitives
internal import KMSRecords

/// The chain facts that kms-fetch added: `{"from","chainId","nonce","gas","gasPrice"}`, read when they are used.
struct EVMContext {
  private let object: JSONText

  init(_ json: JSONValue) { self.init(JSONText(json) ?? JSONText()) }

  init(_ object: JSONText) { self.object = object }

  private enum Names {
    static let from: JSONName = "from"
    static let chainID: JSONName = "chainId"
    static let nonce: JSONName = "nonce"
    static let gas: JSONName = "gas"
    static let gasPrice: JSONName = "gasPrice"
  }

  /// The sender for whom the facts were asked.
  func from(_ form: EVMAddressForm) throws(ChainError) -> EVMAddress? {
    guard let place = object[Names.from] else { return nil }
    if let address = object.withBytes(of: place, form.readPlain) ?? nil { return address }
    guard let text = object.string(place) else {
      throw .malformed("context.from is \(place.kindName), not an address")
    }
    return try form.read(text, member: "context.from")
  }

  /// The chain id that the node reported.
  func chainID() throws(ChainError) -> UInt64? { try uint64(Names.chainID) }

  /// The sender's pending count.
  func nonce() throws(ChainError) -> UInt64? { try uint64(Names.nonce) }

  /// The gas estimate; needed, and not zero.
  func gas() throws(ChainError) -> UInt64 {
    guard let gas = try uint64(Names.gas), gas != 0 else { throw .contextMissing("gas") }
    return gas
  }

  /// The price of a unit of gas; needed, and not zero.
  func gasPrice() throws(ChainError) -> UInt256 {
    guard let place = object[Names.gasPrice],
      let price = try EVMQuantity.read(place, in: object, member: "context.gasPrice"), price != .zero
    else { throw .contextMissing("gasPrice") }
    return price
  }

  private func uint64(_ name: JSONName) throws(ChainError) -> UInt64? {
    guard let place = object[name] else { return nil }
    return try EVMQuantity.small(
      EVMQuantity.read(place, in: object, member: "context." + name.text), member: "context." + name.text)
  }
}
