/// Hexadecimal text of bytes (RFC 4648 section 8), written in lower case, read in either case.
public enum Hex {
  /// Returns the lower-case hexadecimal text of `bytes`, without a prefix.
  ///
  /// Not constant-time: for public values. Secrets are written by `SecretBytes.hexEncoded()`.
  public static func encode(_ bytes: some Collection<UInt8>) -> String {
    encode(Array(bytes))
  }

  /// Returns the lower-case hexadecimal text of `bytes`, without a prefix.
  ///
  /// For arrays, because generic code of another module costs a call a byte, and this runs over all bytes of transactions.
  public static func encode(_ bytes: [UInt8]) -> String {
    String(asciiCapacity: bytes.count * 2) { out in
      for byte in bytes {
        out.append(digit(byte >> 4))
        out.append(digit(byte & 15))
      }
    }
  }

  /// Returns `0x` and the lower-case hexadecimal text of `bytes`.
  public static func encodePrefixed(_ bytes: [UInt8]) -> String {
    String(asciiCapacity: 2 + bytes.count * 2) { out in
      out.append(UInt8(ascii: "0"))
      out.append(UInt8(ascii: "x"))
      for byte in bytes {
        out.append(digit(byte >> 4))
        out.append(digit(byte & 15))
      }
    }
  }

  /// Returns the bytes of hexadecimal `text`; nil when a character is not a digit or the count is odd.
  ///
  /// A `0x` prefix is not accepted here: callers whose format has one strip it first.
  public static func decode(_ text: some StringProtocol) -> [UInt8]? {
    decode(utf8: Array(text.utf8))
  }

  /// Returns the bytes of hexadecimal `text`; nil when a character is not a digit or the count is odd.
  public static func decode(_ text: String) -> [UInt8]? {
    decode(digits: text.utf8.span)
  }

  /// Returns the bytes of hexadecimal ASCII `digits`; nil when one is not a digit or the count is odd.
  public static func decode(utf8 digits: some Collection<UInt8>) -> [UInt8]? {
    guard digits.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count / 2)
    var high: UInt8?
    for character in digits {
      guard let nibble = value(of: character) else { return nil }
      if let first = high {
        bytes.append(first << 4 | nibble)
        high = nil
      } else {
        high = nibble
      }
    }
    return bytes
  }

  /// Returns the bytes of `text` after removing one `0x` prefix, if it has one; nil as for `decode`.
  public static func decodePrefixed(_ text: String) -> [UInt8]? {
    let utf8 = text.utf8.span
    let isPrefixed = utf8.count >= 2 && utf8[0] == UInt8(ascii: "0") && utf8[1] | 32 == UInt8(ascii: "x")
    return decode(digits: utf8.extracting(droppingFirst: isPrefixed ? 2 : 0))
  }

  /// Returns the bytes of hexadecimal ASCII `digits`; nil when one is not a digit or the count is odd.
  public static func decode(digits: Span<UInt8>) -> [UInt8]? {
    guard digits.count % 2 == 0 else { return nil }
    var isHex = true
    let bytes = [UInt8](capacity: digits.count / 2) { out in
      for i in 0..<digits.count / 2 {
        guard let high = value(of: digits[2 * i]), let low = value(of: digits[2 * i + 1]) else {
          isHex = false
          return
        }
        out.append(high << 4 | low)
      }
    }
    return isHex ? bytes : nil
  }

  /// Whether `character` is a digit, of either case.
  public static func isDigit(_ character: UInt8) -> Bool { value(of: character) != nil }

  /// Without a branch or a table, since the nibble may be of a secret.
  @inlinable @inline(__always) package static func digit(_ nibble: UInt8) -> UInt8 {
    let isDecimal = (Int16(nibble) &- 10) &>> 8  // all ones below 10, else zero
    return UInt8(truncatingIfNeeded: 87 &+ Int16(nibble) &- (isDecimal & 39))
  }

  /// The value of a digit; nil for any other character.
  @inlinable @inline(__always) package static func value(of character: UInt8) -> UInt8? {
    switch character {
    case 48...57: character &- 48
    case 65...70: character &- 55
    case 97...102: character &- 87
    default: nil
    }
  }
}
