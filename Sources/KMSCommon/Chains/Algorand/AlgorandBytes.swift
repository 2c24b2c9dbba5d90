internal import KMSRecords

/// Bytes in the JSON of an algosdk transaction.
enum AlgorandBytes {
  /// Reads bytes in one of the forms that `JSON.stringify` gives them: a typed array as an object with the index keys
  /// `"0"`, `"1"` and so on, a Buffer as `{"type":"Buffer","data":[…]}`, or an array of numbers.
  ///
  /// - Throws: `malformed-transaction` naming `member`; index keys must be complete and in order.
  static func read(_ json: JSONValue, member: String) throws(ChainError) -> [UInt8] {
    if let items = json.array { return try bytes(items, member) }
    guard let object = json.object else {
      throw .malformed("\(member) is \(json.kindName), not bytes")
    }
    if object["type"] == "Buffer" {
      guard object.members.count == 2, let items = object["data"]?.array else {
        throw .malformed("\(member) is a Buffer without data")
      }
      return try bytes(items, member)
    }
    var items: [JSONValue] = []
    items.reserveCapacity(object.members.count)
    for item in object.members {
      guard item.name == String(items.count) else {
        throw .malformed("\(member) has no byte \(items.count), or its bytes are not in order")
      }
      items.append(item.value)
    }
    return try bytes(items, member)
  }

  private static func bytes(_ items: [JSONValue], _ member: String) throws(ChainError) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(items.count)
    for item in items {
      guard let value = item.number?.uint64, let byte = UInt8(exactly: value) else {
        throw .malformed("\(member) has an item that is not an integer from 0 to 255")
      }
      bytes.append(byte)
    }
    return bytes
  }
}
