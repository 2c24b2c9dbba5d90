/// Base32 (RFC 4648 section 6) in upper case and without padding.
public enum Base32 {
  /// Returns the text of `bytes`.
  public static func encode(_ bytes: [UInt8]) -> String {
    var text = [UInt8](repeating: 0, count: encodedCount(bytes.count))
    var out = text.mutableSpan
    encode(bytes.span, into: &out)
    return String(decoding: text, as: UTF8.self)
  }

  /// Returns the bytes of `text`; nil when a character is no upper-case digit (so any padding), when no whole bytes
  /// have that length, or when bits that are left over are not zero: each byte string has one text.
  public static func decode(_ text: String) -> [UInt8]? {
    let characters = Array(text.utf8)
    var bytes = [UInt8](repeating: 0, count: characters.count * 5 / 8)
    var out = bytes.mutableSpan
    return decode(characters.span, into: &out) ? bytes : nil
  }

  /// How many characters `count` bytes take.
  package static func encodedCount(_ count: Int) -> Int { (count * 8 + 4) / 5 }

  /// Writes the digits of `bytes` into `out`, which has `encodedCount` bytes.
  package static func encode(_ bytes: Span<UInt8>, into out: inout MutableSpan<UInt8>) {
    var bits: UInt32 = 0
    var bitCount: UInt32 = 0
    var length = 0
    for i in bytes.indices {
      bits = bits << 8 | UInt32(bytes[i])
      bitCount += 8
      while bitCount >= 5 {
        bitCount -= 5
        out[length] = digit(UInt8(truncatingIfNeeded: bits >> bitCount) & 31)
        length += 1
      }
      bits &= 0xff
    }
    if bitCount > 0 { out[length] = digit(UInt8(truncatingIfNeeded: bits << (5 - bitCount)) & 31) }
  }

  /// Writes the bytes of `text` into `out` (5 for each 8 characters); false where `decode` gives nil.
  package static func decode(_ text: Span<UInt8>, into out: inout MutableSpan<UInt8>) -> Bool {
    // 1, 3 or 6 characters beyond whole groups of eight never come from an encoder.
    guard ![1, 3, 6].contains(text.count % 8) else { return false }
    var bits: UInt32 = 0
    var bitCount: UInt32 = 0
    var length = 0
    for i in text.indices {
      let character = text[i]
      let value: UInt8
      switch character {
      case 65...90: value = character - 65
      case 50...55: value = character - 24
      default: return false
      }
      bits = (bits & 0xff) << 5 | UInt32(value)
      bitCount += 5
      if bitCount >= 8 {
        bitCount -= 8
        out[length] = UInt8(truncatingIfNeeded: bits >> bitCount)
        length += 1
      }
    }
    return bits & (1 << bitCount - 1) == 0
  }

  private static func digit(_ value: UInt8) -> UInt8 { value < 26 ? 65 + value : 24 + value }
}
