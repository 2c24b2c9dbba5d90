internal import KMSCrypto

/// The 2048 words of one language of BIP-39.
///
/// A list is one constant of the program and indexed at first use, so programs that read no mnemonic pay nothing.
struct WordList: Sendable {
  private let text: StaticString
  /// Where each word starts in `text`, and its length.
  private let spans: [(start: UInt16, count: UInt8)]

  /// Whether the words are in the order of their bytes.
  private let isSorted: Bool

  /// Takes 2048 words in NFKD, with white space between.
  init(_ text: StaticString, isSorted: Bool = false) {
    self.text = text
    self.isSorted = isSorted
    var spans: [(start: UInt16, count: UInt8)] = []
    spans.reserveCapacity(2048)
    var start = 0
    for end in 0...text.utf8CodeUnitCount {
      if end < text.utf8CodeUnitCount, text.utf8Start[end] > 32 { continue }
      if end > start { spans.append((UInt16(start), UInt8(end - start))) }
      start = end + 1
    }
    self.spans = spans
  }

  private func search(_ word: some Collection<UInt8>) -> Int? {
    var low = 0
    var high = spans.count
    while low < high {
      let middle = (low + high) / 2
      if self.word(middle).lexicographicallyPrecedes(word) { low = middle + 1 } else { high = middle }
    }
    return low < spans.count && self.word(low).elementsEqual(word) ? low : nil
  }

  /// How many words there are.
  var count: Int { spans.count }

  /// Returns the UTF-8 of the word with the number `index`, 0 to 2047.
  func word(_ index: Int) -> UnsafeBufferPointer<UInt8> {
    let (start, count) = spans[index]
    return UnsafeBufferPointer(start: text.utf8Start + Int(start), count: Int(count))
  }

  /// Returns the number of a word (NFKD, lower case); nil when it is not in the list. Its duration depends on the word.
  func index(of word: some Collection<UInt8>) -> Int? {
    guard !isSorted else { return search(word) }
    return (0..<spans.count).first { spans[$0].count == word.count && self.word($0).elementsEqual(word) }
  }

  /// Returns the number of the word that is written without accents, or of which the first four letters are there; nil when
  /// there is none, or more than one.
  ///
  /// In most lists four letters are enough to tell a word, and letters with and without an accent count as the same (BIP-39,
  /// "Wordlists", Spanish and French).
  func index(ofLetters letters: some Collection<UInt8>) -> Int? {
    let plain = Plain(letters)
    let isShort = plain.count == 4
    var found: Int?
    for index in 0..<spans.count {
      guard isShort ? Plain(word(index)).starts(with: plain) : Plain(word(index)).elementsEqual(plain) else {
        continue
      }
      guard found == nil else { return nil }
      found = index
    }
    return found
  }
}

/// The bytes of a text in NFKD without the accents of Latin letters, U+0300 to U+036F.
private struct Plain<Base: Collection<UInt8>>: Sequence, IteratorProtocol {
  private let base: Base
  private var at: Base.Index

  init(_ base: Base) {
    self.base = base
    at = base.startIndex
  }

  /// How many bytes are left.
  var count: Int {
    var count = 0
    var rest = self
    while rest.next() != nil { count += 1 }
    return count
  }

  mutating func next() -> UInt8? {
    while at < base.endIndex {
      let byte = base[at]
      let following = base.index(after: at)
      guard following < base.endIndex, byte == 0xCC || byte == 0xCD && base[following] < 0xB0 else {
        at = following
        return byte
      }
      at = base.index(after: following)
    }
    return nil
  }
}
