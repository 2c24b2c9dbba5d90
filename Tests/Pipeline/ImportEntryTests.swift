import Foundation
import KMSChains
import KMSCrypto
import KMSRecords
import KMSSigning
import KMSVault
import Testing

/// What kms-wallet import makes of entries that the original would not write, or should not have.
@Suite(.serialized)
struct ImportEntryTests: ImportSuite {
  let folder: WalletFolder

  init() throws { folder = try Self.newFolder() }

  /// What the original takes and no chain does: the secret is there afterwards, whatever it is.
  @Test func losesNoSecret() throws {
    let badChecksum = M1.misspelled
    let entries: [(JSONValue, secret: String)] = [
      (OriginalWalletFile.entry("ETH", mnemonic: badChecksum), badChecksum),
      (OriginalWalletFile.entry("ETH", mnemonic: "  two  Words\n"), "two  Words"),
      (OriginalWalletFile.entry("ETH", privateKey: "not a key \"\\\u{1}"), "not a key"),
      (OriginalWalletFile.entry("BTC", privateKey: M1.mnemonic), M1.mnemonic),
      (OriginalWalletFile.entry("NEWCOIN", mnemonic: M1.mnemonic, xpub: "xpub1"), M1.mnemonic),
      (OriginalWalletFile.entry("NEWCOIN", mnemonic: M1.mnemonic, privateKey: "0x1"), M1.mnemonic),
      (
        OriginalWalletFile.entry(nil, testnet: nil, privateKey: KeyedVault.TestKey.eth),
        KeyedVault.TestKey.eth
      ),
      (OriginalWalletFile.entry("no chain", secret: "sesame"), "sesame"),
      (
        OriginalWalletFile.entry("ETH", mnemonic: M1.mnemonic, privateKey: KeyedVault.TestKey.eth),
        M1.mnemonic
      ),
      (["chain": "ETH", "testnet": false, "xpriv": "xprv9s21ZrQ"], "xprv9s21ZrQ"),
      (
        ["chain": "ETH", "testnet": true, "privateKey": .string(KeyedVault.TestKey.eth), "label": "sesame"],
        "sesame"
      ),
      (
        ["chain": "ETH", "testnet": "false", "privateKey": .string(KeyedVault.TestKey.eth)],
        KeyedVault.TestKey.eth
      ), ("sesame", "sesame"),
    ]
    var wallets = JSONObject()
    for (number, entry) in entries.enumerated() { wallets[OriginalWalletFile.id(number)] = entry.0 }
    try OriginalWalletFile.write(wallets, to: file)
    let result = try run(file)
    #expect(result.status == 0, "\(result.errorText)")
    #expect(try result.json["unsound"]?.array?.count == entries.count, "each comes with a warning")
    for secret in [
      "kitchen", "sesame", "not a key", String(KeyedVault.TestKey.eth.dropFirst(2)), "xprv9s21ZrQ",
    ] {
      #expect(!result.errorText.contains(secret) && !result.outputText.contains(secret))
    }
    let vault = try openVault()
    let all = try vault.views().compactMap { try vault.secret(of: $0.signatureID) }
    for (number, entry) in entries.enumerated() {
      let id = OriginalWalletFile.id(number)
      #expect(try vault.view(of: id) != nil, "under its own signature ID")
      #expect(
        all.contains {
          $0.secret.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }.contains(entry.secret)
        },
        "\(id)")
    }
    #expect(try folder.run("export").status == 0)
    #expect(try folder.run("check").status == 0)
  }

  /// Addresses and short numbers under FLOW, whose keys the original printed without leading zeros.
  @Test func keepsShortKeysOfFlowFromSigning() throws {
    let texts = ["1654653399040a61", "0x2a", KeyDoubtTests.flow62]
    func write() throws {
      var wallets = JSONObject()
      for (number, text) in texts.enumerated() {
        wallets[OriginalWalletFile.id(number)] = OriginalWalletFile.entry("FLOW", privateKey: text)
      }
      try OriginalWalletFile.write(wallets, to: file)
    }
    try write()
    let result = try run(file)
    #expect(result.status == 0 && result.errorText.contains("address of a Flow account"))
    #expect(
      result.errorText.contains("--short-key") && result.errorText.contains(KeyDoubtTests.flowPublicKey))
    let kinds = try (0..<3).map { try openVault().view(of: OriginalWalletFile.id($0))?.kind }
    #expect(kinds == [.secret, .secret, .privateKey])
    #expect(try folder.run("getprivatekey", OriginalWalletFile.id(0)).status != 0)
    #expect(try folder.run("removewallet", "--yes", OriginalWalletFile.id(1)).status == 0)
    #expect(try run(file, "--short-key").status == 0)
    #expect(try openVault().view(of: OriginalWalletFile.id(1))?.kind == .privateKey)
  }

  @Test func signsOnWithAMnemonicThatTheOriginalDidNotCheck() throws {
    let mnemonic = M1.misspelled
    var wallets = JSONObject()
    wallets[OriginalWalletFile.id(1)] = OriginalWalletFile.entry("ETH", mnemonic: mnemonic)
    try OriginalWalletFile.write(wallets, to: file)
    #expect(try run(file).errorText.contains("signs as before"))
    let address = try folder.run("getaddress", OriginalWalletFile.id(1), "0")
    let key = try folder.run("getprivatekey", OriginalWalletFile.id(1), "0")
    #expect(address.status == 0 && key.status == 0, "\(address.errorText)\(key.errorText)")
    // Computed with PBKDF2 and BIP-32 written in Python.
    #expect(
      try key.json["privateKey"] == "0x4a78c8974b05543a79d3cebc86f983b8750436c1dae69268ad179cd6cd6f2fbb")
    let wallet = try #require(SigningRegistry.chains["ETH"]).wallets.wallet(
      privateKey: SecretBytes(copying: Array((key.json["privateKey"]?.string ?? "").utf8)), testnet: false)
    #expect(try address.json["address"]?.string == wallet.address)
  }

  /// Text that the original hashed as it was. Keys and addresses computed in Python, with PBKDF2, BIP-32 and SLIP-0010
  /// written there.
  @Test(arguments: [
    (
      "EGLD", M1.mnemonic.uppercased(), UInt32(0),
      "152f88c2dc13377b59ba1e21461e1143c214aead98a56170db594f7222a2ffd6",
      "erd1lzfsj9tr2gdqpg0tdtyr4gy49evv5dn56frfpt6s3a5hhe4vfg9s7ywlam"
    ),
    (
      "EGLD", M1.misspelled, 5, "f473bf51e4b021e798469ff83277dedbc2df8c601566fa0c4ea7e071a9847af4",
      "erd1w2wl6vfaphks4vymn4ncmz2l77c76ytkrc0s2nmwj65pgefsnmcqw72y8l"
    ),
    (
      "SOL", M1.misspelled, 3,
      "EXHH6kmeTUk4YFueEdfjL6PEmr8L621AACZqb8gfj6Q2ERc2ZdbWDNxp2LnvtokU7NaN261LcQySPW8qJtjYqYN",
      "4mBje7YcTMBRJcpnFtP3D93wNAeUvTTpTB5w8Y8ws2Lr"
    ),
    (
      "SOL", M1.mnemonic.uppercased(), 0,
      "5mibzzDQ8JDWmDKb1VHg8UNujG1rWkhdogmjeNwS7Jnp4ycrDwkapmFYqisaTr9BAy8MGi6DvUEdgJy1JcZ8HfMh",
      "GbW2x7HBnVfJ8eqEhZNwQ3Mo4M4Di94jH5V3vNiFkEwq"
    ),
    (
      "ETH", M1.mnemonic.replacingOccurrences(of: " ", with: "\u{a0}"), 0,
      "0x9ae648e97d56d9b75867bb2f7bcc57258e1803e351c181748865bf6a24ee6649",
      "0x45ed61920025dbb877f385dedd192a2408a8561c"
    ),
  ])
  func derivesAsTheOriginal(chain: String, mnemonic: String, index: UInt32, key: String, address: String)
    throws
  {
    var wallets = JSONObject()
    wallets[OriginalWalletFile.id(1)] = OriginalWalletFile.entry(chain, mnemonic: mnemonic)
    try OriginalWalletFile.write(wallets, to: file)
    let result = try run(file)
    #expect(result.status == 0)
    // BIP-39 hashes the normal form, in which a no-break space is a space: that one has the keys of the usual spelling.
    let isUsual = mnemonic.decomposedStringWithCompatibilityMapping == M1.mnemonic
    #expect(result.errorText.contains("signs as before") == !isUsual)
    let id = OriginalWalletFile.id(1)
    #expect(try folder.run("getprivatekey", id, "\(index)").json["privateKey"]?.string == key)
    #expect(try folder.run("getaddress", id, "\(index)").json["address"]?.string == address)
  }

  /// SOL: the original signs with the private key of the entry, whatever its mnemonic is.
  @Test(arguments: ["\u{fdfa}", M1.misspelled, M1.mnemonic])
  func signsWithTheKeyBesideAMnemonicThatDoesNotYieldIt(mnemonic: String) throws {
    let key =
      "EXHH6kmeTUk4YFueEdfjL6PEmr8L621AACZqb8gfj6Q2ERc2ZdbWDNxp2LnvtokU7NaN261LcQySPW8qJtjYqYN"
    let address = "4mBje7YcTMBRJcpnFtP3D93wNAeUvTTpTB5w8Y8ws2Lr"
    var wallets = JSONObject()
    wallets[OriginalWalletFile.id(1)] = OriginalWalletFile.entry(
      "SOL", mnemonic: mnemonic, address: address, privateKey: key)
    try OriginalWalletFile.write(wallets, to: file)
    let result = try run(file)
    #expect(result.status == 0)
    #expect(result.errorText.contains("secrets that do not belong together"))
    #expect(
      try folder.run("getprivatekey", OriginalWalletFile.id(1)).json["privateKey"]?.string == key)
    #expect(try folder.run("getaddress", OriginalWalletFile.id(1)).json["address"]?.string == address)
  }

  @Test func keepsBothWalletsWhoseIDsDifferInCapitalsOnly() throws {
    let id = "abcdefab-cdef-4abc-8def-abcdefabcdef"
    var wallets = JSONObject()
    wallets[id] = OriginalWalletFile.entry("ETH", testnet: true, privateKey: KeyedVault.TestKey.eth)
    wallets[id.uppercased()] = OriginalWalletFile.entry("ETH", mnemonic: M1.mnemonic)
    try OriginalWalletFile.write(wallets, to: file)
    let result = try run(file)
    #expect(result.status == 0, "\(result.errorText)")
    #expect(result.errorText.contains("differs from another one in capitals only"))
    let views = try openVault().views()
    #expect(views.count == 2)
    #expect(views.first { $0.signatureID == id }?.address == KeyedVault.TestKey.ethAddress)
    let again = try run(file)
    #expect(again.status == 0, "\(again.errorText)")
    #expect(try again.json["alreadyThere"] == 2)
  }

  @Test func keepsWhatTheOriginalsReportWarnsAbout() throws {
    var wallets = JSONObject()
    wallets[OriginalWalletFile.id(1)] = OriginalWalletFile.entry("ETH", mnemonic: M1.mnemonic)
    wallets[OriginalWalletFile.id(2)] = OriginalWalletFile.entry(
      "ETH", xpub: "xpub6DtR524VQx3ENj2E9pNZnjqkVp47YN5")
    wallets[OriginalWalletFile.id(3)] = OriginalWalletFile.entry(
      "ETH", testnet: nil, mnemonic: M1.mnemonic, xpub: "xpub6wrong")
    wallets[OriginalWalletFile.id(4)] = .null
    wallets[OriginalWalletFile.id(5)] = [
      "chain": "ETH", "testnet": true, "privateKey": .null, "mnemonic": "",
    ]
    // The original prints this key for every entry without a mnemonic.
    wallets[OriginalWalletFile.id(6)] = OriginalWalletFile.entry(
      "ETH", privateKey: "0xabf82ff96b463e9d82b83cb9bb450fe87e6166d4db6d7021d0c71d7e960d5abe")
    try OriginalWalletFile.write(wallets, to: file)
    let result = try run(file)
    #expect(result.status == 65, "some entries are not in the vault")
    #expect(try result.json["leftOut"] == .array([2, 5, 6].map { .string(OriginalWalletFile.id($0)) }))
    let xpub =
      "xpub6DtR524VQx3ENj2E9pNZnjqkVp47YN5sRCP5y4Gs6KZTwDhH9HTVX8shJPt74WaPZRftRXFfnsyPbMPh6DMEmrQ2WBxDJzGxriStAB36bQM"
    let vault = try openVault()
    #expect(try vault.view(of: OriginalWalletFile.id(1))?.xpub == xpub)
    #expect(try vault.view(of: OriginalWalletFile.id(3))?.xpub == xpub)
    #expect(result.errorText.contains("its xpub was xpub6wrong"))
    #expect(result.errorText.contains("empty mnemonic"))
  }

  @Test func putsTokensOnTheirChain() throws {
    var wallets = JSONObject()
    wallets[OriginalWalletFile.id(1)] = OriginalWalletFile.entry(
      "USDT", testnet: true, privateKey: KeyedVault.TestKey.eth)
    wallets[OriginalWalletFile.id(2)] = OriginalWalletFile.entry(
      "CAKE", testnet: true, privateKey: KeyedVault.TestKey.eth)
    try OriginalWalletFile.write(wallets, to: file)
    let result = try run(file)
    #expect(result.status == 0)
    #expect(result.errorText.contains("1 wallets of USDT"))
    #expect(try openVault().views().map(\.chain) == ["BSC", "ETH"])
  }
}
