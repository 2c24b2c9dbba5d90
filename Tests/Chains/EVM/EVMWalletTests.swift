internal import KMSCrypto
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

@Suite struct EVMWalletTests {
  @Test(arguments: EVMVectors.chains.map(\.name))
  func makesTheWalletsOfTheOriginal(name: String) throws {
    let chain = try #require(EVMVectors.chains.first { $0.name == name })
    var keys = 0
    for vector in try EVMVectors.vectors("wallets", of: chain) where vector["kind"]?.string == "hdWallet" {
      let testnet = vector["testnet"]?.bool == true
      let mnemonic = try SecretBytes(copying: Array(try #require(vector["mnemonic"]?.string).utf8))
      let wallet = try chain.wallets.wallet(mnemonic: mnemonic, testnet: testnet)
      if let xpub = vector["xpub"]?.string { #expect(wallet.xpub == xpub) }
      for item in try #require(vector["keys"]?.array) {
        let index = UInt32(try #require(item["index"]?.uint64))
        let key = try chain.wallets.key(
          kind: .mnemonic, secret: wallet.secret, index: index, testnet: testnet)
        let address = item["address"]?.string
        if address != nil { #expect(key.address == address) }
        let view = WalletView(
          signatureID: "", chain: name, testnet: testnet, kind: .mnemonic, xpub: wallet.xpub)
        #expect(try chain.wallets.address(of: view, index: index) == key.address)
        if let privateKey = item["privateKey"]?.string {
          let text = try chain.wallets.privateKeyText(
            kind: .mnemonic, secret: wallet.secret, index: index, testnet: testnet)
          #expect(try text == SecretBytes(copying: Array(privateKey.utf8)))
        }
        keys += 1
      }
    }
    #expect(keys >= 6)
  }

  @Test(arguments: EVMVectors.chains.map(\.name))
  func readsPrivateKeysWithAndWithoutPrefixInEitherCase(name: String) throws {
    let chain = try #require(EVMVectors.chains.first { $0.name == name })
    let digits = "4cda6d2c33b0f9a041e46474a638ac59aee0734cf208aa9aa2f05ef887bd09e1"
    let form = try EVMVectors.network(chain).form
    let expected = form.text(
      try form.read("0x8acbcfbc8ce37f6f674f4b9861d3efe89288d89f", member: "address"))
    for text in [digits, "0x" + digits, digits.uppercased(), "0x" + digits.uppercased(), "0X" + digits] {
      let secret = try SecretBytes(copying: Array(text.utf8))
      #expect(try chain.wallets.wallet(privateKey: secret, testnet: true).address == expected)
      #expect(
        try chain.wallets.key(kind: .privateKey, secret: secret, index: nil, testnet: true).address
          == expected)
    }
    for vector in try EVMVectors.vectors("wallets", of: chain)
    where vector["kind"]?.string == "addressFromPrivateKey" {
      let secret = try SecretBytes(copying: Array(try #require(vector["privateKey"]?.string).utf8))
      let testnet = vector["testnet"]?.bool == true
      #expect(
        try chain.wallets.wallet(privateKey: secret, testnet: testnet).address == vector["address"]?.string)
    }
  }

  @Test(arguments: [
    "", "0x", "0x4646", "zz46464646464646464646464646464646464646464646464646464646464646",
    "0x0000000000000000000000000000000000000000000000000000000000000000",
    "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
    "0x464646464646464646464646464646464646464646464646464646464646464646",
    // The key of index 0 of the empty mnemonic (decision 12).
    "0xabf82ff96b463e9d82b83cb9bb450fe87e6166d4db6d7021d0c71d7e960d5abe",
  ])
  func refusesPrivateKeysThatAreNone(text: String) throws {
    let secret = try SecretBytes(copying: Array(text.utf8))
    #expect(throws: WalletError.self) {
      try SigningChain.eth.wallets.wallet(privateKey: secret, testnet: false)
    }
  }

  @Test func generatedWalletsSign() throws {
    let wallet = try SigningChain.xdc.wallets.generatePrivateKey(testnet: true)
    let key = try SigningChain.xdc.wallets.key(
      kind: .privateKey, secret: wallet.secret, index: nil, testnet: true)
    #expect(key.address == wallet.address)
    #expect(key.address.hasPrefix("xdc"))
    #expect(wallet.secret.count == 66)
    let mnemonic = try SigningChain.eth.wallets.generate(testnet: false)
    #expect(mnemonic.kind == .mnemonic)
    #expect(mnemonic.xpub?.hasPrefix("xpub") == true)
  }

  @Test func testnetsOfAllChainsShareOneKeyAndKCSIsETH() throws {
    let mnemonic = try SigningChain.eth.wallets.generate(testnet: true).secret
    let xpubs = try EVMVectors.chains.map { try $0.wallets.wallet(mnemonic: mnemonic, testnet: true).xpub }
    #expect(Set(xpubs).count == 1)
    var mainnet: [String: String?] = [:]
    for chain in EVMVectors.chains {
      mainnet[chain.name] = try chain.wallets.wallet(mnemonic: mnemonic, testnet: false).xpub
    }
    #expect(Set(mainnet.values).count == Set(EVMNetwork.all.map(\.coinType)).count)
    #expect(mainnet["ETH"] == mainnet["BSC"] && mainnet["ETH"] == mainnet["KCS"])
  }
}
