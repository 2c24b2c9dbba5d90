internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

@Suite struct CardanoWalletTests {
  private let wallets = CardanoWallets()

  private func secret(_ text: String?) throws -> SecretBytes {
    try SecretBytes(copying: Array(try EVMVectors.value(text).utf8))
  }

  @Test func makesTheWalletsOfTheOriginal() throws {
    var keys = 0
    for vector in try EVMVectors.vectors("wallets/ada") where vector["kind"] == "hdWallet" {
      for testnet in [false, true] {
        let wallet = try wallets.wallet(mnemonic: secret(vector["mnemonic"]?.string), testnet: testnet)
        #expect(wallet.xpub == vector["xpub"]?.string)
        #expect(wallet.address == nil)
        for item in try EVMVectors.value(vector["keys"]?.array) {
          let index = UInt32(try EVMVectors.value(item["index"]?.uint64))
          let key = try wallets.key(kind: .mnemonic, secret: wallet.secret, index: index, testnet: testnet)
          if let address = item[testnet ? "testnetAddress" : "address"]?.string {
            #expect(key.address == address)
            keys += 1
          }
          if let publicKey = item["publicKey"]?.string { #expect(Hex.encode(key.publicKey) == publicKey) }
          let text = try wallets.privateKeyText(
            kind: .mnemonic, secret: wallet.secret, index: index, testnet: testnet)
          #expect(try text == secret(item["privateKey"]?.string))
          let view = WalletView(
            signatureID: "", chain: "ADA", testnet: testnet, kind: .mnemonic, xpub: wallet.xpub)
          #expect(try wallets.address(of: view, index: index) == key.address)
          let stored = try wallets.wallet(privateKey: text, testnet: testnet)
          #expect(stored.address == key.address && stored.publicKey == Hex.encode(key.publicKey))
        }
      }
    }
    #expect(keys >= 15)
  }

  /// The keys of tatum-js v1 (256 digits) are taken, with the payment part of their base addresses.
  @Test func readsKeysOfTheOlderForm() throws {
    var count = 0
    for vector in try EVMVectors.vectors("wallets/ada") where vector["kind"] == "paymentKeyHash" {
      let key = try wallets.key(
        kind: .privateKey, secret: secret(vector["privateKey"]?.string), index: 7, testnet: true)
      #expect(Hex.encode(key.publicKey) == vector["publicKey"]?.string)
      #expect(Hex.encode(CardanoAddress.keyHash(key.publicKey)) == vector["paymentKeyHash"]?.string)
      let base = try CardanoAddress(
        try EVMVectors.value(vector["addressUsedInTest"]?.string), testnet: true, member: "address")
      #expect(base.paymentKeyHash == CardanoAddress.keyHash(key.publicKey))
      var broken = Array(try EVMVectors.value(vector["privateKey"]?.string).utf8)
      broken[150] = broken[150] == 48 ? 49 : 48
      #expect(throws: WalletError.self) {
        try wallets.wallet(privateKey: SecretBytes(copying: broken), testnet: true)
      }
      count += 1
    }
    #expect(count == 3)
  }

  /// CIP-19 and wallet-core: enterprise addresses are written, base addresses read.
  @Test func writesEnterpriseAndReadsBaseAddresses() throws {
    var count = 0
    for vector in try EVMVectors.vectors("wallets/ada") {
      if vector["kind"] == "addressFromPublicKey" {
        let testnet = vector["testnet"]?.bool == true
        let publicKey = try EVMVectors.value(
          Hex.decode(try EVMVectors.value(vector["paymentPublicKey"]?.string)))
        let enterprise = CardanoAddress.enterprise(publicKey: publicKey, testnet: testnet)
        #expect(enterprise.bech32Text == vector["enterpriseAddress"]?.string)
        let base = try CardanoAddress(
          try EVMVectors.value(vector["baseAddress"]?.string), testnet: testnet, member: "address")
        #expect(base.paymentKeyHash == enterprise.paymentKeyHash)
        #expect(throws: ChainError.self) {
          try CardanoAddress(
            try EVMVectors.value(vector["stakeAddress"]?.string), testnet: testnet, member: "address")
        }
        #expect(throws: ChainError.self) {
          try CardanoAddress(
            try EVMVectors.value(vector["baseAddress"]?.string), testnet: !testnet, member: "address")
        }
        count += 1
      }
      for item in vector["keys"]?.array ?? [] where vector["kind"] == "hdWalletV1" {
        let key = try EVMVectors.value(
          Hex.decode(String(try EVMVectors.value(item["privateKey"]?.string).prefix(128))))
        let publicKey = try IcarusKey(extended: SecretBytes(copying: key)).publicKey
        for (testnet, name) in [(true, "testnetAddress"), (false, "address")] {
          guard let text = item[name]?.string else { continue }
          let address = try CardanoAddress(text, testnet: testnet, member: "address")
          #expect(address.paymentKeyHash == CardanoAddress.keyHash(publicKey))
          count += 1
        }
      }
    }
    #expect(count >= 8)
  }

  @Test(arguments: [
    "", "0x", "8873d5e8", String(repeating: "0", count: 128), String(repeating: "f", count: 128),
    // kL without the bits that Icarus sets, by one bit each.
    "8973d5e84af86978f03b63d9ffc9c6f940bd8501d32e91980c904e8d81c305507dc95992faa5aefccb263b28b411eda2dde7882d922742663804a69d78182e34",
    "8873d5e84af86978f03b63d9ffc9c6f940bd8501d32e91980c904e8d81c30510" + String(repeating: "0", count: 64),
    "8873d5e84af86978f03b63d9ffc9c6f940bd8501d32e91980c904e8d81c30590" + String(repeating: "0", count: 64),
    "zz73d5e84af86978f03b63d9ffc9c6f940bd8501d32e91980c904e8d81c305507dc95992faa5aefccb263b28b411eda2dde7882d922742663804a69d78182e34",
  ])
  func refusesPrivateKeysThatAreNone(text: String) throws {
    #expect(throws: WalletError.self) { try wallets.wallet(privateKey: secret(text), testnet: false) }
  }

  @Test(arguments: [
    "", " ", "abandon",
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon",
  ])
  func refusesMnemonicsThatAreNone(text: String) throws {
    #expect(throws: WalletError.self) { try wallets.wallet(mnemonic: secret(text), testnet: false) }
    #expect(throws: (any Error).self) {
      try wallets.key(kind: .mnemonic, secret: secret(text), index: 0, testnet: false)
    }
  }

  @Test func generatedWalletsSign() throws {
    let wallet = try wallets.generatePrivateKey(testnet: true)
    #expect(wallet.kind == .privateKey && wallet.secret.count == 128)
    let key = try wallets.key(kind: .privateKey, secret: wallet.secret, index: nil, testnet: true)
    #expect(key.address == wallet.address && key.address.hasPrefix("addr_test1v"))
    let signature = try IcarusKey(extended: key.secret).sign([1, 2, 3])
    #expect(Ed25519.verify(signature, [1, 2, 3], publicKey: key.publicKey))
    #expect(try wallets.generatePrivateKey(testnet: true).address != wallet.address)
    let mnemonic = try wallets.generate(testnet: false)
    #expect(mnemonic.xpub?.count == 128)
    #expect(throws: WalletError.indexMissing) {
      try wallets.key(kind: .mnemonic, secret: mnemonic.secret, index: nil, testnet: false)
    }
    #expect(throws: WalletError.self) {
      try wallets.key(kind: .mnemonic, secret: mnemonic.secret, index: 1 << 31, testnet: false)
    }
  }
}
