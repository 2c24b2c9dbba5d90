internal import KMSCrypto
internal import KMSPrimitives

/// The 2048 words of one language of BIP-39.
///
/// A list is one constant of the program and indexed at first use, so programs that read no mnemonic pay nothing.
struct WordList: Sendable {
  private let text: [UInt8]
  /// Where each word starts in `text`, and its length.
  private let spans: [(start: UInt16, count: UInt8)]

  /// Whether the words are in the order of their bytes.
  private let isSorted: Bool

  /// Takes 2048 words in NFKD, with white space between.
  init(_ list: String, isSorted: Bool = false) {
    text = Array(list.utf8)
    self.isSorted = isSorted
    var spans: [(start: UInt16, count: UInt8)] = []
    spans.reserveCapacity(2048)
    var start = 0
    for end in 0...text.count {
      if end < text.count, text[end] > 32 { continue }
      if end > start { spans.append((UInt16(start), UInt8(end - start))) }
      start = end + 1
    }
    self.spans = spans
  }

  /// Binary search, which takes a list in the order of its bytes.
  private func search(_ word: Span<UInt8>) -> Int? {
    var low = 0
    var high = spans.count
    while low < high {
      let middle = (low + high) / 2
      if precedes(middle, word) { low = middle + 1 } else { high = middle }
    }
    return low < spans.count && word.elementsEqual(self.word(low)) ? low : nil
  }

  /// Whether the word with a number stands before another text, by their bytes.
  private func precedes(_ index: Int, _ other: Span<UInt8>) -> Bool {
    var at = 0
    for byte in word(index) {
      guard at < other.count else { return false }
      guard byte == other[at] else { return byte < other[at] }
      at += 1
    }
    return at < other.count
  }

  /// How many words there are.
  var count: Int { spans.count }

  /// Returns the UTF-8 of the word with the number `index`, 0 to 2047.
  func word(_ index: Int) -> ArraySlice<UInt8> {
    let (start, count) = spans[index]
    return text[Int(start)..<Int(start) + Int(count)]
  }

  /// Returns the number of a word (NFKD, lower case); nil when it is not in the list. Its duration depends on the word.
  func index(of word: Span<UInt8>) -> Int? {
    guard !isSorted else { return search(word) }
    return (0..<spans.count).first { word.elementsEqual(self.word($0)) }
  }

  /// Returns the number of the word that is written without accents, or of which the first four letters are there; nil when
  /// there is none, or more than one.
  ///
  /// In most lists four letters are enough to tell a word, and letters with and without an accent count as the same (BIP-39,
  /// "Wordlists", Spanish and French). The letters without accents live on the stack and are wiped.
  func index(ofLetters letters: Span<UInt8>) -> Int? {
    withTemporaryBytes(capacity: letters.count) { plain in
      var at = 0
      while at < letters.count {
        if at + 1 < letters.count, Self.isMark(letters[at], letters[at + 1]) {
          at += 2
        } else {
          plain.append(letters[at])
          at += 1
        }
      }
      var found: Int?
      var isAmbiguous = false
      for index in 0..<spans.count where hasLetters(index, plain.span, isPrefix: plain.count == 4) {
        isAmbiguous = isAmbiguous || found != nil
        found = index
      }
      var used = plain.mutableSpan
      used.wipe()
      return isAmbiguous ? nil : found
    }
  }

  /// Whether a word without its accents is, or begins with, these letters.
  private func hasLetters(_ index: Int, _ letters: Span<UInt8>, isPrefix: Bool) -> Bool {
    let word = word(index)
    var (at, next) = (word.startIndex, 0)
    while at < word.endIndex {
      if at + 1 < word.endIndex, Self.isMark(word[at], word[at + 1]) {
        at += 2
        continue
      }
      guard next < letters.count else { return isPrefix }
      guard word[at] == letters[next] else { return false }
      at += 1
      next += 1
    }
    return next == letters.count
  }

  /// Whether two bytes are an accent of Latin letters in NFKD, U+0300 to U+036F.
  private static func isMark(_ first: UInt8, _ second: UInt8) -> Bool {
    first == 0xCC || first == 0xCD && second < 0xB0
  }
}
