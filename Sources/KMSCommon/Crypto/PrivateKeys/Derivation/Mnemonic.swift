public import KMSCrypto
internal import KMSPrimitives

/// Mnemonics of BIP-39 in the ten languages that it has lists for; the text is UTF-8 in protected memory.
public enum Mnemonic {
  /// Longest text that is looked at, in bytes: 24 words need at most 215, of Korean in single letters 700.
  private static let longestText = 2048

  /// Creates a mnemonic from the system's random bytes.
  ///
  /// - Parameters:
  ///   - words: 12, 15, 18, 21 or 24.
  ///   - language: whose words.
  /// - Throws: `CryptoError` with code `invalid-mnemonic` for another count.
  public static func generate(
    words: Int = 24, language: MnemonicLanguage = .english
  ) throws(CryptoError) -> SecretBytes {
    guard isAllowed(words) else { throw wrongCount(words) }
    return try text(entropy: SecretBytes.random(count: words / 3 * 4), language: language)
  }

  /// Returns the mnemonic of `entropy`, of 16, 20, 24, 28 or 32 bytes.
  ///
  /// - Throws: `CryptoError` with code `invalid-mnemonic` for another length.
  public static func text(
    entropy: SecretBytes, language: MnemonicLanguage = .english
  ) throws(CryptoError) -> SecretBytes {
    guard (16...32).contains(entropy.count), entropy.count % 4 == 0 else {
      throw .mnemonic("the entropy of a mnemonic has 16, 20, 24, 28 or 32 bytes")
    }
    return try text(numbers: wordNumbers(entropy: entropy), language.words)
  }

  /// Reads a mnemonic as a person types it: words of one language in either case, or their first four letters, with any
  /// white space, commas or numbers between.
  ///
  /// - Parameter language: the language that the words must be of; nil for any.
  /// - Returns: The normal form: NFKD, lower case, one space between words.
  /// - Throws: `CryptoError` with code `invalid-mnemonic` when the number of words is not allowed, a word is not in the
  ///   list (its position is named, never the word), or the checksum does not match.
  public static func check(
    _ text: SecretBytes, language: MnemonicLanguage? = nil
  ) throws(CryptoError) -> SecretBytes {
    var found: SecretBytes?
    for parsed in try parse(text, language) {
      let words = try Mnemonic.text(numbers: parsed.numbers, parsed.language.words)
      guard found.map({ $0 == words }) ?? true else { throw ambiguous }
      found = words
    }
    guard let found else { throw wrongCount(0) }
    return found
  }

  /// Returns the entropy of a mnemonic, 16 to 32 bytes.
  ///
  /// - Throws: as `check`; also when the same words are a mnemonic of another entropy in another language.
  public static func entropy(_ text: SecretBytes) throws(CryptoError) -> SecretBytes {
    let found = try parse(text, nil)
    guard let first = found.first?.entropy, found.allSatisfy({ $0.entropy == first }) else { throw ambiguous }
    return first
  }

  /// How many of the words are in no list of BIP-39, in the language that has most of them.
  public static func unknownWords(_ text: SecretBytes) throws(CryptoError) -> Int {
    let text = try MnemonicText.words(of: text)
    guard text.count <= longestText else { return count(text) }
    return text.withBytes { text in
      let words = words(text)
      var least = words.count
      for language in MnemonicLanguage.allCases {
        least = min(least, words.count { number(of: text.extracting($0), language.words) == nil })
      }
      return least
    }
  }

  /// Returns the seed of a mnemonic, 64 bytes: PBKDF2-HMAC-SHA-512 with 2048 rounds.
  ///
  /// - Parameter passphrase: UTF-8 in normal form NFKD; nil and empty are the same.
  /// - Throws: as `check`.
  public static func seed(_ text: SecretBytes, passphrase: SecretBytes? = nil) throws(CryptoError)
    -> SecretBytes
  {
    let prefix = try SecretBytes(copying: "mnemonic".utf8)
    let salt = try SecretBytes(joining: passphrase.map { [prefix, $0] } ?? [prefix])
    return try KeyDerivation.pbkdf2SHA512(password: check(text), salt: salt, rounds: 2048, count: 64)
  }

