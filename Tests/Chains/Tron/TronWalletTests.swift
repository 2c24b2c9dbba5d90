internal import KMSCrypto
internal import KMSPrivateKeys
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

@Suite struct TronWalletTests {
  let wallets = SigningChain.tron.wallets

  @Test func makesTheWalletsOfTheOriginal() throws {
    var keys = 0
    for vector in try EVMVectors.vectors("wallets/tron") where vector["kind"]?.string == "hdWallet" {
      let mnemonic = try SecretBytes(copying: Array(try #require(vector["mnemonic"]?.string).utf8))
      // One path for both networks.
      for testnet in [false, true] {
        let wallet = try wallets.wallet(mnemonic: mnemonic, testnet: testnet)
        if let xpub = vector["xpub"]?.string { #expect(wallet.xpub == xpub) }
        let view = WalletView(
          signatureID: "", chain: "TRON", testnet: testnet, kind: .mnemonic, xpub: wallet.xpub)
        for item in try #require(vector["keys"]?.array) {
          let index = UInt32(try #require(item["index"]?.uint64))
          let key = try wallets.key(kind: .mnemonic, secret: mnemonic, index: index, testnet: testnet)
          if let address = item["address"]?.string { #expect(key.address == address) }
          #expect(try wallets.address(of: view, index: index) == key.address)
          let text = try wallets.privateKeyText(
            kind: .mnemonic, secret: mnemonic, index: index, testnet: testnet)
          #expect(
            try text == SecretBytes(copying: Array(try EVMVectors.value(item["privateKey"]?.string).utf8)))
          keys += 1
        }
      }
    }
    #expect(keys == 14)
  }

  @Test func derivesAddressesFromBothFormsOfAnExtendedKey() throws {
    var count = 0
    for vector in try EVMVectors.vectors("wallets/tron") where vector["kind"]?.string == "addressFromXpub" {
      let testnet = vector["testnet"]?.bool == true
      let view = WalletView(
        signatureID: "", chain: "TRON", testnet: testnet, kind: .mnemonic,
        xpub: try #require(vector["xpub"]?.string))
      let index = UInt32(try #require(vector["index"]?.uint64))
      #expect(try wallets.address(of: view, index: index) == vector["address"]?.string)
      count += 1
    }
    #expect(count == 3)
  }

  @Test(arguments: ["", "xpub", String(repeating: "0", count: 130), String(repeating: "g", count: 130)])
  func refusesExtendedKeysThatAreNone(xpub: String) {
    let view = WalletView(signatureID: "", chain: "TRON", testnet: false, kind: .mnemonic, xpub: xpub)
    #expect(throws: WalletError.self) { try wallets.address(of: view, index: 0) }
  }

  @Test func readsPrivateKeysInEitherCase() throws {
    for text in [
      TronVectors.testKey, TronVectors.testKey.lowercased(), "0x" + TronVectors.testKey,
    ] {
      let wallet = try wallets.wallet(privateKey: SecretBytes(copying: Array(text.utf8)), testnet: true)
      #expect(wallet.address == TronVectors.testAddress)
      #expect(wallet.kind == .privateKey)
    }
  }

  @Test func generatedWalletsAreOfTheFormThatTheOriginalWrites() throws {
    let key = try wallets.generatePrivateKey(testnet: false)
    #expect(key.secret.count == 64)
    #expect(key.address?.hasPrefix("T") == true)
    #expect(
      try wallets.key(kind: .privateKey, secret: key.secret, index: nil, testnet: false).address
        == key.address)
    let wallet = try wallets.generate(testnet: true)
    #expect(wallet.kind == .mnemonic && wallet.xpub?.hasPrefix("xpub") == true)
  }

  @Test(arguments: ["", "00", String(repeating: "0", count: 64), "T" + String(repeating: "1", count: 63)])
  func refusesPrivateKeysThatAreNone(text: String) throws {
    let secret = try SecretBytes(copying: Array(text.utf8))
    #expect(throws: WalletError.self) { try wallets.wallet(privateKey: secret, testnet: false) }
  }

  /// Decision 12.
  @Test func refusesTheEmptyMnemonic() throws {
    let empty = try SecretBytes(copying: [])
    #expect(throws: WalletError.emptyMnemonicKey) { try wallets.wallet(mnemonic: empty, testnet: false) }
    let account = try HDPrivateKey.master(seed: EmptyMnemonic.seed()).derive([
      .hardened(44), .hardened(195), .hardened(0), .normal(0), .normal(3),
    ])
    #expect(throws: WalletError.emptyMnemonicKey) {
      try wallets.wallet(privateKey: account.privateKey.secret.hexEncoded(), testnet: false)
    }
  }

  @Test func readsAddressesStrictly() {
    #expect(TronAddress(text: TronVectors.testAddress)?.text == TronVectors.testAddress)
    #expect(TronAddress(hex: "41F59F92188FF2E54FB2E417E05E68E20E43A7A4EE")?.text == TronVectors.testAddress)
    for text in [
      "", "TYMwiDu22V6XG3yk6W9cTVBz48okKLRczi", "TYMwiDu22V6XG3yk6W9cTVBz48okKLRcz",
      "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
    ] {
      #expect(TronAddress(text: text) == nil)
    }
    for hex in [
      "", "41", "42f59f92188ff2e54fb2e417e05e68e20e43a7a4ee", "0x41f59f92188ff2e54fb2e417e05e68e20e43a7a4ee",
    ] {
      #expect(TronAddress(hex: hex) == nil)
    }
  }
}
