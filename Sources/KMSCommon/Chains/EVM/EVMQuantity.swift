package import KMSPrimitives
package import KMSRecords

/// Integers as web3.js reads them from a transaction (`numberToHex`): a JSON integer, decimal text, or `0x` text.
///
/// Three readings of web3.js are left out, because the text says something else to a person: `1e3` (web3 takes it for
/// hexadecimal 0x1e3), white space around the digits, and JSON numbers above 2^53 - 1, whose digits the sender's
/// JavaScript had rounded before they were written. Fractions, exponents and negative numbers are refused as there.
package enum EVMQuantity {
  /// The largest integer that JavaScript writes exactly, 2^53 - 1 (ECMA-262, Number.MAX_SAFE_INTEGER).
  private static let maximumSafeInteger: UInt64 = 9_007_199_254_740_991

  /// Reads `json`; nil for the empty text, which web3.js takes for a value that is not there.
  ///
  /// - Throws: `malformed-transaction` naming `member`.
  package static func read(_ json: JSONValue, member: @autoclosure () -> String) throws(ChainError)
    -> UInt256?
  {
    switch json {
    case .string(let text):
      if text.isEmpty { return nil }
      guard let value = read(text) else {
        throw .malformed("\(member()) is not an integer below 2^256 in decimal or 0x text")
      }
      return value
    case .number(let number):
      guard let value = number.uint64 else {
        throw .malformed(
          "\(member()) is not an integer, is negative, or has too many digits for a JSON number")
      }
      guard value <= maximumSafeInteger else {
        throw .malformed(
          "\(member()) is a JSON number above 2^53 - 1, which JavaScript has rounded: write it as a string")
      }
      return UInt256(value)
    default:
      throw .malformed("\(member()) is \(json.kindName), not an integer")
    }
  }

  /// Reads `json` as `read` does; nil also for zero, which stands for a value that is not there (decision 1: gas limit
  /// and gas price).
  package static func readNonZero(_ json: JSONValue, member: @autoclosure () -> String) throws(ChainError)
    -> UInt256?
  {
    let value = try read(json, member: member())
    return value == .zero ? nil : value
  }

  /// Reads `json` as `read` does and takes only what fits into 64 bits.
  package static func readUInt64(_ json: JSONValue, member: @autoclosure () -> String) throws(ChainError)
    -> UInt64?
  {
    try small(read(json, member: member()), member: member())
  }

  /// Takes only what fits into 64 bits.
  ///
  /// - Throws: `malformed-transaction` naming `member`.
  package static func small(_ value: UInt256?, member: @autoclosure () -> String) throws(ChainError)
    -> UInt64?
  {
    guard let value else { return nil }
    guard let small = value.uint64 else { throw .malformed("\(member()) is above 2^64 - 1") }
    return small
  }

  /// Reads a value of an object as `read` does.
  ///
  /// - Throws: `malformed-transaction` naming `member`.
  package static func read(
    _ place: JSONPlace, in object: JSONText, member: @autoclosure () -> String
  ) throws(ChainError) -> UInt256? {
    // What nearly all are is read where it stands.
    if let value = object.withBytes(of: place, { UInt256(decimal: $0) }) ?? nil { return value }
    return try read(object.value(place), member: member())
  }

  private static func read(_ text: String) -> UInt256? {
    UInt256(quantity: text) ?? UInt256(decimal: text)
  }
}
