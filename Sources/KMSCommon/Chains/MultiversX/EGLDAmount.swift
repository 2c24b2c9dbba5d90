internal import KMSPrimitives
internal import KMSRecords

/// Amounts in whole EGLD, exact to the 18th decimal, as bignumber.js of the original reads them.
enum EGLDAmount {
  /// 1 EGLD is 10^18 of the units that transactions carry.
  private static let decimals = 18
  /// More than any amount has; bounds the work on text from outside.
  private static let longestText = 100

  /// Reads text or a JSON number such as `0.05`, `"1"` or `1e-7` (as JavaScript writes small numbers).
  ///
  /// A negative amount is refused: the original signed it as 0, which is not what was shown.
  /// - Returns: the amount in units of 10^-18 EGLD.
  /// - Throws: `malformed-transaction` naming `member` for anything else, for an amount with more than 18 decimals,
  ///   and for one of 2^256 units or more.
  static func read(_ json: JSONValue, member: String) throws(ChainError) -> UInt256 {
    let text: String
    switch json {
    case .string(let string): text = string
    case .number(let number): text = number.digits
    default: throw .malformed("\(member) is \(json.kindName), not an amount in EGLD")
    }
    guard text.utf8.count <= longestText, let number = Decimal(Array(text.utf8)) else {
      throw .malformed("\(member) is not a decimal amount in EGLD, such as 0.05")
    }
    guard !number.isNegative || number.isZero else { throw .malformed("\(member) is negative") }
    guard let digits = number.digits(scaledBy: decimals) else {
      throw .malformed("\(member) is finer than 10^-18 EGLD, or too large")
    }
    guard let amount = UInt256(decimal: digits) else { throw .malformed("\(member) is too large") }
    return amount
  }

  /// A decimal number in parts: `mantissa` × 10^`exponent`.
  private struct Decimal {
    var isNegative = false
    var isZero: Bool { mantissa.allSatisfy { $0 == 48 } }
    /// ASCII digits.
    var mantissa: [UInt8] = []
    var exponent = 0

    /// Reads `[±]digits[.[digits]][e[±]digits]` or `[±].digits[e[±]digits]`; nil for anything else. These are the forms
    /// of amounts that Tatum's API takes, with the exponents of JavaScript.
    init?(_ text: [UInt8]) {
      var rest = text[...]
      if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
        isNegative = sign == UInt8(ascii: "-")
        rest = rest.dropFirst()
      }
      let whole = rest.prefix { (48...57).contains($0) }
      rest = rest.dropFirst(whole.count)
      var fraction = rest.prefix(0)
      if rest.first == UInt8(ascii: ".") {
        fraction = rest.dropFirst().prefix { (48...57).contains($0) }
        rest = rest.dropFirst(fraction.count + 1)
      }
      guard !whole.isEmpty || !fraction.isEmpty else { return nil }
      if let letter = rest.first {
        guard letter | 32 == UInt8(ascii: "e") else { return nil }
        rest = rest.dropFirst()
        let sign = rest.first
        if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { rest = rest.dropFirst() }
        // Three digits reach far beyond every amount.
        guard (1...3).contains(rest.count), rest.allSatisfy({ (48...57).contains($0) }) else { return nil }
        let value = rest.reduce(0) { $0 * 10 + Int($1) - 48 }
        exponent = sign == UInt8(ascii: "-") ? -value : value
      }
      mantissa = Array(whole + fraction)
      exponent -= fraction.count
    }

    /// The digits of the number × 10^`scale`; nil when that is no integer or has more than 1000 digits.
    func digits(scaledBy scale: Int) -> [UInt8]? {
      let shift = exponent + scale
      if shift >= 0 { return shift <= 900 ? mantissa + [UInt8](repeating: 48, count: shift) : nil }
      guard mantissa.suffix(-shift).allSatisfy({ $0 == 48 }) else { return nil }
      let kept = mantissa.dropLast(-shift)
      return kept.isEmpty ? [48] : Array(kept)
    }
  }
}
