import Foundation
import KMSCrypto
import KMSPrimitives
import KMSRecords
import Testing

/// One secret on two networks, words in other languages, and words that no list has.
@Suite(.serialized)
struct KeyNetworkTests {
  let folder: WalletFolder

  init() throws { folder = try WalletFolder() }

  @Test(arguments: [
    ("XRP", "sEdTM1uX8pu2do5XvTnutH6HsouMaM2", "storemanagedprivatekey"),
    ("TRON", KeyPathTests.words, "storemanagedwallet"),
    ("SOL", KeyPathTests.words, "storemanagedwallet"),
    ("BTC", "a0bf4b69e9bd80d7cf0d6588abc44a50c2c4a0aad92bbe656b5744cab4440ced", "storemanagedprivatekey"),
  ])
  func refusesASecretOfTheOtherNetwork(chain: String, secret: String, command: String) throws {
    // 64 digits may be a transaction's id: who stores them by a pipe says which address they have.
    func expecting(_ network: String...) throws -> [String] {
      let shown = try folder.store([command, chain, "--dry-run"] + network, input: secret)
      let address = try JSONValue(parsing: shown.standardOutput)["address"]?.string
      return network + ["--expect-address", try #require(address, "\(shown.errorText)")]
    }
    let (there, here) = (try expecting("--testnet"), try expecting())
    let stored = try folder.store([command, chain] + there, input: secret)
    let id = try #require(try stored.json["signatureId"]?.string, "\(stored.errorText)")
    let refused = try folder.store([command, chain] + here, input: secret)
    #expect(refused.status == 65 && refused.outputText == "")
    #expect(
      refused.errorText.contains(id) && refused.errorText.contains("--both-networks"), "\(refused.errorText)")
    #expect(try folder.store([command, chain, "--both-networks"] + here, input: secret).status == 0)
  }

