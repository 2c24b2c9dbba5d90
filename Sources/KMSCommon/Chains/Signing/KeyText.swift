internal import KMSChains
public import KMSCrypto
internal import KMSPrimitives

/// Secrets as they come out of files and web pages: with byte order marks, quotes, and characters that nobody sees.
public enum KeyText {
  /// The text in UTF-8 without what surrounds it: UTF-16 is read, characters without width are dropped, no-break and
  /// ideographic spaces are spaces, and white space, one pair of quotes around the whole, and a comma, semicolon or full stop at
  /// its end are taken away.
  public static func clean(_ text: SecretBytes) throws -> SecretBytes {
    let order = text.withBytes { Endianness($0) }
    let whole = try trimmed(withoutInvisible(order.map { try utf8(text, $0) } ?? text))
    return try unquoted(trimmed(whole, alsoAtEnd: [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ".")]))
  }

  private enum Endianness {
    case little, big

    /// By its mark, or by the zeros beside ASCII.
    init?(_ bytes: Span<UInt8>) {
      guard bytes.count >= 4, bytes.count % 2 == 0 else { return nil }
      if (bytes[0], bytes[1]) == (0xFF, 0xFE) || (bytes[1], bytes[3]) == (0, 0) {
        self = .little
      } else if (bytes[0], bytes[1]) == (0xFE, 0xFF) || (bytes[0], bytes[2]) == (0, 0) {
        self = .big
      } else {
        return nil
      }
    }
  }

  private static func utf8(_ text: SecretBytes, _ order: Endianness) throws -> SecretBytes {
    var length = 0
    let padded = try SecretBytes(
      count: text.count * 2,
      writing: { out in
        text.withBytes { bytes in
          var at = 0
          while let (scalar, width) = scalar(bytes, order, at: at) {
            at += width
            for unit in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
              out[length] = unit
              length += 1
            }
          }
        }
      })
    return try padded.slice(0..<length)
  }

  /// The character of UTF-16 at a place and how many bytes it has; nil at the end, and for half of a pair.
  private static func scalar(
    _ bytes: Span<UInt8>, _ order: Endianness, at place: Int
  ) -> (scalar: Unicode.Scalar, width: Int)? {
    guard let first = unit(bytes, order, at: place) else { return nil }
    if let scalar = Unicode.Scalar(first) { return (scalar, 2) }
    guard first < 0xDC00, let second = unit(bytes, order, at: place + 2), (0xDC00..<0xE000).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { return nil }
    return (scalar, 4)
  }

  private static func unit(_ bytes: Span<UInt8>, _ order: Endianness, at place: Int) -> UInt32? {
    guard place + 2 <= bytes.count else { return nil }
    let (a, b) = (UInt32(bytes[place]), UInt32(bytes[place + 1]))
    return order == .little ? b << 8 | a : a << 8 | b
  }

  private static func withoutInvisible(_ text: SecretBytes) throws -> SecretBytes {
    var length = 0
    let padded = try SecretBytes(
      count: text.count,
      writing: { out in
        text.withBytes { bytes in
          var at = 0
          while at < bytes.count {
            let rest = bytes.extracting(at...)
            if let width = invisible(rest) {
              at += width
            } else {
              let width = space(rest)
              out[length] = width == nil ? bytes[at] : 0x20
              length += 1
              at += width ?? 1
            }
          }
        }
      })
    return try padded.slice(0..<length)
  }

  /// Byte order mark, soft hyphen, zero-width characters, word joiner, directional marks: how many bytes one has.
  private static func invisible(_ bytes: Span<UInt8>) -> Int? {
    if bytes.count >= 2, (bytes[0], bytes[1]) == (0xC2, 0xAD) { return 2 }
    guard bytes.count >= 3 else { return nil }
    switch (bytes[0], bytes[1], bytes[2]) {
    case (0xEF, 0xBB, 0xBF), (0xE2, 0x80, 0x8B...0x8F), (0xE2, 0x81, 0xA0): return 3
    default: return nil
    }
  }

  /// No-break, narrow and ideographic spaces.
  private static func space(_ bytes: Span<UInt8>) -> Int? {
    if bytes.count >= 2, (bytes[0], bytes[1]) == (0xC2, 0xA0) { return 2 }
    guard bytes.count >= 3 else { return nil }
    switch (bytes[0], bytes[1], bytes[2]) {
    case (0xE2, 0x80, 0x80...0x8A), (0xE2, 0x80, 0xAF), (0xE2, 0x81, 0x9F), (0xE3, 0x80, 0x80): return 3
    default: return nil
    }
  }

  private static func trimmed(_ text: SecretBytes, alsoAtEnd marks: [UInt8] = []) throws -> SecretBytes {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0D ~= byte }
    let range = text.withBytes { bytes in
      let start = bytes.firstIndex { !isSpace($0) } ?? bytes.count
      let end = bytes.lastIndex { !isSpace($0) && !marks.contains($0) }.map { $0 + 1 } ?? start
      return start..<end
    }
    return try text.slice(range)
  }

  private static let quotes: [(String, String)] = [
    ("\"", "\""), ("'", "'"), ("`", "`"), ("\u{201C}", "\u{201D}"), ("\u{2018}", "\u{2019}"),
    ("\u{AB}", "\u{BB}"),
  ]

  private static func unquoted(_ text: SecretBytes) throws -> SecretBytes {
    for (open, close) in quotes {
      let (head, tail) = (open.utf8.count, close.utf8.count)
      let isQuoted = text.withBytes { bytes in
        bytes.count > head + tail && bytes.starts(with: open.utf8) && bytes.ends(with: close.utf8)
      }
      if isQuoted { return try trimmed(text.slice(head..<text.count - tail)) }
    }
    return text
  }
}
