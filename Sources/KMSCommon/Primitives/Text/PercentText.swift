/// Percent-encoding of one segment of a URL's path (RFC 3986).
public enum PercentText {
  /// `bytes` as text in which every byte is encoded that is not unreserved (section 2.3), so that a segment can't leave
  /// its place.
  public static func encode(_ bytes: some Sequence<UInt8>) -> String {
    var out: [UInt8] = []
    for byte in bytes {
      switch byte {
      case 48...57, 65...90, 97...122, 0x2D, 0x2E, 0x5F, 0x7E: out.append(byte)
      default: out += [UInt8(ascii: "%"), digit(byte >> 4), digit(byte & 15)]
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// Section 2.1 wants capital letters.
  private static func digit(_ nibble: UInt8) -> UInt8 {
    let digit = Hex.digit(nibble)
    return digit > UInt8(ascii: "9") ? digit & ~0x20 : digit
  }
}
