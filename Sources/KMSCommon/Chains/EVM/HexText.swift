internal import KMSPrimitives

/// Hexadecimal text with `0x`, as Ethereum's JSON writes bytes.
///
/// The same digits as `Hex` of KMSCrypto, specialised for arrays: generic code of another module costs a call per
/// byte, and this runs over every byte of every transaction.
package enum HexText {
  /// `0x` and two lower-case digits for each byte.
  package static func encode(_ bytes: [UInt8]) -> String {
    String(unsafeUninitializedCapacity: 2 + bytes.count * 2) { out in
      out[0] = UInt8(ascii: "0")
      out[1] = UInt8(ascii: "x")
      var i = 2
      for byte in bytes {
        out[i] = digit(byte >> 4)
        out[i + 1] = digit(byte & 15)
        i += 2
      }
      return i
    }
  }

  /// The bytes of `text`, with `0x` or without; nil when a character is no digit or the count of digits is odd.
  package static func decode(_ text: String) -> [UInt8]? {
    var text = text
    return text.withUTF8 { utf8 in
      let isPrefixed = utf8.count >= 2 && utf8[0] == UInt8(ascii: "0") && utf8[1] | 32 == UInt8(ascii: "x")
      return decode(UnsafeBufferPointer(rebasing: utf8[(isPrefixed ? 2 : 0)...]))
    }
  }

  /// The bytes of `digits`; nil when one is no digit or their count is odd.
  package static func decode(_ digits: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    guard digits.count % 2 == 0 else { return nil }
    var isHex = true
    let bytes = [UInt8](unsafeUninitializedCapacity: digits.count / 2) { out, count in
      while count < digits.count / 2 {
        let high = value(digits[2 * count])
        let low = value(digits[2 * count + 1])
        guard high | low < 16 else {
          isHex = false
          return
        }
        out[count] = high << 4 | low
        count += 1
      }
    }
    return isHex ? bytes : nil
  }

  @inline(__always) private static func digit(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? 48 &+ nibble : 87 &+ nibble
  }

  /// The value of a digit, 255 for any other character.
  @inline(__always) private static func value(_ character: UInt8) -> UInt8 {
    switch character {
    case 48...57: character &- 48
    case 65...70: character &- 55
    case 97...102: character &- 87
    default: 255
    }
  }
}
