import KMSPrimitives
import Testing

@testable import KMSCrypto
@testable import KMSPrivateKeys

/// Words as people write them down, and words of other schemes.
struct MnemonicTextTests {
  private static let words = "metal wife security language pill mule grow bitter spin chicken secret heavy"

  private func check(_ text: String) throws -> String {
    try Mnemonic.check(SecretBytes(copying: Array(text.utf8))).withUnsafeBytes {
      String(decoding: $0, as: UTF8.self)
    }
  }

  @Test(arguments: [
    "[\"metal\", \"wife\", \"security\", \"language\", \"pill\", \"mule\", \"grow\", \"bitter\", \"spin\", \"chicken\", \"secret\", \"heavy\"]",
    "metal-wife-security-language-pill-mule-grow-bitter-spin-chicken-secret-heavy",
    "metal|wife|security|language|pill|mule|grow|bitter|spin|chicken|secret|heavy",
    "• metal\n• wife\n• security\n• language\n• pill\n• mule\n• grow\n• bitter\n• spin\n• chicken\n• secret\n• heavy",
    "(1) metal (2) wife (3) security (4) language (5) pill (6) mule (7) grow (8) bitter (9) spin (10) chicken (11) secret (12) heavy",
    "1 - metal\n2 - wife\n3 - security\n4 - language\n5 - pill\n6 - mule\n7 - grow\n8 - bitter\n9 - spin\n10 - chicken\n11 - secret\n12 - heavy",
    "metal wife security language pill mule grow bitter spin chicken secret heavy.",
    "1metal 2wife 3security 4language 5pill 6mule 7grow 8bitter 9spin 10chicken 11secret 12heavy",
    // Two columns, read line by line; the numbers before the words, and after them, from 1 or from 0.
    "1. metal 7. grow\n2. wife 8. bitter\n3. security 9. spin\n4. language 10. chicken\n5. pill 11. secret\n6. mule 12. heavy",
    "metal 1 grow 7 wife 2 bitter 8 security 3 spin 9 language 4 chicken 10 pill 5 secret 11 mule 6 heavy 12",
    "0 metal 6 grow 1 wife 7 bitter 2 security 8 spin 3 language 9 chicken 4 pill 10 secret 5 mule 11 heavy",
  ])
  func readsWordsInTheirOrder(text: String) throws {
    #expect(try check(text) == Self.words)
  }

  @Test(arguments: [
    // Numbers twice, missing, from 2 on: nobody can tell the order.
    "1 metal 2 wife 3 security 4 language 5 pill 6 mule 1 grow 2 bitter 3 spin 4 chicken 5 secret 6 heavy",
    "2 wife 1 metal security language pill mule grow bitter spin chicken secret heavy",
    "3 wife 2 metal 4 security 5 language 6 pill 7 mule 8 grow 9 bitter 10 spin 11 chicken 12 secret 13 heavy",
    // A digit within a word is a slip.
    "met4l wife security language pill mule grow bitter spin chicken secret heavy",
    // A letter of another script that looks the same.
    "m\u{435}tal wife security language pill mule grow bitter spin chicken secret heavy",
  ])
  func refusesWhatItCannotTell(text: String) throws {
    let error = #expect(throws: CryptoError.self) { try check(text) }
    #expect(error?.code == "invalid-mnemonic")
    #expect(!(error?.message.contains("wife") ?? true))
  }

  /// What a keyboard without accents writes; the words are those of the Python package mnemonic.
  @Test func readsWordsWithoutTheirAccents() throws {
    let composed = "mejor vino realidad legión oral modelo gris atraer sanción calidad razón haz"
    let plain = "mejor vino realidad legion oral modelo gris atraer sancion calidad razon haz"
    #expect(try check(plain) == check(composed))
    #expect(try check("mejo vino real legi oral mode gris atra sanc cali razo haz") == check(composed))
  }

