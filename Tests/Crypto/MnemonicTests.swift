import Testing

@testable import KMSCrypto

@Suite struct MnemonicTests {
  static let valid = "legal winner thank year wave sausage worth useful legal winner thank yellow"

  @Test func wordListIsThatOfBIP39() {
    var list: [UInt8] = []
    for index in 0..<2048 { list += Array(MnemonicWords.word(index)) + [10] }
    #expect(
      Hex.encode(Hash.sha256(list)) == "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda")
  }

  @Test func everyWordIsFoundAndNothingElse() {
    for index in 0..<2048 {
      #expect(MnemonicWords.index(of: Array(MnemonicWords.word(index))) == index)
      #expect(MnemonicWords.index(of: Array(MnemonicWords.word(index)) + [122, 122]) == nil)
    }
    for bad in ["", "aa", "zzzz", "aban", "zoology"] {
      #expect(MnemonicWords.index(of: Array(bad.utf8)) == nil)
    }
  }

  @Test(arguments: [12, 15, 18, 21, 24])
  func generatesValidMnemonics(words: Int) throws {
    let text = try Mnemonic.generate(words: words)
    #expect(text.text.split(separator: " ").count == words)
    #expect(try Mnemonic.check(text) == text)
    #expect(try Mnemonic.entropy(text).count == words / 3 * 4)
    #expect(try Mnemonic.seed(text).count == 64)
    #expect(try !(Mnemonic.generate(words: words) == text))
  }

  @Test(arguments: [-3, 0, 3, 9, 11, 13, 25, 27])
  func refusesToGenerateOtherCounts(words: Int) {
    #expect(throws: CryptoError.self) { try Mnemonic.generate(words: words) }
  }

  @Test func normalisesWhiteSpaceAndCase() throws {
    let typed = "  Legal\twinner\nTHANK year  wave sausage worth useful legal winner thank YELLOW\r\n"
    #expect(try Mnemonic.check(SecretBytes(typed)).text == Self.valid)
    #expect(try Mnemonic.seed(SecretBytes(typed)) == Mnemonic.seed(SecretBytes(Self.valid)))
    #expect(
      try Mnemonic.seed(SecretBytes(Self.valid), passphrase: SecretBytes(""))
        == Mnemonic.seed(SecretBytes(Self.valid)))
  }

  @Test(arguments: [
    ("", "has 12, 15, 18, 21 or 24 words, this one has 0"),
    ("   ", "this one has 0"),
    ("legal winner thank", "this one has 3"),
    (valid + " legal", "this one has 13"),
    (valid.replacing("wave", with: "waves"), "word 5 "),
    (valid.replacing("yellow", with: "y\u{e9}llow"), "word 12 "),
    (valid.replacing("legal", with: "l\u{0}gal"), "word 1 "),
    (valid.replacing("yellow", with: "yellowyellow"), "word 12 "),
    (valid.replacing("yellow", with: "year"), "checksum"),
    ("winner legal thank year wave sausage worth useful legal winner thank yellow", "checksum"),
    (String(repeating: "abandon ", count: 200), "too long"),
  ])
  func refusesAndSaysWhy(text: String, reason: String) throws {
    let mnemonic = try SecretBytes(text)
    let error = try #require(throws: CryptoError.self) { try Mnemonic.check(mnemonic) }
    #expect(error.code == "invalid-mnemonic")
    #expect(error.message.contains(reason), "\(error.message)")
    for word in text.split(whereSeparator: \.isWhitespace) where word.count > 4 && word != "words" {
      #expect(!error.message.contains(word), "the message tells a word")
    }
    #expect(throws: CryptoError.self) { try Mnemonic.entropy(mnemonic) }
    #expect(throws: CryptoError.self) { try Mnemonic.seed(mnemonic) }
  }

  @Test(arguments: [0, 15, 17, 33, 36])
  func refusesEntropyOfAnotherLength(count: Int) throws {
    #expect(throws: CryptoError.self) { try Mnemonic.text(entropy: .random(count: count)) }
  }
}
