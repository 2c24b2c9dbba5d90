/// Integers of up to 256 bits between the node's hexadecimal and our decimal text, digit for digit.
enum HexQuantity {
  /// The decimal text of a JSON-RPC quantity such as `0x5208`; nil when it is none or longer than 256 bits.
  ///
  /// Leading zeros and the empty quantity `0x`, which some nodes write, are read as well.
  static func decimal(_ quantity: String) -> String? {
    guard quantity.hasPrefix("0x") || quantity.hasPrefix("0X") else { return nil }
    let digits = quantity.utf8.dropFirst(2)
    guard digits.count <= 64 else { return nil }
    var limbs: [UInt64] = [0]  // little endian, base 10^9
    for digit in digits {
      guard let value = hexValue(digit) else { return nil }
      var carry = UInt64(value)
      for i in limbs.indices {
        let sum = limbs[i] * 16 + carry
        limbs[i] = sum % 1_000_000_000
        carry = sum / 1_000_000_000
      }
      if carry > 0 { limbs.append(carry) }
    }
    var text = ""
    for (i, limb) in limbs.reversed().enumerated() {
      let part = String(limb)
      text += i == 0 ? part : String(repeating: "0", count: 9 - part.count) + part
    }
    return text
  }

  /// The JSON-RPC quantity of decimal text; nil when it is none or longer than 256 bits.
  static func quantity(decimal: String) -> String? {
    guard (1...78).contains(decimal.utf8.count) else { return nil }
    var limbs: [UInt64] = [0]  // little endian, base 2^32
    for digit in decimal.utf8 {
      guard (48...57).contains(digit) else { return nil }
      var carry = UInt64(digit - 48)
      for i in limbs.indices {
        let sum = limbs[i] * 10 + carry
        limbs[i] = sum & 0xFFFF_FFFF
        carry = sum >> 32
      }
      if carry > 0 { limbs.append(carry) }
    }
    guard limbs.count <= 8 else { return nil }
    var text = "0x"
    for (i, limb) in limbs.reversed().enumerated() {
      let part = String(limb, radix: 16)
      text += i == 0 ? part : String(repeating: "0", count: 8 - part.count) + part
    }
    return text
  }

  /// The sum of two decimal texts; nil when one is none.
  static func sum(_ a: String, _ b: String) -> String? {
    guard isDecimal(a), isDecimal(b) else { return nil }
    var digits: [UInt8] = []
    var carry: UInt8 = 0
    var (left, right) = (Array(a.utf8)[...], Array(b.utf8)[...])
    while !left.isEmpty || !right.isEmpty || carry > 0 {
      let total = carry + (left.popLast().map { $0 - 48 } ?? 0) + (right.popLast().map { $0 - 48 } ?? 0)
      digits.append(48 + total % 10)
      carry = total / 10
    }
    return normalized(String(decoding: digits.reversed(), as: UTF8.self))
  }

  /// Whether decimal `a` is less than decimal `b`, both without leading zeros.
  static func isLess(_ a: String, than b: String) -> Bool {
    a.utf8.count == b.utf8.count ? a < b : a.utf8.count < b.utf8.count
  }

  /// Decimal text of at most 78 digits without leading zeros; nil when it is anything else.
  static func normalized(_ text: String) -> String? {
    guard isDecimal(text) else { return nil }
    let digits = text.drop { $0 == "0" }
    return digits.isEmpty ? "0" : String(digits)
  }

  private static func isDecimal(_ text: String) -> Bool {
    (1...78).contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) }
  }

  private static func hexValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 48...57: digit - 48
    case 65...70: digit - 55
    case 97...102: digit - 87
    default: nil
    }
  }
}