  @Test func countsWordsOfOtherSchemes() throws {
    func unknown(_ text: String) throws -> Int {
      try Mnemonic.unknownWords(SecretBytes(copying: Array(text.utf8)))
    }
    #expect(try unknown(Self.words) == 0)
    #expect(try unknown(Self.words.replacing("mule", with: "mulx")) == 1)
    // The example of Electrum before version 2.0, whose list shares some words.
    #expect(
      try unknown("powerful random nobody notice nothing important anyway look away hidden message over") > 2)
  }

  /// The vectors of lnd's aezeed, and the same words with two changed places.
  @Test func tellsAezeed() throws {
    let text =
      "ability liquid travel stem barely drastic pact cupboard apple thrive morning oak feature tissue couch old math "
      + "inform success suggest drink motion know royal"
    func isOne(_ text: String) throws -> Bool {
      try AezeedMnemonic.isOne(SecretBytes(copying: Array(text.utf8)))
    }
    #expect(try isOne(text))
    #expect(try isOne(text.uppercased()))
    #expect(
      try isOne(
        "absorb original enlist once climb erode kid thrive kitchen giant define tube orange leader harbor comfort olive "
          + "fatal success suggest drink penalty chimney ritual"))
    #expect(try !isOne(text.replacing("ability liquid", with: "liquid ability")))
    #expect(try !isOne(Self.words + " " + Self.words))
  }

  /// The vectors of CIP-0003, Ledger; the last one with a passphrase.
  @Test(arguments: [
    (
      "recall grace sport punch exhibit mad harbor stand obey short width stem awkward used stairs wool ugly trap season "
        + "stove worth toward congress jaguar", "",
      "a08cf85b564ecf3b947d8d4321fb96d70ee7bb760877e371899b14e2ccf88658104b884682b57efd97decbb318a45c05a527b9cc5c2f64f7352935"
        + "a049ceea60680d52308194ccef2a18e6812b452a5815fbd7f5babc083856919aaf668fe7e4"
    ),
    (
      "correct cherry mammal bubble want mandate polar hazard crater better craft exotic choice fun tourist census gap "
        + "lottery neglect address glow carry old business", "",
      "587c6774357ecbf840d4db6404ff7af016dace0400769751ad2abfc77b9a3844cc71702520ef1a4d1b68b91187787a9b8faab0a9bb6b160de541b6"
        + "ee62469901fc0beda0975fe4763beabd83b7051a5fd5cbce5b88e82c4bbaca265014e524bd"
    ),
    (
      String(repeating: "abandon ", count: 23) + "art", "foo",
      "f053a1e752de5c26197b60f032a4809f08bb3e5d90484fe42024be31efcba7578d914d3ff992e21652fee6a4d99f6091006938fac2c0c0f9d2de0b"
        + "a64b754e92a4f3723f23472077aa4cd4dd8a8a175dba07ea1852dad1cf268c61a2679c3890"
    ),
  ])
  func makesLedgersMasterKey(words: String, passphrase: String, key: String) throws {
    let seed = try MnemonicSeed(
      SecretBytes(copying: words.utf8), passphrase: SecretBytes(copying: passphrase.utf8))
    let master = try IcarusKey.ledgerMaster(seed: seed.seed)
    let code = try #require(master.chainCode)
    #expect(
      Hex.encode(master.extended.withUnsafeBytes { Array($0) } + code.withUnsafeBytes { Array($0) }) == key)
  }

  /// Of 24 words Trezor counts the checksum as entropy; computed with Python's hashlib.
  @Test func makesTrezorsMasterKey() throws {
    let words =
      "void come effort suffer camp survey warrior heavy shoot primary clutch crush open amazing screen patrol group space "
      + "point ten exist slush involve unfold"
    let master = try IcarusKey.trezorMaster(entropy: Mnemonic.entropy(SecretBytes(copying: words.utf8)))
    #expect(
      Hex.encode(master.extended.withUnsafeBytes { Array($0) })
        == "409bb7a2998ec48029c8d2956fabd043a368ccc9b5120e42dd8a5c7145d08f45e8e8664d06f62b4fc3bab0134778af27ddf059a4ad1eb0efefee"
        + "dd8189bbfe00")
    #expect(throws: CryptoError.self) { try IcarusKey.trezorMaster(entropy: .random(count: 16)) }
  }

  /// SLIP-0010, test vector 1 for nist256p1.
  @Test func derivesOnP256() throws {
    let seed = try SecretBytes(copying: Array<UInt8>(0..<16))
    let path: [HDPathElement] = [.hardened(0), .normal(1), .hardened(2), .normal(2), .normal(1_000_000_000)]
    let keys = [
      "612091aaa12e22dd2abef664f8a01a82cae99ad7441b7ef8110424915c268bc2",
      "6939694369114c67917a182c59ddb8cafc3004e63ca5d3b84403ba8613debc0c",
      "284e9d38d07d21e4e281b645089a94f4cf5a5a81369acf151a1c3a57f18b2129",
      "694596e8a54f252c960eb771a3c41e7e32496d03b954aeb90f61635b8e092aa7",
      "5996c37fd3dd2679039b23ed6f70b506c6b56b3cb5e424681fb0fa64caf82aaa",
      "21c4f269ef0a5fd1badf47eeacebeeaa3de22eb8e5b0adcd0f27dd99d34d0119",
    ]
    for (steps, key) in keys.enumerated() {
      let derived = try SLIP10P256.derive(seed: seed, path: Array(path.prefix(steps)))
      #expect(Hex.encode(derived.secret.withUnsafeBytes { Array($0) }) == key)
    }
    #expect(throws: CryptoError.self) { try SLIP10P256.derive(seed: .random(count: 15), path: []) }
  }
}
