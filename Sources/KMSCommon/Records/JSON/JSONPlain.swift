/// ASCII that stands for itself in a JSON string, which is most of what a record holds.
enum JSONPlain {
  /// How many bytes at the start are no control character, quotation mark, backslash or byte above ASCII; up to seven fewer
  /// at the end.
  @inline(__always) static func count(in bytes: Span<UInt8>) -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    var at = 0
    while at + 8 <= bytes.count {
      // Eight bytes are there, and all bits are an integer.
      let word = UInt64(
        littleEndian: unsafe bytes.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: at, as: UInt64.self))
      // The highest bit of a byte is set where something else is; above the first such byte it may be set for nothing.
      let (quote, backslash) = (word ^ (ones &* 0x22), word ^ (ones &* 0x5C))
      let marks =
        ((((word &- ones &* 0x20) | (quote &- ones) | (backslash &- ones)) & ~word) | word) & (ones &* 0x80)
      guard marks == 0 else { return at + marks.trailingZeroBitCount >> 3 }
      at += 8
    }
    return at
  }
}