  /// The same key in another form: one of the addresses of words, in digits of both cases, WIF or hexadecimal.
  @Test(arguments: ["BTC", "BCH", "TRON", "SOL", "FLOW"])
  func findsAKeyBehindWords(chain: String) throws {
    let made = try folder.store("generatemanagedwallet", chain, "--testnet")
    let id = try #require(try made.json["signatureId"]?.string, "\(made.errorText)")
    func isRefused(_ secret: String) throws -> Bool {
      let shown = try folder.store(["storemanagedprivatekey", chain, "--dry-run"], input: secret)
      let address = try JSONValue(parsing: shown.standardOutput)["address"]?.string
      let stored = try folder.store(
        ["storemanagedprivatekey", chain, "--expect-address", try #require(address, "\(shown.errorText)")],
        input: secret)
      return stored.status == 65 && stored.errorText.contains(id)
        && stored.errorText.contains("--both-networks")
    }
    for index in ["0", "9"] {
      let key = try #require(try folder.run("getprivatekey", id, index).json["privateKey"]?.string)
      var forms = [key]
      switch chain {
      case "BTC", "BCH", "LTC", "DOGE":
        let digits = Hex.encode(try #require(Base58Check.decode(key))[1..<33])
        forms = [digits, "0x" + digits.uppercased()]
      case "TRON", "FLOW": forms.append(key.uppercased())
      default: break
      }
      for form in forms { #expect(try isRefused(form), "\(chain) \(index)") }
    }
    // The other way round: words whose third key is there already.
    let words = try #require(
      try ProgramProcess.run("kms-wallet", ["generatewallet", "TRON", "--testnet"]).json["mnemonic"]?.string)
    guard chain == "TRON" else { return }
    let temporary = try WalletFolder()
    let there = try temporary.stored("storemanagedwallet", chain, "--testnet", input: words)
    let third = try #require(try temporary.run("getprivatekey", there, "2").json["privateKey"]?.string)
    let shown = try folder.store(["storemanagedprivatekey", chain, "--testnet", "--dry-run"], input: third)
    let address = try #require(try shown.json["address"]?.string)
    _ = try folder.stored(
      "storemanagedprivatekey", chain, "--testnet", "--expect-address", address, input: third)
    let refused = try folder.store("storemanagedwallet", chain, input: words)
    #expect(refused.status == 65 && refused.errorText.contains("--both-networks"), "\(refused.errorText)")
  }

  /// The original stored one secret for both networks without a word.
  @Test func importsNoKeyForBothNetworks() throws {
    let file = folder.url.appendingPathComponent("old.dat").path
    let oldPassword = folder.url.appendingPathComponent("old-password").path
    try folder.writeSecret(OriginalWalletFile.password, to: oldPassword)
    var wallets = JSONObject()
    let secret = "sEdTM1uX8pu2do5XvTnutH6HsouMaM2"
    for (number, testnet) in [true, false].enumerated() {
      wallets[OriginalWalletFile.id(number)] = OriginalWalletFile.entry(
        "XRP", testnet: testnet, secret: secret)
      // Signatures of ETH name their network.
      wallets[OriginalWalletFile.id(number + 2)] = OriginalWalletFile.entry(
        "ETH", testnet: testnet, address: KeyedVault.TestKey.ethAddress, privateKey: KeyedVault.TestKey.eth)
    }
    try OriginalWalletFile.write(wallets, to: file)
    func run(_ more: String...) throws -> ProgramProcess.Result {
      try ProgramProcess.run(
        "kms-wallet",
        ["import", file, "--old-password-file", oldPassword] + more + folder.options + WalletFolder.cheap)
    }
    let first = try run()
    #expect(first.status == 65, "\(first.errorText)")
    #expect(try first.json["imported"] == 3)
    #expect(try first.json["leftOut"]?.array?.count == 1)
    #expect(first.errorText.contains("--both-networks"), "\(first.errorText)")
    // What the vault has counts as what the file has.
    let second = try run()
    #expect(second.status == 65)
    #expect(try second.json["alreadyThere"] == 3)
    #expect(try run("--both-networks").json["imported"] == 1)
  }

  @Test func storesOneSecretOnBothNetworksWhereSignaturesNameThem() throws {
    _ = try folder.stored("storemanagedprivatekey", "ETH", "--testnet", input: KeyedVault.TestKey.eth)
    #expect(try folder.store("storemanagedprivatekey", "ETH", input: KeyedVault.TestKey.eth).status == 0)
  }

  @Test(arguments: ["japanese", "korean", "chinese-simplified", "french"])
  func keepsWordsOfOtherLanguages(language: String) throws {
    let made = try folder.store("generatemanagedwallet", "ETH", "--language", language)
    let id = try #require(try made.json["signatureId"]?.string, "\(made.errorText)")
    let words = try #require(try folder.run("getmanagedwallet", id).json["mnemonic"]?.string)
    let again = try folder.store("storemanagedwallet", "ETH", "--language", language, input: words)
    #expect(try again.json["address"] == made.json["address"], "\(again.errorText)")
    let exported = try folder.run("export").json[id]?["mnemonic"]?.string
    #expect(exported == words)
    let other = try folder.store("storemanagedwallet", "ETH", "--language", "czech", input: words)
    #expect(other.status == 65)
  }

  @Test func storesUnsoundWordsOnlyWithTheirAddress() throws {
    let words = "two  Words"
    let shown = try folder.store("storemanagedwallet", "ETH", "--unchecked", "--dry-run", input: words)
    let address = try #require(try shown.json["address"]?.string, "\(shown.errorText)")
    #expect(try folder.store("storemanagedwallet", "ETH", "--unchecked", input: words).status == 65)
    let stored = try folder.store(
      "storemanagedwallet", "ETH", "--unchecked", "--expect-address", address, input: words + "\n")
    let id = try #require(try stored.json["signatureId"]?.string, "\(stored.errorText)")
    #expect(try folder.run("getmanagedwallet", id).json["mnemonic"]?.string == words)
    #expect(try folder.run("getaddress", id, "0").json["address"]?.string == address)
  }

  @Test func asksBeforeItRemovesAlsoWithoutATerminal() throws {
    let id = try folder.stored("generatemanagedwallet", "ETH")
    let refused = try ProgramProcess.run(
      "/usr/bin/setsid", ["-w", SourceTree.program("kms-wallet"), "removewallet", id] + folder.options)
    #expect(refused.status == 64 && refused.errorText.contains("--yes"))
    #expect(try folder.run("getaddress", id, "0").status == 0)
  }
}
