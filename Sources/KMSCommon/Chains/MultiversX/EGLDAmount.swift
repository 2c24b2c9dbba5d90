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
    // The forms of amounts that the API takes, with the exponents of JavaScript; three digits reach far beyond all amounts.
    guard text.utf8.count <= longestText, let number = DecimalText(text, exponentDigits: 3) else {
      throw .malformed("\(member) is not a decimal amount in EGLD, such as 0.05")
    }
    guard number.sign != UInt8(ascii: "-") || number.isZero else { throw .malformed("\(member) is negative") }
    guard let digits = number.digits(scaledBy: decimals) else {
      throw .malformed("\(member) is finer than 10^-18 EGLD, or too large")
    }
    guard let amount = UInt256(decimal: digits) else { throw .malformed("\(member) is too large") }
    return amount
  }
}
