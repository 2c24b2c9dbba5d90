internal import KMSCrypto

/// Bytes written as a list of numbers: `[12,34,…]`, `Uint8Array(64) [ 12, 34, … ]`, `12, 34, …`.
enum ByteList {
  /// How many numbers there are; 0 for a text that is no list.
  static func count(_ text: SecretBytes) -> Int {
    text.withUnsafeBytes { text in
      var count = 0
      return read(text) { _ in count += 1 } ? count : 0
    }
  }

  /// The bytes of a list of `count` numbers below 256; nil for any other text.
  static func bytes(_ text: SecretBytes, count: Int) throws -> SecretBytes? {
    var filled = 0
    var isList = true
    let bytes = try SecretBytes(count: count) { (out: UnsafeMutableRawBufferPointer) throws(Never) in
      text.withUnsafeBytes { (text: UnsafeRawBufferPointer) throws(Never) in
        isList =
          read(text) { number in
            if filled < out.count { out[filled] = UInt8(truncatingIfNeeded: number) }
            isList = isList && number < 256
            filled += 1
          } && isList
      }
    }
    return isList && filled == count ? bytes : nil
  }

  /// Gives each number to `body`; whether the text is a list: numbers of at most three digits with commas or white space
  /// between, in brackets or not, with anything before and after the only pair of brackets.
  private static func read(_ text: UnsafeRawBufferPointer, _ body: (Int) -> Void) -> Bool {
    var inner = text[...]
    if let open = text.firstIndex(of: UInt8(ascii: "[")) {
      guard let close = text.lastIndex(of: UInt8(ascii: "]")), close > open else { return false }
      inner = text[(open + 1)..<close]
    } else if text.first == UInt8(ascii: "("), text.last == UInt8(ascii: ")") {
      inner = text.dropFirst().dropLast()
    }
    for number in inner.split(whereSeparator: { $0 == UInt8(ascii: ",") || $0 == 32 || (9...13).contains($0) }
    ) {
      guard number.count <= 3, number.allSatisfy({ (48...57).contains($0) }) else { return false }
      body(number.reduce(0) { $0 * 10 + Int($1) - 48 })
    }
    return true
  }
}