  /// Returns the seed of any text as BIP-39 computes it, without asking whether the text is a mnemonic: other programs
  /// took any text for one, and coins lie on its keys.
  ///
  /// - Throws: `CryptoError` with code `invalid-mnemonic` for an empty text, and for one with characters whose normal form
  ///   NFKD is not known here (see `CompatibilityForm`).
  ///
  /// - Parameter passphrase: UTF-8 in normal form NFKD; nil and empty are the same.
  public static func unsafeUncheckedSeed(
    _ text: SecretBytes, passphrase: SecretBytes? = nil
  ) throws(CryptoError) -> SecretBytes {
    guard text.count > 0 else { throw .mnemonic("the mnemonic is empty") }
    let isASCII = text.withBytes { $0.allSatisfy { $0 < 0x80 } }
    guard let normal = try isASCII ? text : CompatibilityForm.of(text) else {
      throw .mnemonic("the mnemonic has characters whose normal form (Unicode's NFKD) is not known here")
    }
    let prefix = try SecretBytes(copying: "mnemonic".utf8)
    let salt = try SecretBytes(joining: passphrase.map { [prefix, $0] } ?? [prefix])
    return try KeyDerivation.pbkdf2SHA512(password: normal, salt: salt, rounds: 2048, count: 64)
  }

  // Word numbers are two bytes each, big-endian, in protected memory.

  private struct Parsed {
    let numbers: SecretBytes
    let entropy: SecretBytes
    let language: MnemonicLanguage
  }

  /// The text in every language in which it is a mnemonic, at least one. Lists share words, and the two of Chinese most of
  /// their characters: the one that has all of them and whose checksum matches is meant.
  private static func parse(_ text: SecretBytes, _ language: MnemonicLanguage?) throws(CryptoError)
    -> [Parsed]
  {
    let text = try MnemonicText.words(of: text)
    guard text.count <= longestText else { throw .mnemonic("the mnemonic is too long") }
    let words = count(text)
    guard isAllowed(words) else { throw wrongCount(words) }
    var found: [Parsed] = []
    var refusal: (position: Int, error: CryptoError)?
    for language in language.map({ [$0] }) ?? MnemonicLanguage.allCases {
      let position: Int
      let error: CryptoError
      switch try read(text, count: words, language.words) {
      case .numbers(let numbers):
        let entropy = try entropy(numbers: numbers)
        // The checksum matches when the entropy leads to the same words again.
        if try wordNumbers(entropy: entropy) == numbers {
          found.append(Parsed(numbers: numbers, entropy: entropy, language: language))
          continue
        }
        position = words
        error = .mnemonic(
          "the checksum of the mnemonic does not match: a word is wrong or words changed places")
      case .unknownWord(let number):
        position = number
        error = .mnemonic("word \(number + 1) of the mnemonic is not in the \(language.name) list of BIP-39")
      }
      if refusal.map({ position > $0.position }) ?? true { refusal = (position, error) }
    }
    guard found.isEmpty else { return found }
    throw refusal?.error ?? wrongCount(words)
  }

  private static let ambiguous = CryptoError.mnemonic(
    "the words are a mnemonic in two languages, and not the same one; --language says which is meant")

  private enum Reading {
    case numbers(SecretBytes)
    case unknownWord(Int)
  }

