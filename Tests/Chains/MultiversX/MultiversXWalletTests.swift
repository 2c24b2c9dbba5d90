internal import KMSCrypto
internal import KMSPrivateKeys
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

@Suite struct MultiversXWalletTests {
  private let wallets = SigningChain.multiversX.wallets

  @Test func makesTheWalletsOfTheOriginal() throws {
    var derived = 0
    var read = 0
    for vector in try EVMVectors.vectors("wallets/egld") {
      let testnet = vector["testnet"]?.bool == true
      if let words = vector["mnemonic"]?.string {
        let wallet = try wallets.wallet(mnemonic: SigningTest.secret(words), testnet: testnet)
        #expect(wallet.kind == .mnemonic && wallet.xpub == nil)
        for item in try #require(vector["keys"]?.array) {
          let index = UInt32(try #require(item["index"]?.uint64))
          let key = try wallets.key(kind: .mnemonic, secret: wallet.secret, index: index, testnet: testnet)
          #expect(key.address == item["address"]?.string)
          #expect(
            try wallets.privateKeyText(kind: .mnemonic, secret: wallet.secret, index: index, testnet: testnet)
              == SigningTest.secret(EVMVectors.value(item["privateKey"]?.string)))
          if index == 0 { #expect(wallet.address == key.address) }
          derived += 1
        }
      } else if let text = vector["privateKey"]?.string {
        for form in [text, text.uppercased()] {
          let wallet = try wallets.wallet(privateKey: SigningTest.secret(form), testnet: testnet)
          #expect(wallet.address == vector["address"]?.string)
          #expect(try wallet.secret == SigningTest.secret(form))
        }
        read += 1
      }
    }
    #expect(derived >= 13)
    #expect(read == 5)
  }

  /// Defects C6 and C7: coins that were sent to these addresses are lost.
  @Test func refusesTheEmptyMnemonicAndItsKeys() throws {
    let published = "erd1r45ugr3q9wrtftyv3d6wfz9l42wj553l9x6u39q7mqh0pxl5j9tsnde9hx"
    let view = WalletView(signatureID: "", chain: "EGLD", testnet: false, kind: .mnemonic, address: published)
    #expect(throws: WalletError.emptyMnemonicKey) { try wallets.address(of: view, index: 0) }
    #expect(throws: WalletError.emptyMnemonicKey) {
      try wallets.wallet(mnemonic: SigningTest.secret(""), testnet: false)
    }
    for (coin, index): (UInt32, UInt32) in [(508, 0), (508, 1), (1, 0), (1, 200)] {
      let seed = try SLIP10Ed25519.derive(seed: EmptyMnemonic.seed(), path: [44, coin, 0, 0, index])
      let address = MultiversXAddress(publicKey: try Ed25519PrivateKey(seed: seed).publicKey).text
      #expect((address == published) == (coin == 508 && index == 0))
      for testnet in [false, true] {
        let text = try seed.hexEncoded()
        #expect(throws: WalletError.emptyMnemonicKey) {
          try wallets.wallet(privateKey: text, testnet: testnet)
        }
      }
    }
  }

  @Test(arguments: [
    "", "0", "zz2bfa82725be308f79b2c313358be5a215ca6b405b00f28750560a1febb90aa",
    "1da12bfa82725be308f79b2c313358be5a215ca6b405b00f28750560a1febb9",
    "1da12bfa82725be308f79b2c313358be5a215ca6b405b00f28750560a1febb9000",
    "0x1da12bfa82725be308f79b2c313358be5a215ca6b405b00f28750560a1febb90",
    "0x1da12bfa82725be308f79b2c313358be5a215ca6b405b00f28750560a1febb",
    "erd17kyxnqn8hma5kdd5hd4mx08ynjvaz9q47tw7w2htygwmalt3959s2wvqmr",
  ])
  func refusesWhatIsNoPrivateKey(text: String) throws {
    #expect(throws: WalletError.self) {
      try wallets.wallet(privateKey: SigningTest.secret(text), testnet: false)
    }
  }

  @Test func addressesOfOtherIndexesNeedTheMnemonic() throws {
    let wallet = try wallets.generate(testnet: true)
    let view = WalletView(
      signatureID: "", chain: "EGLD", testnet: true, kind: .mnemonic, address: wallet.address)
    #expect(try wallets.address(of: view, index: 0) == wallet.address)
    #expect(try wallets.address(of: view, index: 1) == nil)
    let single = try wallets.generatePrivateKey(testnet: false)
    #expect(single.secret.count == 64)
    #expect(
      try wallets.key(kind: .privateKey, secret: single.secret, index: 9, testnet: false).address
        == single.address)
  }
}
