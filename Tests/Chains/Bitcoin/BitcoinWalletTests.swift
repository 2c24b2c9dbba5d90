import KMSCrypto
import KMSPrimitives
import KMSPrivateKeys
import KMSRecords
import SigningDoor
import Testing

@testable import KMSChains
@testable import KMSSigning

@Suite struct BitcoinWalletTests {
  @Test(arguments: BitcoinVectors.wallets().filter { $0.json["kind"]?.string == "hdWallet" })
  func derivesVectors(_ vector: BitcoinVectors.Vector) throws {
    let wallets = try #require(SigningRegistry.chains[vector.chain]).wallets
    let mnemonic = try SecretBytes(#require(vector.json["mnemonic"]?.string))
    let testnet = vector.testnet
    let wallet = try wallets.wallet(mnemonic: mnemonic, testnet: testnet)
    #expect(wallet.kind == .mnemonic)
    #expect(wallet.secret == mnemonic)
    if let xpub = vector.json["xpub"]?.string { #expect(wallet.xpub == xpub) }
    let view = WalletView(
      signatureID: TestSigning.walletID, chain: vector.chain, testnet: testnet, kind: .mnemonic,
      xpub: wallet.xpub)
    for entry in try #require(vector.json["keys"]?.array) {
      let index = UInt32(try #require(entry["index"]?.uint64))
      let key = try wallets.key(kind: .mnemonic, secret: mnemonic, index: index, testnet: testnet)
      let text = try wallets.privateKeyText(kind: .mnemonic, secret: mnemonic, index: index, testnet: testnet)
      #expect(text.text == entry["privateKey"]?.string)
      if let address = entry["address"]?.string {
        #expect(key.address == address)
        #expect(try wallets.address(of: view, index: index) == address)
      }
      // The text form leads back to the same key.
      let stored = try wallets.wallet(privateKey: text, testnet: testnet)
      #expect(stored.address == key.address)
      #expect(
        try wallets.key(kind: .privateKey, secret: text, index: 7, testnet: testnet).secret == key.secret)
    }
  }

  @Test(arguments: BitcoinVectors.wallets().filter { $0.json["kind"]?.string == "addressFromPrivateKey" })
  func knowsTheLegacyAddressOfAKey(_ vector: BitcoinVectors.Vector) throws {
    let signing = try TestSigning(vector.chain, testnet: vector.testnet)
    let key = try signing.material(#require(vector.json["privateKey"]?.string))
    let network = BitcoreChain.bitcoin.parameters.network(vector.testnet)
    #expect(
      network.address(of: .publicKeyHash(Hash.hash160(key.publicKey))) == vector.json["address"]?.string)
    #expect(key.address.hasPrefix(vector.testnet ? "tb1q" : "bc1q"))
  }

  @Test func everyWalletVectorIsOfAKnownKind() {
    let kinds = Set(BitcoinVectors.wallets().compactMap { $0.json["kind"]?.string })
    #expect(kinds == ["hdWallet", "addressFromPrivateKey"])
    #expect(BitcoinVectors.wallets().count == 14 + 9 + 8 + 8)
  }

  @Test(arguments: BitcoinVectors.chains, [false, true])
  func generatesWalletsThatItTakesBack(_ chain: String, _ testnet: Bool) throws {
    let wallets = try #require(SigningRegistry.chains[chain]).wallets
    let wallet = try wallets.generate(testnet: testnet)
    #expect(wallet.secret.text.split(separator: " ").count == 24)
    #expect(try wallets.wallet(mnemonic: wallet.secret, testnet: testnet).xpub == wallet.xpub)
    #expect(try wallets.generate(testnet: testnet).xpub != wallet.xpub)
    let single = try wallets.generatePrivateKey(testnet: testnet)
    #expect(single.kind == .privateKey)
    #expect(try wallets.wallet(privateKey: single.secret, testnet: testnet).address == single.address)
    let view = WalletView(
      signatureID: TestSigning.walletID, chain: chain, testnet: testnet, kind: .privateKey,
      address: single.address)
    #expect(try wallets.address(of: view, index: 5) == single.address)
    #expect(
      try wallets.privateKeyText(kind: .privateKey, secret: single.secret, index: 3, testnet: testnet)
        == single.secret)
  }