  /// The numbers of all words in one list, or the first that is not in it.
  private static func read(_ text: SecretBytes, count: Int, _ list: WordList) throws(CryptoError) -> Reading {
    var unknown: Int?
    let numbers = try SecretBytes(
      count: count * 2,
      writing: { out in
        text.withBytes { text in
          for (position, word) in words(text).enumerated() where unknown == nil {
            guard let number = number(of: text.extracting(word), list) else {
              unknown = position
              continue
            }
            out[position * 2] = UInt8(number >> 8)
            out[position * 2 + 1] = UInt8(number & 0xff)
          }
        }
      })
    return unknown.map(Reading.unknownWord) ?? .numbers(numbers)
  }

  /// The number of a word, which may lack its accents or all but its first four letters.
  private static func number(of word: Span<UInt8>, _ list: WordList) -> Int? {
    list.index(of: word) ?? list.index(ofLetters: word)
  }

  /// The number of an English word in either case; nil when it is not in the list. The lower-case copy lives on the stack and is wiped.
  static func number(of word: Span<UInt8>) -> Int? {
    guard word.count <= 8 else { return nil }
    return withTemporaryBytes(capacity: 8) { letters in
      for i in word.indices { letters.append((65...90).contains(word[i]) ? word[i] | 32 : word[i]) }
      let number = WordList.english.index(of: letters.span)
      var used = letters.mutableSpan
      used.wipe()
      return number
    }
  }

  /// Where the words of a text are.
  static func words(_ text: Span<UInt8>) -> [Range<Int>] {
    text.parts(between: isSpace).filter { !$0.isEmpty }
  }

  /// White space between words, as typed or pasted.
  static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

  /// How many words a text has.
  public static func count(_ text: SecretBytes) -> Int {
    text.withBytes { words($0).count }
  }

  private static func text(numbers: SecretBytes, _ list: WordList) throws(CryptoError) -> SecretBytes {
    var length = 0
    let padded = try SecretBytes(
      count: numbers.count / 2 * 40,
      writing: { out in
        numbers.withBytes { numbers in
          for i in 0..<numbers.count / 2 {
            if i > 0 {
              out[length] = 32
              length += 1
            }
            let word = list.word(Int(numbers[2 * i]) << 8 | Int(numbers[2 * i + 1]))
            for letter in word {
              out[length] = letter
              length += 1
            }
          }
        }
      })
    return try padded.slice(0..<length)
  }

  /// BIP-39, "Generating the mnemonic": entropy and the first bits of its SHA-256 in groups of 11 bits.
  private static func wordNumbers(entropy: SecretBytes) throws(CryptoError) -> SecretBytes {
    var hash = entropy.withBytes { Hash.sha256($0) }
    defer { hash.wipe() }
    let bits = try SecretBytes(joining: [entropy, SecretBytes(copying: hash.prefix(1))])
    return try SecretBytes(
      count: entropy.count / 4 * 3 * 2,
      writing: { out in
        bits.withBytes { bits in
          for word in 0..<out.count / 2 {
            var number: UInt16 = 0
            for bit in word * 11..<word * 11 + 11 {
              number = number << 1 | UInt16(bits[bit / 8] >> UInt8(7 - bit % 8) & 1)
            }
            out[2 * word] = UInt8(number >> 8)
            out[2 * word + 1] = UInt8(number & 0xff)
          }
        }
      })
  }

  private static func entropy(numbers: SecretBytes) throws(CryptoError) -> SecretBytes {
    try SecretBytes(
      count: numbers.count / 2 / 3 * 4,
      writing: { out in
        numbers.withBytes { numbers in
          for bit in 0..<out.count * 8 {
            let number = UInt16(numbers[bit / 11 * 2]) << 8 | UInt16(numbers[bit / 11 * 2 + 1])
            out[bit / 8] |= UInt8(number >> UInt16(10 - bit % 11) & 1) << UInt8(7 - bit % 8)
          }
        }
      })
  }

  private static func isAllowed(_ words: Int) -> Bool { (12...24).contains(words) && words % 3 == 0 }

  private static func wrongCount(_ words: Int) -> CryptoError {
    .mnemonic("a mnemonic has 12, 15, 18, 21 or 24 words, this one has \(words)")
  }
}
