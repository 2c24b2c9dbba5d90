import KMSCrypto
import KMSPrimitives
import KMSRecords

/// Unsigned integers of any length as big-endian bytes without leading zeros; zero is no byte.
enum Quantity {
  static func minimalBytes(_ value: UInt64) -> [UInt8] {
    Array((0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) }.drop { $0 == 0 })
  }

  /// The decimal digits.
  static func decimal(_ bytes: some Sequence<UInt8>) -> String {
    var digits: [UInt8] = [0]  // lowest first
    for byte in bytes {
      var carry = Int(byte)
      for i in digits.indices {
        carry += Int(digits[i]) << 8
        digits[i] = UInt8(carry % 10)
        carry /= 10
      }
      while carry > 0 {
        digits.append(UInt8(carry % 10))
        carry /= 10
      }
    }
    return String(decoding: digits.reversed().map { $0 + 48 }, as: UTF8.self)
  }

  /// The integer that a JSON value states: a number, decimal text, or text with 0x; nil for anything else.
  static func bytes(_ json: JSONValue) -> [UInt8]? {
    let text = json.string ?? json.number?.digits ?? ""
    if text.hasPrefix("0x") || text.hasPrefix("0X") {
      let digits = text.dropFirst(2)
      guard digits.utf8.count <= 128 else { return nil }
      return Hex.decode(digits.count % 2 == 0 ? String(digits) : "0" + digits).map {
        Array($0.drop { $0 == 0 })
      }
    }
    guard !text.isEmpty, text.utf8.count <= 100, text.utf8.allSatisfy({ (48...57).contains($0) }) else {
      return nil
    }
    var bytes: [UInt8] = []  // lowest first
    for digit in text.utf8 {
      var carry = Int(digit) - 48
      for i in bytes.indices {
        carry += Int(bytes[i]) * 10
        bytes[i] = UInt8(carry & 255)
        carry >>= 8
      }
      if carry > 0 { bytes.append(UInt8(carry)) }
    }
    return bytes.reversed()
  }

  /// 0x and the shortest hexadecimal digits, as JSON-RPC writes quantities.
  static func hex(_ value: some BinaryInteger) -> String { "0x" + String(value, radix: 16) }

  /// The value as UInt128; nil when it is larger.
  static func uint128(_ bytes: [UInt8]) -> UInt128? {
    bytes.count <= 16 ? bytes.reduce(0) { $0 << 8 | UInt128($1) } : nil
  }

  /// Orders two integers without leading zeros.
  static func isLess(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    a.count != b.count ? a.count < b.count : a.lexicographicallyPrecedes(b)
  }
}

/// The group order n of secp256k1 (SEC 2 section 2.4.1).
enum Secp256k1Order {
  /// n / 2, rounded down: the largest s that the chains accept.
  static let half = Hex.decode("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0") ?? []
}
