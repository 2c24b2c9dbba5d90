public import KMSCrypto
internal import KMSPrimitives

/// Mnemonics as they stand on paper, in files and on web pages.
public enum MnemonicText {
  /// The words alone, in NFKD and lower case (ASCII), one space between: white space, punctuation and the numbers of the
  /// words are taken away. Words that are numbered in another order than they stand, as in two columns, are put in order.
  ///
  /// - Throws: `CryptoError` with code `invalid-mnemonic` for characters whose normal form is not known here, and for numbers
  ///   that do not say the order of the words.
  public static func words(of text: SecretBytes) throws(CryptoError) -> SecretBytes {
    guard let normal = try CompatibilityForm.of(text) else {
      throw .mnemonic("the mnemonic has characters that are in no word of BIP-39")
    }
    let tokens = normal.withBytes { Tokens($0) }
    let words = try tokens.inOrder()
    var length = 0
    let joined = try SecretBytes(
      count: normal.count + words.count,
      writing: { out in
        normal.withBytes { text in
          for word in words {
            if length > 0 {
              out[length] = 32
              length += 1
            }
            for i in word {
              out[length] = (65...90).contains(text[i]) ? text[i] | 32 : text[i]
              length += 1
            }
          }
        }
      })
    return try joined.slice(0..<length)
  }

  /// Whether the seeds of both are the same: BIP-39 hashes the normal form NFKD.
  public static func isNormalForm(_ normal: SecretBytes, of text: SecretBytes) throws(CryptoError) -> Bool {
    try CompatibilityForm.of(text).map { $0 == normal } ?? false
  }
}

/// Where the words of a text are, and the numbers that stand beside them.
private struct Tokens {
  private var words: [Range<Int>] = []
  private var numbers: [Int] = []

  /// Looks for letters, with digits that follow one, and for digits alone; everything else stands between words.
  init(_ text: Span<UInt8>) {
    var at = 0
    while at < text.count {
      let start = at
      if Self.isDigit(text[at]) {
        while at < text.count, Self.isDigit(text[at]) { at += 1 }
        numbers.append((start..<at).reduce(0) { min($0 * 10 + Int(text[$1]) - 48, 9999) })
      } else if let width = Self.separator(text, at) {
        at += width
      } else {
        while at < text.count, Self.separator(text, at) == nil { at += 1 }
        words.append(start..<at)
      }
    }
  }

  /// The words by their numbers, where all have one; else as they stand.
  func inOrder() throws(CryptoError) -> [Range<Int>] {
    if zip(numbers, numbers.dropFirst()).allSatisfy(<) { return words }
    guard numbers.count == words.count, let first = numbers.min(), first < 2,
      Set(numbers) == Set(first..<first + words.count)
    else {
      throw .mnemonic(
        "the numbers beside the words do not say their order: write the words alone, one after the other")
    }
    var ordered = words
    for (number, word) in zip(numbers, words) { ordered[number - first] = word }
    return ordered
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

  /// How many bytes of a separator there are; nil at a letter, and at a digit, which may be a slip within a word.
  private static func separator(_ text: Span<UInt8>, _ at: Int) -> Int? {
    let byte = text[at]
    if byte < 0x80 {
      return isDigit(byte) || (65...90).contains(byte) || (97...122).contains(byte) ? nil : 1
    }
    guard at + 2 < text.count else { return byte == 0xC2 ? 2 : nil }
    switch (byte, text[at + 1], text[at + 2]) {
    case (0xC2, _, _): return min(2, text.count - at)  // Latin-1's symbols; its letters begin with 0xC3
    case (0xE2, _, _): return 3  // punctuation and symbols, U+2000 to U+2FFF
    case (0xE3, 0x80, 0x81...0x83), (0xE3, 0x83, 0xBB): return 3  // Japanese punctuation
    case (0xEF, 0xBB, 0xBF), (0xEF, 0xB8, 0x80...0x8F): return 3  // byte order mark, variation selectors
    default: return nil
    }
  }
}
