/// Bech32 (BIP-173) and Bech32m (BIP-350) text: a prefix, the digit `1`, 5-bit data and a checksum of six digits.
public enum Bech32 {
  /// Which constant the checksum has.
  public enum Variant: Sendable {
    /// BIP-173.
    case bech32
    /// BIP-350.
    case bech32m

    fileprivate var constant: UInt32 {
      switch self {
      case .bech32: 1
      case .bech32m: 0x2bc8_30a3
      }
    }
  }

  static let digits = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)

  /// Returns the lower-case text of `data`; nil when one of its values is above 31. No limit on the length.
  public static func encode(hrp: String, data: [UInt8], variant: Variant) -> String? {
    guard data.allSatisfy({ $0 < 32 }) else { return nil }
    let prefix = Array(hrp.lowercased().utf8)
    var checksum = polymod(data, after: polymod(prefix: prefix))
    for _ in 0..<6 { checksum = step(checksum, 0) }
    checksum ^= variant.constant
    let digits = digits
    var text = prefix
    text.reserveCapacity(prefix.count + data.count + 7)
    text.append(UInt8(ascii: "1"))
    for value in data { text.append(digits[Int(value)]) }
    for i in (0..<6).reversed() { text.append(digits[Int(checksum >> (5 * UInt32(i)) & 31)]) }
    return String(decoding: text, as: UTF8.self)
  }

  /// Returns prefix (in lower case), 5-bit data without checksum, and variant of `text`.
  ///
  /// Nil when it is longer than `maximumLength` characters (90 in the BIPs; others are longer), mixes upper and
  /// lower case, has a character outside the alphabet, an empty prefix, or neither checksum.
  public static func decode(
    _ text: String, maximumLength: Int = 90
  ) -> (hrp: String, data: [UInt8], variant: Variant)? {
    var characters = Array(text.utf8)
    guard characters.count <= maximumLength, let lowered = lowercased(characters) else { return nil }
    characters = lowered
    guard let separator = characters.lastIndex(of: UInt8(ascii: "1")), separator >= 1,
      characters.count - separator > 6
    else { return nil }
    let prefix = Array(characters[..<separator])
    guard prefix.allSatisfy({ (33...126).contains($0) }),
      let data = values(of: characters[(separator + 1)...])
    else { return nil }
    let remainder = polymod(data, after: polymod(prefix: prefix))
    let variant: Variant
    switch remainder {
    case Variant.bech32.constant: variant = .bech32
    case Variant.bech32m.constant: variant = .bech32m
    default: return nil
    }
    return (String(decoding: prefix, as: UTF8.self), Array(data.dropLast(6)), variant)
  }

  /// Regroups bits: values of `from` bits become values of `to` bits, both 1 to 8, most significant bit first.
  ///
  /// With `pad`, zero bits fill the last value; without, nil is returned when bits are left over that are not zero or
  /// are `from` or more. Nil also when a value has more than `from` bits.
  public static func convertBits(_ data: [UInt8], from: Int, to: Int, pad: Bool) -> [UInt8]? {
    guard (1...8).contains(from), (1...8).contains(to) else { return nil }
    var bits: UInt32 = 0
    var bitCount = 0
    var out: [UInt8] = []
    out.reserveCapacity(data.count * from / to + 1)
    let mask: UInt32 = 1 << UInt32(to) - 1
    for value in data {
      guard UInt32(value) >> UInt32(from) == 0 else { return nil }
      bits = (bits << UInt32(from) | UInt32(value)) & 0xffff
      bitCount += from
      while bitCount >= to {
        bitCount -= to
        out.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount) & mask))
      }
    }
    let rest = bits & (1 << UInt32(bitCount) - 1)
    if pad {
      if bitCount > 0 { out.append(UInt8(truncatingIfNeeded: rest << UInt32(to - bitCount) & mask)) }
    } else if bitCount >= from || rest != 0 {
      return nil
    }
    return out
  }

  /// Returns Bech32 text of 8-bit `bytes` without a version: `erd`, `bnb`, `one`, `addr` addresses.
  public static func encodeBytes(hrp: String, bytes: [UInt8]) -> String {
    // Regrouping bytes with padding can't fail.
    encode(hrp: hrp, data: convertBits(bytes, from: 8, to: 5, pad: true) ?? [], variant: .bech32) ?? ""
  }

  /// Returns the bytes of such text; nil when it is not Bech32 or has another prefix.
  public static func decodeBytes(_ text: String, hrp: String, maximumLength: Int = 90) -> [UInt8]? {
    guard let decoded = decode(text, maximumLength: maximumLength), decoded.hrp == hrp.lowercased(),
      decoded.variant == .bech32
    else { return nil }
    return convertBits(decoded.data, from: 5, to: 8, pad: false)
  }

  /// The lower-case form of ASCII `text`; nil when it has letters of both cases.
  static func lowercased(_ text: [UInt8]) -> [UInt8]? {
    let hasUpper = text.contains { (65...90).contains($0) }
    let hasLower = text.contains { (97...122).contains($0) }
    guard !(hasUpper && hasLower) else { return nil }
    return hasUpper ? text.map { (65...90).contains($0) ? $0 | 32 : $0 } : text
  }

  /// The values of lower-case digits; nil when one is none.
  static func values(of characters: some Collection<UInt8>) -> [UInt8]? {
    var values: [UInt8] = []
    values.reserveCapacity(characters.count)
    for character in characters {
      guard character < 128, case let value = digitValues[Int(character)], value < 32 else { return nil }
      values.append(value)
    }
    return values
  }

  private static let digitValues: [UInt8] = {
    var values = [UInt8](repeating: 255, count: 128)
    for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
    return values
  }()

  /// The checksum of BIP-173 over a prefix: the high bits of its characters, a zero, and the low bits.
  private static func polymod(prefix: [UInt8]) -> UInt32 {
    var checksum: UInt32 = 1
    for character in prefix { checksum = step(checksum, character >> 5) }
    checksum = step(checksum, 0)
    for character in prefix { checksum = step(checksum, character & 31) }
    return checksum
  }

  /// The checksum of BIP-173 over values that follow others.
  private static func polymod(_ values: [UInt8], after first: UInt32) -> UInt32 {
    var checksum = first
    for value in values { checksum = step(checksum, value) }
    return checksum
  }

  @inline(__always) private static func step(_ checksum: UInt32, _ value: UInt8) -> UInt32 {
    let top = checksum >> 25
    var next = (checksum & 0x1ff_ffff) << 5 ^ UInt32(value)
    // Without a branch: what is added is all ones or zero times each constant.
    next ^= (0 &- (top & 1)) & 0x3b6a_57b2
    next ^= (0 &- (top >> 1 & 1)) & 0x2650_8e6d
    next ^= (0 &- (top >> 2 & 1)) & 0x1ea1_19fa
    next ^= (0 &- (top >> 3 & 1)) & 0x3d42_33dd
    next ^= (0 &- (top >> 4 & 1)) & 0x2a14_62b3
    return next
  }
}