  @Test func printsTheExtendedPrivateKeyOfTheNodeOfTheXpub() throws {
    let mnemonic = try SecretBytes(Self.abandon)
    let wallets = SigningChain.bitcore(.bitcoin).wallets
    let text = try #require(try wallets.extendedPrivateKey(mnemonic: mnemonic, testnet: false)).text
    #expect(
      text
        == "xprvA1Lvv1qpvx3f8iuRHfaEG45fyvDc3h7Ur5afz5SyRfkAsZ2765KfFfmg6Q9oEJDgf4UdYHphzzJybLykZfznUMKL2KNUU8pLRQgstN5kmFe"
    )
    #expect(
      try #require(
        try SigningChain.bitcore(.litecoin).wallets.extendedPrivateKey(mnemonic: mnemonic, testnet: false)
      )
      .text
      .hasPrefix("Ltpv"))
    #expect(
      try #require(
        try SigningChain.bitcore(.litecoin).wallets.extendedPrivateKey(mnemonic: mnemonic, testnet: true)
      )
      .text
      .hasPrefix("ttpv"))
  }

  @Test func takesHexKeysAsTheOriginalDid() throws {
    let hex = "9c1d9e2bb3b1c6e7a5f3c2d1e0f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1"
    for chain in BitcoinVectors.chains {
      for testnet in [false, true] {
        let wallets = try #require(SigningRegistry.chains[chain]).wallets
        let wallet = try wallets.wallet(privateKey: SecretBytes(hex), testnet: testnet)
        #expect(wallet.secret.text == hex)
        let key = try wallets.key(kind: .privateKey, secret: wallet.secret, index: nil, testnet: testnet)
        #expect(Hex.encode(key.secret.withUnsafeBytes { Array($0) }) == hex)
        #expect(key.publicKey.count == 33)
      }
    }
  }

  @Test func keepsUncompressedKeysUncompressed() throws {
    // Key 1, uncompressed: the address is in every Bitcoin text book.
    let wallets = SigningChain.bitcore(.bitcoin).wallets
    let one = try SecretBytes("5HpHagT65TZzG1PH3CSu63k8DbpvD8s5ip4nEB3kEsreAnchuDf")
    let wallet = try wallets.wallet(privateKey: one, testnet: false)
    #expect(wallet.address == "1EHNa6Q4Jz2uvNExL497mE43ikXhwF6kZm")
    #expect(try wallets.key(kind: .privateKey, secret: one, index: nil, testnet: false).publicKey.count == 65)
  }

  @Test(arguments: BitcoinVectors.chains)
  func refusesKeysOfTheOtherNetwork(_ chain: String) throws {
    let wallets = try #require(SigningRegistry.chains[chain]).wallets
    for testnet in [false, true] {
      let key = try wallets.generatePrivateKey(testnet: testnet).secret
      expect("wrong-network") { try wallets.wallet(privateKey: key, testnet: !testnet) }
    }
  }

  @Test(arguments: [
    "", "L", "0", "KwDmAhC2aN1xtCs7Rfgphb6k87KFgH7FyoTUm4SYMFpoEPag8ks6",  // last digit changed
    "cNvyq4JM4DnPyXNNkkxf47baCuyVesCrw5AtkALKy7ELTrBLrGB",  // one digit short
    "QTWSvxHz3FgohMiqfjfZpctvodANr7eQcpjuvdXtw6QRgxFL1PzK",  // Dogecoin's
    "0000000000000000000000000000000000000000000000000000000000000000",
    "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",  // the group order
    "0x9c1d9e2bb3b1c6e7a5f3c2d1e0f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2",
    "xpub6ELHKXNimKbxMCytPh7EdC2QXx46T9qLDJWGnTraz1H9kMMFdcduoU69wh9cxP12wDxqAAfbaESWGYt5rREsX1J8iR2TEunvzvddduAPYcY",
  ])
  func refusesWhatIsNoKey(_ text: String) throws {
    expect("invalid-private-key") {
      try SigningChain.bitcore(.bitcoin).wallets.wallet(privateKey: SecretBytes(text), testnet: false)
    }
  }

  @Test(arguments: [
    "abandon abandon abandon",
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
      + "abandon abandon",
    "zzz abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
  ])
  func refusesWrongMnemonics(_ text: String) throws {
    expect("invalid-mnemonic") {
      try SigningChain.bitcore(.bitcoin).wallets.wallet(mnemonic: SecretBytes(text), testnet: false)
    }
  }

  @Test(arguments: BitcoinVectors.chains, [false, true])
  func refusesTheEmptyMnemonic(_ chain: String, _ testnet: Bool) throws {
    let wallets = try #require(SigningRegistry.chains[chain]).wallets
    let parameters = try BitcoinVectors.parameters(chain)
    let coinType = testnet ? parameters.testnetCoinType : parameters.coinType
    let account = try HDPrivateKey.master(seed: EmptyMnemonic.seed())
      .derive([.hardened(44), .hardened(coinType), .hardened(0), .normal(0)])
    for index: UInt32 in [0, 1, 255] {
      let secret = try account.child(index, hardened: false).privateKey.secret
      let wif = try WIF.encode(secret, version: parameters.network(testnet).privateKeyVersion)
      expect("empty-mnemonic") { try wallets.wallet(privateKey: wif, testnet: testnet) }
      expect("empty-mnemonic") { try wallets.wallet(privateKey: secret.hexEncoded(), testnet: testnet) }
    }
    let xpub = account.publicNode().serialized(version: parameters.network(testnet).extendedKeys.publicKey)
    let view = WalletView(
      signatureID: TestSigning.walletID, chain: chain, testnet: testnet, kind: .mnemonic, xpub: xpub)
    expect("empty-mnemonic") { try wallets.address(of: view, index: 0) }
    expect("empty-mnemonic") { try wallets.wallet(mnemonic: SecretBytes(""), testnet: testnet) }
    expect("empty-mnemonic") {
      try wallets.key(kind: .mnemonic, secret: SecretBytes(""), index: 0, testnet: testnet)
    }
  }

  @Test func wantsAnIndexInRange() throws {
    let wallets = SigningChain.bitcore(.bitcoin).wallets
    let mnemonic = try SecretBytes(Self.abandon)
    expect("index-missing") {
      try wallets.key(kind: .mnemonic, secret: mnemonic, index: nil, testnet: false)
    }
    expect("invalid-index") {
      try wallets.key(kind: .mnemonic, secret: mnemonic, index: 1 << 31, testnet: false)
    }
    let view = WalletView(
      signatureID: TestSigning.walletID, chain: "BTC", testnet: false, kind: .mnemonic,
      xpub: try wallets.wallet(mnemonic: mnemonic, testnet: false).xpub)
    expect("invalid-index") { try wallets.address(of: view, index: .max) }
    expect("unsupported") { try wallets.key(kind: .secret, secret: mnemonic, index: 0, testnet: false) }
  }

  @Test func writesBothScriptPrefixesOfLitecoinOnceAndReadsThemBoth() throws {
    let network = BitcoreChain.litecoin.parameters.mainnet
    let hash = [UInt8](repeating: 7, count: 20)
    let written = try #require(network.address(of: .scriptHash(hash)))
    #expect(written.hasPrefix("M"))
    let bitcoins = try #require(BitcoreChain.bitcoin.parameters.mainnet.address(of: .scriptHash(hash)))
    #expect(bitcoins.hasPrefix("3"))
    #expect(network.script(ofAddress: written) == .scriptHash(hash))
    #expect(network.script(ofAddress: bitcoins) == .scriptHash(hash))
    let testnet = BitcoreChain.litecoin.parameters.testnet
    #expect(try #require(testnet.address(of: .scriptHash(hash))).hasPrefix("Q"))
  }

  private static let abandon =
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"

  private func expect<T>(_ code: String, _ body: () throws -> T) {
    do {
      _ = try body()
      Issue.record("not refused, expected \(code)")
    } catch let error as WalletError {
      #expect(error.code == code, "\(error.message)")
    } catch { Issue.record("another kind of error: \(error)") }
  }
}
