internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

@Suite struct BNBWalletTests {
  let wallets = BNBWallets()

  @Test func makesTheAddressesOfTheVectors() throws {
    var count = 0
    for vector in try EVMVectors.vectors("wallets/bnb") {
      let testnet = vector["testnet"]?.bool == true
      switch vector["kind"]?.string {
      case "addressFromPrivateKey":
        let secret = try SecretBytes(copying: Array(EVMVectors.value(vector["privateKey"]?.string).utf8))
        let wallet = try wallets.wallet(privateKey: secret, testnet: testnet)
        #expect(wallet.address == vector["address"]?.string)
        #expect(wallet.kind == .privateKey && wallet.xpub == nil)
        let view = WalletView(
          signatureID: "", chain: "BNB", testnet: testnet, kind: .privateKey, address: wallet.address)
        #expect(try wallets.address(of: view, index: 5) == wallet.address)
        #expect(
          try wallets.privateKeyText(kind: .privateKey, secret: secret, index: 0, testnet: testnet) == secret)
      case "hdWallet":
        for key in try #require(vector["keys"]?.array) {
          let secret = try SecretBytes(copying: Array(EVMVectors.value(key["privateKey"]?.string).utf8))
          #expect(try wallets.wallet(privateKey: secret, testnet: testnet).address == key["address"]?.string)
        }
      case "addressConversion":
        let text = try #require(vector["address"]?.string)
        let hrp = BNBChain.hrp(testnet: text.hasPrefix("t"))
        #expect(Bech32.decodeBytes(text, hrp: hrp).map { Hex.encode($0) } == vector["keyHash"]?.string)
      default: continue
      }
      count += 1
    }
    #expect(count == 10)
  }

  @Test func generatedKeysSign() throws {
    for testnet in [false, true] {
      let wallet = try wallets.generate(testnet: testnet)
      #expect(wallet.kind == .privateKey)
      #expect(wallet.secret.count == 64)
      #expect(wallet.address?.hasPrefix(testnet ? "tbnb1" : "bnb1") == true)
      #expect(
        try wallets.key(kind: .privateKey, secret: wallet.secret, index: 3, testnet: testnet).address
          == wallet.address)
    }
  }

  /// Defect C9: the original ignored the mnemonic that was typed.
  @Test func refusesMnemonics() throws {
    let mnemonic = try SecretBytes(copying: Array("abandon about".utf8))
    #expect { try wallets.wallet(mnemonic: mnemonic, testnet: false) } throws: {
      ($0 as? WalletError)?.code == "unsupported"
    }
    #expect(throws: WalletError.self) {
      try wallets.key(kind: .mnemonic, secret: mnemonic, index: 0, testnet: false)
    }
    #expect(throws: WalletError.self) {
      try wallets.privateKeyText(kind: .mnemonic, secret: mnemonic, index: 0, testnet: false)
    }
  }

  @Test(arguments: ["", "00", "zz", String(repeating: "0", count: 64), String(repeating: "f", count: 64)])
  func refusesPrivateKeysThatAreNone(text: String) throws {
    let secret = try SecretBytes(copying: Array(text.utf8))
    #expect(throws: WalletError.self) { try wallets.wallet(privateKey: secret, testnet: false) }
  }
}
