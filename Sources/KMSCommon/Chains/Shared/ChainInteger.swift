package import KMSRecords

/// Integers of up to 64 bits as JavaScript writes them: a JSON integer, or decimal text.
package enum ChainInteger {
  /// The largest integer that JavaScript writes exactly, 2^53 - 1 (ECMA-262, Number.MAX_SAFE_INTEGER).
  private static let maximumSafeInteger: UInt64 = 9_007_199_254_740_991

  /// Reads a price or a limit, of which 0 in any spelling (`0`, `"0"`, `"0x0"`, `""`) is nil: missing (decision 1).
  ///
  /// - Throws: as `read`.
  package static func readNonZero(_ json: JSONValue, member: @autoclosure () -> String) throws(ChainError)
    -> UInt64?
  {
    if let text = json.string, ["", "0x", "0x0"].contains(text.lowercased()) { return nil }
    let value = try read(json, member: member())
    return value == 0 ? nil : value
  }

  /// Reads `json`.
  ///
  /// - Throws: `malformed-transaction` naming `member` for fractions, exponents, negative numbers, integers from 2^64
  ///   on, and JSON numbers above 2^53 - 1, which the sender's JavaScript had rounded before they were written.
  package static func read(_ json: JSONValue, member: @autoclosure () -> String) throws(ChainError) -> UInt64
  {
    switch json {
    case .string(let text):
      guard text.utf8.allSatisfy({ (48...57).contains($0) }), let value = UInt64(text) else { break }
      return value
    case .number(let number):
      guard let value = number.uint64 else { break }
      guard value <= maximumSafeInteger else {
        throw .malformed(
          "\(member()) is a JSON number above 2^53 - 1, which JavaScript has rounded: write it as a string")
      }
      return value
    default: break
    }
    throw .malformed("\(member()) is not an integer from 0 to 2^64 - 1")
  }
}
