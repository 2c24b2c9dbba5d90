/// Base58 text of bytes (draft-msporny-base58): leading zero bytes become leading zero digits.
///
/// Both directions take quadratic time, hence a limit on text that comes from outside. They are not constant-time.
public enum Base58 {
  /// The order of the 58 digits.
  public enum Alphabet: Sendable {
    /// The draft's, starting with `1`: nearly everybody's.
    case bitcoin
    /// The one that starts with `r`.
    case ripple

    fileprivate var digits: [UInt8] {
      switch self {
      case .bitcoin: Self.bitcoinDigits
      case .ripple: Self.rippleDigits
      }
    }
    private static let bitcoinDigits = Array(
      "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8)
    private static let rippleDigits = Array("rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz".utf8)

    /// The value of each ASCII character, 255 where it is no digit.
    fileprivate var values: [UInt8] {
      switch self {
      case .bitcoin: Self.bitcoinValues
      case .ripple: Self.rippleValues
      }
    }
    private static let bitcoinValues = Base58.values(of: bitcoinDigits)
    private static let rippleValues = Base58.values(of: rippleDigits)
  }

  /// Longest text that `decode` reads, in characters.
  public static let longestText = 1024

  /// Returns the Base58 text of `bytes`.
  ///
  /// Not for secrets, which it copies.
  ///
  /// - Complexity: O(n²).
  public static func encode(_ bytes: [UInt8], alphabet: Alphabet = .bitcoin) -> String {
    // Four bytes and five digits at a time, lowest digits first: a twentieth of the divisions.
    let fiveDigits: UInt64 = 58 * 58 * 58 * 58 * 58
    let zeros = bytes.prefix { $0 == 0 }.count
    var limbs: [UInt32] = []
    limbs.reserveCapacity(bytes.count / 3 + 2)
    var at = zeros
    while at < bytes.count {
      let count = (bytes.count - at - 1) % 4 + 1
      var carry: UInt64 = 0
      for i in at..<at + count { carry = carry << 8 | UInt64(bytes[i]) }
      for i in limbs.indices {
        carry += UInt64(limbs[i]) << UInt64(8 * count)
        limbs[i] = UInt32(truncatingIfNeeded: carry % fiveDigits)
        carry /= fiveDigits
      }
      while carry > 0 {
        limbs.append(UInt32(truncatingIfNeeded: carry % fiveDigits))
        carry /= fiveDigits
      }
      at += count
    }
    var text: [UInt8] = []
    text.reserveCapacity(5 * limbs.count + zeros)
    let digits = alphabet.digits
    for limb in limbs {
      var rest = limb
      for _ in 0..<5 {
        text.append(digits[Int(rest % 58)])
        rest /= 58
      }
    }
    while text.last == digits[0] { text.removeLast() }
    for _ in 0..<zeros { text.append(digits[0]) }
    return String(decoding: text.reversed(), as: UTF8.self)
  }

  /// Returns the bytes of Base58 `text`; nil when a character is no digit or there are more than `longestText`.
  public static func decode(_ text: String, alphabet: Alphabet = .bitcoin) -> [UInt8]? {
    let characters = Array(text.utf8)
    guard characters.count <= longestText else { return nil }
    var bytes = [UInt8](repeating: 0, count: characters.count)
    var out = bytes.mutableSpan
    guard let count = decode(characters.span, alphabet, into: &out) else { return nil }
    bytes.removeLast(bytes.count - count)
    return bytes
  }

  /// log(256) / log(58) is below 1.38.
  package static func encodedBound(_ count: Int) -> Int { count * 138 / 100 + 1 }

  /// Writes digits into `out` (of `encodedBound` bytes) and returns how many.
  package static func encode(
    _ bytes: Span<UInt8>, _ alphabet: Alphabet, into out: inout MutableSpan<UInt8>
  ) -> Int {
    let digits = alphabet.digits
    var zeros = 0
    while zeros < bytes.count, bytes[zeros] == 0 { zeros += 1 }
    // Digits are collected with the lowest first, then turned around.
    var length = 0
    for index in zeros..<bytes.count {
      var carry = UInt32(bytes[index])
      for i in 0..<length {
        carry += UInt32(out[i]) << 8
        out[i] = UInt8(truncatingIfNeeded: carry % 58)
        carry /= 58
      }
      while carry > 0 {
        out[length] = UInt8(truncatingIfNeeded: carry % 58)
        carry /= 58
        length += 1
      }
    }
    for i in 0..<zeros { out[length + i] = 0 }
    length += zeros
    out.reverse(first: length)
    for i in 0..<length { out[i] = digits[Int(out[i])] }
    return length
  }

  /// Writes bytes into `out` (at least as long as `text`) and returns how many; nil when a character is no digit.
  package static func decode(
    _ text: Span<UInt8>, _ alphabet: Alphabet, into out: inout MutableSpan<UInt8>
  ) -> Int? {
    let values = alphabet.values
    let zeroDigit = alphabet.digits[0]
    var zeros = 0
    while zeros < text.count, text[zeros] == zeroDigit { zeros += 1 }
    var length = 0
    for index in zeros..<text.count {
      var carry = UInt32(values[Int(text[index])])
      guard carry < 58 else { return nil }
      for i in 0..<length {
        carry += UInt32(out[i]) * 58
        out[i] = UInt8(truncatingIfNeeded: carry)
        carry >>= 8
      }
      while carry > 0 {
        out[length] = UInt8(truncatingIfNeeded: carry)
        carry >>= 8
        length += 1
      }
    }
    for i in 0..<zeros { out[length + i] = 0 }
    length += zeros
    out.reverse(first: length)
    return length
  }

  private static func values(of digits: [UInt8]) -> [UInt8] {
    var values = [UInt8](repeating: 255, count: 256)
    for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
    return values
  }
}
