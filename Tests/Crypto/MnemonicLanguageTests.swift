import KMSPrimitives
import Testing

@testable import KMSCrypto
@testable import KMSPrivateKeys

/// The ten languages of BIP-39.
struct MnemonicLanguageTests {
  /// SHA-256 of the files of https://github.com/bitcoin/bips/tree/master/bip-0039.
  @Test(arguments: [
    (MnemonicLanguage.english, "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda"),
    (.chineseSimplified, "5c5942792bd8340cb8b27cd592f1015edf56a8c5b26276ee18a482428e7c5726"),
    (.chineseTraditional, "417b26b3d8500a4ae3d59717d7011952db6fc2fb84b807f3f94ac734e89c1b5f"),
    (.czech, "7e80e161c3e93d9554c2efb78d4e3cebf8fc727e9c52e03b83b94406bdcc95fc"),
    (.french, "ebc3959ab7801a1df6bac4fa7d970652f1df76b683cd2f4003c941c63d517e59"),
    (.italian, "d392c49fdb700a24cd1fceb237c1f65dcc128f6b34a8aacb58b59384b5c648c2"),
    (.japanese, "2eed0aef492291e061633d7ad8117f1a2b03eb80a29d0e4e3117ac2528d05ffd"),
    (.korean, "9e95f86c167de88f450f0aaf89e87f6624a57f973c67b516e338e8e8b8897f60"),
    (.portuguese, "2685e9c194c82ae67e10ba59d9ea5345a23dc093e92276fc5361f6667d79cd3f"),
    (.spanish, "46846a5a0139d1e3cb77293e521c2865f7bcdb82c44e8d0a06a2cd0ecba48c0b"),
  ])
  func hasTheListsOfTheSpecification(language: MnemonicLanguage, digest: String) {
    var file: [UInt8] = []
    for index in 0..<language.words.count { file += Array(language.words.word(index)) + [10] }
    #expect(language.words.count == 2048)
    #expect(Hex.encode(Hash.sha256(file)) == digest)
  }

  /// Whatever is written is read again, composed or not, with ideographic spaces or not.
  @Test(arguments: MnemonicLanguage.allCases)
  func readsWhatItWrites(language: MnemonicLanguage) throws {
    for words in [12, 15, 18, 21, 24] {
      let text = try Mnemonic.generate(words: words, language: language)
      #expect(try Mnemonic.check(text) == text)
      #expect(try Mnemonic.check(text, language: language) == text)
      let written = text.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
      let spaced = written.split(separator: " ").enumerated()
        .map { "\($0.offset + 1). \($0.element)" }.joined(separator: ",\u{3000}")
      #expect(try Mnemonic.check(SecretBytes(copying: Array(spaced.utf8))) == text)
    }
  }

  /// Vectors of the Python package mnemonic 0.21 for one entropy: words, and the seed's first bytes.
  @Test(arguments: [
    (
      MnemonicLanguage.english,
      "metal wife security language pill mule grow bitter spin chicken secret heavy", "20d9f093a66fc056"
    ),
    (.chineseSimplified, "塑 晒 槽 召 牧 警 刚 并 冻 带 偶 握", "594e05f6a1a5913b"),
    (.chineseTraditional, "塑 曬 槽 召 牧 警 剛 並 凍 帶 偶 握", "8ff3dc48ba38f711"),
    (
      .czech, "ortel zmar smilstvo obava povaha pamflet mazlit chvost tenor epocha smaragd mistr",
      "4244c6066ba72f51"
    ),
    (
      .french, "laurier vilain promener humide niche lourd filleul avide rosier calomnie projeter forcer",
      "f316939bf03637f5"
    ),
    (
      .italian,
      "nuovo virgola sbloccato mercurio poltrona onta inattivo azione sloveno caso sbendare insieme",
      "596de2c783915bf7"
    ),
    (.japanese, "たぬき　るりがわら　ぱそこん　そうき　でんりょく　たんのう　しほん　うなずく　ふうけい　がいき　はしる　じゆう", "5065f6e612a9a810"),
    (.korean, "여건 확장 존재 신규 의학 열쇠 석유 구경 채점 넷째 조직 성적", "432ea2cd5f667381"),
    (
      .portuguese,
      "laminar vidraria prezar honrado muscular limitar fera arroba revisor bonde pretexto flora",
      "b2d4cbeab84f8338"
    ),
    (
      .spanish, "mejor vino realidad legión oral modelo gris atraer sanción calidad razón haz",
      "f12e53cc51999882"
    ),
  ])
  func derivesTheSeed(language: MnemonicLanguage, composed: String, seed: String) throws {
    let text = try SecretBytes(copying: Array(composed.utf8))
    let checked = try Mnemonic.check(text)
    #expect(Hex.encode(try Mnemonic.seed(checked).withUnsafeBytes { Array($0.prefix(8)) }) == seed)
    #expect(
      try Mnemonic.entropy(text).withUnsafeBytes { Array($0) }
        == Hex.decode("8c1f5f0b3e7a4d2299c0b6d1e4f70a35"))
    #expect(throws: CryptoError.self) {
      try Mnemonic.check(text, language: language == .english ? .french : .english)
    }
  }

  @Test func readsFirstLettersOfWords() throws {
    let whole = "metal wife security language pill mule grow bitter spin chicken secret heavy"
    let short = "meta wife secu lang pill mule grow bitt spin chic secr heav"
    let text = try Mnemonic.check(SecretBytes(copying: Array(short.uppercased().utf8)))
    #expect(text.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } == whole)
  }
}
