/// A decimal number as text has it, in parts and exact: digits, a point, an exponent.
///
/// Which forms are allowed is for each format to say; this splits all of them.
public struct DecimalText: Hashable, Sendable {
  /// The sign that stands in front: `-`, `+`, or nil.
  public let sign: UInt8?
  /// ASCII digits in front of the point, as they stand.
  public let whole: ArraySlice<UInt8>
  /// ASCII digits behind the point; nil where there is no point.
  public let fraction: ArraySlice<UInt8>?
  /// What follows `e` or `E`; nil where there is none.
  public let exponent: Int?

  /// The digits without the point, as a whole number to be multiplied by 10^`power`.
  public var mantissa: [UInt8] { Array(whole + (fraction ?? [])) }

  /// See `mantissa`.
  public var power: Int { (exponent ?? 0) - (fraction?.count ?? 0) }

  /// Whether all digits are 0.
  public var isZero: Bool { whole.allSatisfy { $0 == 48 } && (fraction ?? []).allSatisfy { $0 == 48 } }

  /// Reads `[±][digits][.[digits]][e[±]digits]` with at least one digit in front of `e`, and 1 to `exponentDigits` digits
  /// behind it; nil for anything else.
  public init?(_ text: String, exponentDigits: Int) {
    var rest = Array(text.utf8)[...]
    func take(_ isTaken: (UInt8) -> Bool) -> ArraySlice<UInt8> {
      let taken = rest.prefix(while: isTaken)
      rest = rest.dropFirst(taken.count)
      return taken
    }
    func takeSign() -> UInt8? {
      rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") ? rest.popFirst() : nil
    }
    sign = takeSign()
    whole = take(ASCII.isDigit)
    if rest.first == UInt8(ascii: ".") {
      rest.removeFirst()
      fraction = take(ASCII.isDigit)
    } else {
      fraction = nil
    }
    guard !whole.isEmpty || fraction?.isEmpty == false else { return nil }
    guard let letter = rest.popFirst() else {
      exponent = nil
      return
    }
    guard letter | 32 == UInt8(ascii: "e") else { return nil }
    let exponentSign = takeSign()
    guard (1...exponentDigits).contains(rest.count), rest.allSatisfy(ASCII.isDigit) else { return nil }
    let value = rest.reduce(0) { $0 * 10 + Int($1 - 48) }
    exponent = exponentSign == UInt8(ascii: "-") ? -value : value
  }
}
