internal import KMSCrypto
internal import KMSPrimitives

/// Bytes written as a list of numbers: `[12,34,…]`, `Uint8Array(64) [ 12, 34, … ]`, `12, 34, …`.
enum ByteList {
  /// How many numbers there are; 0 for a text that is no list.
  static func count(_ text: SecretBytes) -> Int {
    text.withBytes { text in
      var count = 0
      return read(text) { _ in count += 1 } ? count : 0
    }
  }

  /// The bytes of a list of `count` numbers below 256; nil for any other text.
  static func bytes(_ text: SecretBytes, count: Int) throws -> SecretBytes? {
    var filled = 0
    var isList = true
    let bytes = try SecretBytes(
      count: count,
      writing: { out in
        let isRead = text.withBytes { text in
          read(text) { number in
            if filled < out.count { out[filled] = UInt8(truncatingIfNeeded: number) }
            isList = isList && number < 256
            filled += 1
          }
        }
        isList = isList && isRead
      })
    return isList && filled == count ? bytes : nil
  }

  /// Gives each number to `body`; whether the text is a list: numbers of at most three digits with commas or white space
  /// between, in brackets or not, with anything before and after the only pair of brackets.
  private static func read(_ text: Span<UInt8>, _ body: (Int) -> Void) -> Bool {
    var inner = text
    if let open = text.firstIndex(where: { $0 == UInt8(ascii: "[") }) {
      guard let close = text.lastIndex(where: { $0 == UInt8(ascii: "]") }), close > open else { return false }
      inner = text.extracting(open + 1..<close)
    } else if text.count >= 2, text.first == UInt8(ascii: "("), text.last == UInt8(ascii: ")") {
      inner = text.extracting(1..<text.count - 1)
    }
    let parts = inner.parts { $0 == UInt8(ascii: ",") || $0 == 32 || (9...13).contains($0) }
    for part in parts where !part.isEmpty {
      let number = inner.extracting(part)
      guard number.count <= 3, number.allSatisfy({ (48...57).contains($0) }) else { return false }
      body(number.indices.reduce(0) { $0 * 10 + Int(number[$1]) - 48 })
    }
    return true
  }
}
