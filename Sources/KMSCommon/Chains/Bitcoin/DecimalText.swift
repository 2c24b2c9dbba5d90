internal import KMSPrimitives

/// Decimal fractions as text.
enum DecimalText {
  /// `text`, a JSON number that is not negative, times 10 to the power of `places`; nil when that is no integer.
  static func shifted(_ text: String, by places: Int) -> String? {
    let parts = text.lowercased().split(separator: "e", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), text.utf8.count <= 64 else { return nil }
    var exponent = places
    if parts.count == 2 {
      guard let shift = Int(parts[1]), (-64...64).contains(shift) else { return nil }
      exponent += shift
    }
    let halves = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(halves.count), !halves[0].isEmpty else { return nil }
    var digits = String(halves[0])
    if halves.count == 2 {
      digits += halves[1]
      exponent -= halves[1].utf8.count
    }
    if exponent >= 0 { return integer(digits + String(repeating: "0", count: exponent)) }
    let cut = max(0, digits.utf8.count + exponent)
    guard digits.dropFirst(cut).allSatisfy({ $0 == "0" }) else { return nil }
    return integer(cut == 0 ? "0" : String(digits.prefix(cut)))
  }

  private static func integer(_ digits: String) -> String? { UInt256(decimal: digits)?.description }
}
