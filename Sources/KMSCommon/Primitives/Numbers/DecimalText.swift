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

  /// The digits of the number × 10^`places`; nil when that is no integer, or would have more than 900 zeros added.
  public func digits(scaledBy places: Int) -> [UInt8]? {
    let shift = power + places
    if shift >= 0 { return shift <= 900 ? mantissa + [UInt8](repeating: 48, count: shift) : nil }
    guard mantissa.suffix(-shift).allSatisfy({ $0 == 48 }) else { return nil }
    let kept = mantissa.dropLast(-shift)
    return kept.isEmpty ? [48] : Array(kept)
  }

  /// `text`, a JSON number of at most 64 characters that is not negative, times 10^`places`, in decimal digits; nil when
  /// that is no integer below 2^256.
  public static func shifted(_ text: String, by places: Int) -> String? {
    guard text.utf8.count <= 64, let number = DecimalText(text, exponentDigits: 3), number.sign == nil,
      !number.whole.isEmpty
    else { return nil }
    return number.digits(scaledBy: places).flatMap { UInt256(decimal: $0) }?.description
  }
}
