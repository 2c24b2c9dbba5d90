import Foundation
import KMSCrypto
import KMSPrivateKeys
import KMSRecords
import Testing

/// Words of each of BIP-39's ten languages on their whole way: made, stored, exported, imported, and stored again.
@Suite(.serialized)
struct KeyLanguageTests: ImportSuite {
  let folder: WalletFolder

  init() throws { folder = try Self.newFolder() }

  @Test(arguments: MnemonicLanguage.allCases)
  func wordsAreTheSameWalletWhereverTheyGo(language: MnemonicLanguage) throws {
    let made = try folder.store("generatemanagedwallet", "ETH", "--language", language.rawValue)
    let id = try #require(try made.json["signatureId"]?.string, "\(made.errorText)")
    let address = try #require(try made.json["address"]?.string)
    let words = try #require(try folder.run("export", "--yes").json[id]?["mnemonic"]?.string)
    #expect(
      words.decomposedStringWithCompatibilityMapping == words && words.split(separator: " ").count == 24)

    // As wallets show them: composed letters, and ideographic spaces; no language is said.
    let shown = words.precomposedStringWithCanonicalMapping.replacing(" ", with: "\u{3000}")
    for text in [words, shown] {
      let stored = try folder.store("storemanagedwallet", "ETH", "--expect-address", address, input: text)
      let again = try #require(try stored.json["signatureId"]?.string, "\(stored.errorText)")
      #expect(try folder.run("export", "--yes").json[again]?["mnemonic"]?.string == words)
      let named = try folder.store(
        "storemanagedwallet", "ETH", "--language", language.rawValue, "--expect-address", address, input: text
      )
      #expect(named.status == 0, "\(named.errorText)")
    }
    let other = language == .english ? "french" : "english"
    let refused = try folder.store("storemanagedwallet", "ETH", "--language", other, input: words)
    #expect(refused.status == 65 && !refused.errorText.contains(words))

    // The original keeps what people typed.
    var wallets = JSONObject()
    for (number, text) in [words, shown].enumerated() {
      wallets[OriginalWalletFile.id(number)] = OriginalWalletFile.entry("ETH", mnemonic: text)
    }
    try OriginalWalletFile.write(wallets, to: file)
    let imported = try run(file)
    #expect(
      try imported.json["imported"] == 2 && imported.json["unsound"]?.array == [], "\(imported.errorText)")
    for number in 0..<2 {
      let id = OriginalWalletFile.id(number)
      #expect(try folder.run("getaddress", id, "0").json["address"]?.string == address)
      let exported = try #require(try folder.run("export", "--yes").json[id]?["mnemonic"]?.string)
      let stored = try folder.store("storemanagedwallet", "ETH", "--expect-address", address, input: exported)
      #expect(stored.status == 0, "\(stored.errorText)")
    }
  }

  /// Cardano derives from the entropy, which the language decides about.
  @Test(arguments: [MnemonicLanguage.japanese, .korean, .czech, .chineseTraditional])
  func wordsOfCardanoAreTheSameWallet(language: MnemonicLanguage) throws {
    let made = try folder.store("generatemanagedwallet", "ADA", "--language", language.rawValue)
    let id = try #require(try made.json["signatureId"]?.string, "\(made.errorText)")
    let address = try #require(try made.json["address"]?.string)
    let words = try #require(try folder.run("export", "--yes").json[id]?["mnemonic"]?.string)
    let stored = try folder.store(
      "storemanagedwallet", "ADA", "--expect-address", address,
      input: words.precomposedStringWithCanonicalMapping)
    #expect(stored.status == 0, "\(stored.errorText)")
    #expect(try folder.run("getaddress", id, "0").json["address"]?.string == address)
  }
}
