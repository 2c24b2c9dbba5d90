/// An exact unsigned integer of 256 bits: amounts, prices and fees of account chains.
///
/// No operator traps: arithmetic reports overflow as nil, and text that is not a number below 2^256 gives nil.
public struct UInt256: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The 64-bit words, least significant first.
  public private(set) var words: (UInt64, UInt64, UInt64, UInt64)

  /// The number 0.
  public static let zero = UInt256(0)

  /// A small number.
  public init(_ value: UInt64) { words = (value, 0, 0, 0) }

  private init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

  // MARK: Text

  /// Reads ASCII decimal digits, leading zeros allowed; nil when there are none, on any other character, and from
  /// 2^256 on.
  public init?(decimal digits: some Sequence<UInt8>) {
    var result = UInt256(0)
    // Up to 19 digits fit into a word: one multiplication of the whole number for each such group.
    var group: UInt64 = 0
    var scale: UInt64 = 1
    var isEmpty = true
    for character in digits {
      guard (48...57).contains(character) else { return nil }
      isEmpty = false
      group = group &* 10 &+ UInt64(character &- 48)
      scale = scale &* 10
      if scale == Self.groupScale {
        guard result.multiplyAdd(scale, group) else { return nil }
        group = 0
        scale = 1
      }
    }
    guard !isEmpty, scale == 1 || result.multiplyAdd(scale, group) else { return nil }
    self = result
  }

  /// Reads ASCII decimal digits; nil as for `init(decimal:)` of a sequence.
  package init?(decimal digits: Span<UInt8>) {
    var result = UInt256(0)
    var group: UInt64 = 0
    var scale: UInt64 = 1
    guard !digits.isEmpty else { return nil }
    for i in digits.indices {
      guard ASCII.isDigit(digits[i]) else { return nil }
      group = group &* 10 &+ UInt64(digits[i] &- 48)
      scale = scale &* 10
      if scale == Self.groupScale {
        guard result.multiplyAdd(scale, group) else { return nil }
        group = 0
        scale = 1
      }
    }
    guard scale == 1 || result.multiplyAdd(scale, group) else { return nil }
    self = result
  }

  /// Reads decimal text; nil as for `init(decimal:)` of bytes.
  public init?(decimal text: String) { self.init(decimal: text.utf8) }

  /// Reads ASCII hexadecimal digits of either case without prefix, leading zeros allowed; nil when there are none,
  /// on any other character, and from 2^256 on.
  public init?(hex digits: some Sequence<UInt8>) {
    var result = UInt256(0)
    var isEmpty = true
    for character in digits {
      guard let digit = Hex.value(of: character), result.words.3 >> 60 == 0 else { return nil }
      isEmpty = false
      result.words.3 = result.words.3 << 4 | result.words.2 >> 60
      result.words.2 = result.words.2 << 4 | result.words.1 >> 60
      result.words.1 = result.words.1 << 4 | result.words.0 >> 60
      result.words.0 = result.words.0 << 4 | UInt64(digit)
    }
    guard !isEmpty else { return nil }
    self = result
  }

  /// The decimal text, without leading zeros.
  public var description: String {
    var rest = self
    var groups: [UInt64] = []
    repeat { groups.append(rest.divide(by: Self.groupScale)) } while rest != .zero
    var text = String(groups.removeLast())
    for group in groups.reversed() {
      let digits = String(group)
      text += String(repeating: "0", count: 19 - digits.utf8.count) + digits
    }
    return text
  }

  /// The hexadecimal text with `0x`, without leading zeros; `0x0` for zero.
  public var hexText: String {
    let high = [words.3, words.2, words.1, words.0].drop { $0 == 0 }
    guard let first = high.first else { return "0x0" }
    return high.dropFirst().reduce("0x" + String(first, radix: 16)) { text, word in
      let digits = String(word, radix: 16)
      return text + String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
  }

  // MARK: Bytes

  /// Reads big-endian bytes, leading zeros allowed; nil when more than 32 are given.
  public init?(bigEndian bytes: some Collection<UInt8>) {
    guard bytes.count <= 32 else { return nil }
    var result = UInt256(0)
    for byte in bytes {
      result.words.3 = result.words.3 << 8 | result.words.2 >> 56
      result.words.2 = result.words.2 << 8 | result.words.1 >> 56
      result.words.1 = result.words.1 << 8 | result.words.0 >> 56
      result.words.0 = result.words.0 << 8 | UInt64(byte)
    }
    self = result
  }

  /// How many bytes the number needs; 0 for zero.
  public var byteCount: Int { (bitWidth + 7) / 8 }

  /// The big-endian bytes without leading zeros; empty for zero (as RLP and many transaction formats want them).
  public var minimalBytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(byteCount)
    appendMinimalBytes(to: &bytes)
    return bytes
  }

  /// The 32 big-endian bytes.
  public var bytes32: [UInt8] { [UInt8](repeating: 0, count: 32 - byteCount) + minimalBytes }

  /// Appends `minimalBytes` without a copy in between.
  public func appendMinimalBytes(to bytes: inout [UInt8]) {
    var index = byteCount
    while index > 0 {
      index -= 1
      let word: UInt64
      switch index >> 3 {
      case 0: word = words.0
      case 1: word = words.1
      case 2: word = words.2
      default: word = words.3
      }
      bytes.append(UInt8(truncatingIfNeeded: word >> UInt64((index & 7) * 8)))
    }
  }

  private var bitWidth: Int {
    if words.3 != 0 { return 256 - words.3.leadingZeroBitCount }
    if words.2 != 0 { return 192 - words.2.leadingZeroBitCount }
    if words.1 != 0 { return 128 - words.1.leadingZeroBitCount }
    return 64 - words.0.leadingZeroBitCount
  }

  // MARK: Arithmetic and order

  /// The number as 64 bits; nil when it does not fit.
  public var uint64: UInt64? { words.1 | words.2 | words.3 == 0 ? words.0 : nil }

  /// The sum; nil from 2^256 on.
  public func adding(_ other: UInt256) -> UInt256? {
    var result = UInt256(0)
    var carry = false
    (result.words.0, carry) = Self.add(words.0, other.words.0, carry)
    (result.words.1, carry) = Self.add(words.1, other.words.1, carry)
    (result.words.2, carry) = Self.add(words.2, other.words.2, carry)
    (result.words.3, carry) = Self.add(words.3, other.words.3, carry)
    return carry ? nil : result
  }

  /// The product; nil from 2^256 on.
  public func multiplied(by factor: UInt64) -> UInt256? {
    var result = self
    return result.multiplyAdd(factor, 0) ? result : nil
  }

  /// By value.
  public static func < (a: UInt256, b: UInt256) -> Bool {
    if a.words.3 != b.words.3 { return a.words.3 < b.words.3 }
    if a.words.2 != b.words.2 { return a.words.2 < b.words.2 }
    if a.words.1 != b.words.1 { return a.words.1 < b.words.1 }
    return a.words.0 < b.words.0
  }

  /// By value.
  public static func == (a: UInt256, b: UInt256) -> Bool { a.words == b.words }

  /// By value.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.1)
    hasher.combine(words.2)
    hasher.combine(words.3)
  }

  // MARK: Words

  /// 10^19, the largest power of ten in a word.
  private static let groupScale: UInt64 = 10_000_000_000_000_000_000

  private static func add(_ a: UInt64, _ b: UInt64, _ carry: Bool) -> (UInt64, Bool) {
    let (sum, over) = a.addingReportingOverflow(b)
    let (total, overAgain) = sum.addingReportingOverflow(carry ? 1 : 0)
    return (total, over || overAgain)
  }

  /// Replaces the number by itself × `factor` + `addend`; false when that is 2^256 or more.
  private mutating func multiplyAdd(_ factor: UInt64, _ addend: UInt64) -> Bool {
    var carry = addend
    func step(_ word: UInt64) -> UInt64 {
      let (high, low) = word.multipliedFullWidth(by: factor)
      let (sum, over) = low.addingReportingOverflow(carry)
      carry = high &+ (over ? 1 : 0)  // high is at most 2^64 - 2
      return sum
    }
    words = (step(words.0), step(words.1), step(words.2), step(words.3))
    return carry == 0
  }

  /// Replaces the number by its quotient and returns the remainder; `divisor` is not zero.
  private mutating func divide(by divisor: UInt64) -> UInt64 {
    var remainder: UInt64 = 0
    func step(_ word: UInt64) -> UInt64 {
      // The remainder is below the divisor, so the quotient fits.
      let (quotient, rest) = divisor.dividingFullWidth((remainder, word))
      remainder = rest
      return quotient
    }
    words.3 = step(words.3)
    words.2 = step(words.2)
    words.1 = step(words.1)
    words.0 = step(words.0)
    return remainder
  }
}
