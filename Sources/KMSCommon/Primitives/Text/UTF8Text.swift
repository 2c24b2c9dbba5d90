/// UTF-8 (RFC 3629) as bytes.
public enum UTF8Text {
  /// Whether `bytes` are valid UTF-8: nothing cut off, no overlong forms, no surrogates, nothing above U+10FFFF.
  public static func isValid(_ bytes: Span<UInt8>) -> Bool {
    var at = 0
    while at < bytes.count {
      let first = bytes[at]
      at += 1
      if first < 0x80 { continue }
      // The second byte has narrower bounds after some first ones (RFC 3629 section 4).
      let more: Int
      var bounds: ClosedRange<UInt8> = 0x80...0xBF
      switch first {
      case 0xC2...0xDF: more = 1
      case 0xE0: (more, bounds) = (2, 0xA0...0xBF)
      case 0xED: (more, bounds) = (2, 0x80...0x9F)
      case 0xE1...0xEF: more = 2
      case 0xF0: (more, bounds) = (3, 0x90...0xBF)
      case 0xF1...0xF3: more = 3
      case 0xF4: (more, bounds) = (3, 0x80...0x8F)
      default: return false
      }
      guard bytes.count - at >= more, bounds.contains(bytes[at]) else { return false }
      for i in 1..<max(more, 1) where bytes[at + i] & 0xC0 != 0x80 { return false }
      at += more
    }
    return true
  }
}
