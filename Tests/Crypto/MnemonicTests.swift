import KMSPrimitives
import Testing

@testable import KMSCrypto
@testable import KMSPrivateKeys

@Suite struct MnemonicTests {
  static let valid = "legal winner thank year wave sausage worth useful legal winner thank yellow"

  @Test func wordListIsThatOfBIP39() {
    var list: [UInt8] = []
    for index in 0..<2048 { list += Array(WordList.english.word(index)) + [10] }
    #expect(
      Hex.encode(Hash.sha256(list)) == "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda")
  }

  @Test func everyWordIsFoundAndNothingElse() {
    for index in 0..<2048 {
      let word = Array(WordList.english.word(index))
      #expect(number(of: word) == index)
      #expect(number(of: word + [122, 122]) == nil)
    }
    for bad in ["", "aa", "zzzz", "aban", "zoology"] {
      #expect(number(of: Array(bad.utf8)) == nil)
    }
  }

  private func number(of word: [UInt8]) -> Int? { WordList.english.index(of: word.span) }

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
    (valid.replacing("yellow", with: "yell\u{f8}w"), "word 12 "),
    (valid.replacing("legal", with: "l\u{0}gal"), "this one has 14"),
    (valid.replacing("yellow", with: "yellowyellow"), "word 12 "),
    (valid.replacing("yellow", with: "year"), "checksum"),
    ("winner legal thank year wave sausage worth useful legal winner thank yellow", "checksum"),
    (String(repeating: "abandon ", count: 200), "this one has 200"),
    (String(repeating: "abandon ", count: 300), "too long"),
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

  /// Seeds computed with Python (hashlib, unicodedata): what other programs make of text that is no mnemonic.
  @Test(arguments: [
    (
      "corazón niño pingüino château",
      "09e011afa7da13fa4c3ddf9f25f1f42b0cdce128953b1aaf0c425f7c3740ed24494d21c3e68bf78f4988d93bdd5bcb1959d0cfbe4fb88c40fbcdf67eef00afb9"
    ),
    (
      "あいこくしん\u{3000}がっこう ぎんこう パンダ",
      "bab6e40ce3362c9f317f7d5953d510637dbb59ba7bd65e92f774d71f94c61238ffd04da4afaa48120b6f192afa28655f37a9df6deb6673f554f68052b27a1634"
    ),
    (
      "가격 깎다 개구리",
      "410eb6a51268fbc3f1e80c10a2c169f723b8e8b67f33a61142fed9530e59bb47df269e720f82dbf9cc0e50d8b797a232e45dfe380ebb9e15d2948e4daab97c9a"
    ),
    (
      "的 一 是 在 不 了",
      "75b86960983ebda747d535aaa83fbd6c8cacb5b576ca5cd4e433029a76ce79d2741f05a9ad99a931a539047ef4b60a39262f850c1007aae055fa685a3b1276b4"
    ),
    (
      "ｚｏｏ ﬁnal… ёлка йод",
      "275284bfc8c657db3f663dfc384200e13a87ab4103e1b54ce1d87e32f30ef1231f8e41d72c998cd5755492749ffa34d40aadfcb536fcc547769489317b416ccb"
    ),
    (
      "“zoo”\u{200b}🔑",
      "03d478da898f1c2ad0c9de2056eee4963c34d03c2cbe5c56aacc19f4f7b5e0943e017a7c69859c7a5f180f5e19174462ef4ae488e5900a6d9ee8f48408e2a3d2"
    ),
    (
      "e\u{327}\u{301} e\u{301}\u{327}",
      "f84976d535803e3acf5171fed9c15a9aeecd76117d26982cd3890e741730292bdcc08593ffed1aad183b73214066aad804fe6335b943798147e17801605cdea7"
    ),
  ])
  func hashesAnyTextInItsNormalForm(text: String, seed: String) throws {
    #expect(try Mnemonic.unsafeUncheckedSeed(SecretBytes(text)).hex == seed)
  }

  @Test func takesNoBreakSpacesForSpacesAsTheNormalFormDoes() throws {
    let pasted = Self.valid.replacing(" ", with: "\u{a0}")
    #expect(try Mnemonic.unsafeUncheckedSeed(SecretBytes(pasted)) == Mnemonic.seed(SecretBytes(Self.valid)))
  }

  @Test(arguments: ["", "zoo \u{fdfa}", "½", "\u{340}", "ﾊﾝ", "x²"])
  func guessesAtNoNormalForm(text: String) throws {
    let error = #expect(throws: CryptoError.self) {
      try Mnemonic.unsafeUncheckedSeed(SecretBytes(text))
    }
    #expect(error?.code == "invalid-mnemonic")
    #expect(throws: CryptoError.self) {
      try Mnemonic.unsafeUncheckedSeed(SecretBytes(copying: [0x61, 0xff, 0x62]))
    }
  }
}
