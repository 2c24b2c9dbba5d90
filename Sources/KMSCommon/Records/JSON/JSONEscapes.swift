internal import KMSPrimitives

/// Escapes in JSON strings (RFC 8259 section 7).
enum JSONEscapes {
  /// What `text` says, which `JSONScanner` has checked.
  static func text(_ text: Span<UInt8>) -> String {
    // No escape is shorter than what it means.
    String(capacity: text.count) { decode(text, to: &$0) }
  }

  /// The UTF-8 bytes of what `text` says, which `JSONScanner` has checked.
  static func bytes(_ text: Span<UInt8>) -> [UInt8] {
    [UInt8](capacity: text.count) { decode(text, to: &$0) }
  }

  private static func decode(_ text: Span<UInt8>, to out: inout OutputSpan<UInt8>) {
    var at = 0
    while at < text.count {
      guard text[at] == UInt8(ascii: "\\"), at + 1 < text.count else {
        out.append(text[at])
        at += 1
        continue
      }
      let letter = text[at + 1]
      at += 2
      if letter == UInt8(ascii: "u") {
        for byte in codePoint(text, &at).utf8 { out.append(byte) }
      } else {
        out.append(plain(letter))
      }
    }
  }

  private static func plain(_ letter: UInt8) -> UInt8 {
    switch letter {
    case UInt8(ascii: "b"): 8
    case UInt8(ascii: "f"): 12
    case UInt8(ascii: "n"): 10
    case UInt8(ascii: "r"): 13
    case UInt8(ascii: "t"): 9
    default: letter
    }
  }

  /// The code point of the four digits at `at`, or of a surrogate pair.
  private static func codePoint(_ text: Span<UInt8>, _ at: inout Int) -> Unicode.Scalar {
    func digits() -> UInt32 {
      var code: UInt32 = 0
      for _ in 0..<4 where at < text.count {
        code = code << 4 | UInt32(Hex.value(of: text[at]) ?? 0)
        at += 1
      }
      return code
    }
    var code = digits()
    if (0xD800..<0xDC00).contains(code) {
      at += 2  // the second backslash and its u
      code = 0x10000 + (code - 0xD800) << 10 + ((digits() &- 0xDC00) & 0x3FF)
    }
    return Unicode.Scalar(code) ?? "\u{FFFD}"
  }
}
