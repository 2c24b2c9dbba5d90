/// Whole numbers as JSON may spell them: `1`, `1.0`, `10e-1`, `0.1e1` are one number (decision 25).
enum WholeNumber {
  /// More than any spelling of an index has; bounds the work on text from outside.
  private static let longestText = 64

  /// Reads the text of a JSON number; nil when it is negative, no whole number, or 2^64 and more.
  static func read(_ text: String) -> UInt64? {
    guard text.utf8.count <= longestText else { return nil }
    if text.utf8.allSatisfy({ (48...57).contains($0) }) { return UInt64(text) }
    var rest = Array(text.utf8)[...]
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative { rest.removeFirst() }
    var digits = Array(take(&rest))
    var exponent = 0
    if rest.first == UInt8(ascii: ".") {
      rest.removeFirst()
      let fraction = take(&rest)
      digits += fraction
      exponent = -fraction.count
    }
    if let letter = rest.first {
      guard letter | 32 == UInt8(ascii: "e"),
        let shift = Int(String(decoding: rest.dropFirst(), as: UTF8.self)),
        abs(shift) <= 100
      else { return nil }
      exponent += shift
    }
    while exponent < 0, digits.last == UInt8(ascii: "0") {
      digits.removeLast()
      exponent += 1
    }
    let isZero = digits.allSatisfy { $0 == UInt8(ascii: "0") }
    if isZero { return 0 }
    guard exponent >= 0, !isNegative else { return nil }
    digits += [UInt8](repeating: UInt8(ascii: "0"), count: exponent)
    return UInt64(String(decoding: digits.drop { $0 == UInt8(ascii: "0") }, as: UTF8.self))
  }

  private static func take(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let digits = rest.prefix { (48...57).contains($0) }
    rest = rest.dropFirst(digits.count)
    return digits
  }
}
