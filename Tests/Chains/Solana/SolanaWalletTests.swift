internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

@Suite struct SolanaWalletTests {
  private let wallets = SigningChain.solana.wallets

  @Test func makesTheWalletsOfTheOriginal() throws {
    var keys = 0
    for vector in try EVMVectors.vectors("wallets/sol") where vector["kind"]?.string == "hdWallet" {
      let mnemonic = try SigningTest.secret(try #require(vector["mnemonic"]?.string))
      for testnet in [false, true] {
        let wallet = try wallets.wallet(mnemonic: mnemonic, testnet: testnet)
        #expect(wallet.kind == .mnemonic && wallet.xpub == nil)
        for item in try #require(vector["keys"]?.array) {
          let index = UInt32(try #require(item["index"]?.uint64))
          let address = try #require(item["address"]?.string)
          #expect(
            try wallets.key(kind: .mnemonic, secret: wallet.secret, index: index, testnet: testnet).address
              == address)
          let text = try wallets.privateKeyText(
            kind: .mnemonic, secret: wallet.secret, index: index, testnet: testnet)
          #expect(try text == SigningTest.secret(try EVMVectors.value(item["privateKey"]?.string)))
          let view = WalletView(
            signatureID: "", chain: "SOL", testnet: testnet, kind: .mnemonic, address: wallet.address)
          #expect(try wallets.address(of: view, index: index) == (index == 0 ? address : nil))
          if index == 0 { #expect(wallet.address == address) }
          keys += 1
        }
      }
    }
    #expect(keys == 24)
  }

  @Test func readsEveryFormOfAPrivateKey() throws {
    var read = 0
    for vector in try EVMVectors.vectors("wallets/sol") {
      guard let base58 = vector["privateKey"]?.string, let hex = vector["privateKeyHex"]?.string else {
        continue
      }
      let numbers = try #require(Hex.decode(hex))
      let list = "[" + numbers.map { String($0) }.joined(separator: ",") + "]"
      let spaced = " [ " + numbers.map { String($0) }.joined(separator: " ,\n ") + " ] "
      for (text, kept) in [
        (base58, base58), (hex, hex), (hex.uppercased(), hex.uppercased()), (list, base58),
        (String(spaced.dropFirst()), base58),
      ] {
        let wallet = try wallets.wallet(privateKey: SigningTest.secret(text), testnet: false)
        #expect(wallet.address == vector["address"]?.string)
        #expect(wallet.kind == .privateKey)
        #expect(try wallet.secret == SigningTest.secret(kept))
        let key = try wallets.key(kind: .privateKey, secret: wallet.secret, index: 7, testnet: true)
        #expect(key.address == vector["address"]?.string)
        read += 1
      }
    }
    #expect(read == 15)
  }

  @Test(arguments: [
    "", "[", "[]", "[1]", "[256]", "1", "0", "abc",
    // An address, in Base58 and in hexadecimal: anybody could sign with such a key.
    "FykfMwA9WNShzPJbbb9DNXsfgDgS3XZzWiFgrVXfWoPJ",
    "de8d82a7e1d0561bb0e1b729c7a9b9b1708cf2803ad0ca928a332587ace391ad",
    // The seed alone.
    "3abc79a31093e4cfa4a724e94a44906cbbc3a32e2f75f985a28616676a5dbaf1",
    // A digit of the seed, and of the public key, was changed.
    "4abc79a31093e4cfa4a724e94a44906cbbc3a32e2f75f985a28616676a5dbaf1de8d82a7e1d0561bb0e1b729c7a9b9b1708cf2803ad0ca928a332587ace391ad",
    "3abc79a31093e4cfa4a724e94a44906cbbc3a32e2f75f985a28616676a5dbaf1de8d82a7e1d0561bb0e1b729c7a9b9b1708cf2803ad0ca928a332587ace391ac",
    "3abc79a31093e4cfa4a724e94a44906cbbc3a32e2f75f985a28616676a5dbaf1de8d82a7e1d0561bb0e1b729c7a9b9b1708cf2803ad0ca928a332587ace391az",
    "2B7RyZEuZr9PpfRrn7nYhSXhjeuzte65UYeeKJFQJCvsi3ZQJk5AfmWptwDpD2Xtz22nv1aTg5rmKq13ggB7Fkeq",
    "2B7RyZEuZr9PpfRrn7nYhSXhjeuzte65UYeeKJFQJCvsi3ZQJk5AfmWptwDpD2Xtz22nv1aTg5rmKq13ggB7Fke",
  ])
  func refusesWhatIsNoPrivateKey(text: String) throws {
    let secret = try SigningTest.secret(text)
    #expect(throws: WalletError.self) { try wallets.wallet(privateKey: secret, testnet: false) }
  }

  @Test func refusesListsThatAreNotExactly64Bytes() throws {
    let numbers = try #require(
      Hex.decode(
        "3abc79a31093e4cfa4a724e94a44906cbbc3a32e2f75f985a28616676a5dbaf1"
          + "de8d82a7e1d0561bb0e1b729c7a9b9b1708cf2803ad0ca928a332587ace391ad"))
    let texts = numbers.map { String($0) }
    let good = "[" + texts.joined(separator: ",") + "]"
    let wallet = try wallets.wallet(privateKey: SigningTest.secret(good), testnet: false)
    // As programs and people write lists; that the halves belong together is the check.
    for list in [good + ",", "[" + texts.joined(separator: " ") + "]", texts.joined(separator: ", ")] {
      #expect(
        try wallets.wallet(privateKey: SigningTest.secret(list), testnet: false).address == wallet.address)
    }
    func list(_ items: [String], _ separator: String = ",") -> String {
      "[" + items.joined(separator: separator) + "]"
    }
    var bad: [String] = [good + "]", String(good.dropLast())]
    bad += [list(texts.dropLast()), list(texts + ["1"]), list(texts, ";")]
    bad += [list(["0000"] + texts.dropFirst()), list(["314"] + texts.dropFirst())]
    for bad in bad {
      #expect(throws: WalletError.self, Comment(rawValue: bad)) {
        try wallets.wallet(privateKey: SigningTest.secret(bad), testnet: false)
      }
    }
  }

  @Test func refusesTheEmptyMnemonicAndItsKeys() throws {
    #expect(throws: WalletError.emptyMnemonicKey) {
      try wallets.wallet(mnemonic: SigningTest.secret(""), testnet: false)
    }
    #expect(throws: WalletError.self) {
      try wallets.wallet(mnemonic: SigningTest.secret("abandon abandon"), testnet: false)
    }
    for index: UInt32 in [0, 1, 255] {
      let key = try Ed25519PrivateKey(
        seed: SLIP10Ed25519.derive(seed: EmptyMnemonic.seed(), path: [44, 501, 0, 0, index]))
      let text = try Base58.encodeSecret(key.expanded)
      #expect(throws: WalletError.emptyMnemonicKey) { try wallets.wallet(privateKey: text, testnet: true) }
      let view = WalletView(
        signatureID: "", chain: "SOL", testnet: false, kind: .privateKey,
        address: Base58.encode(key.publicKey))
      #expect(throws: WalletError.emptyMnemonicKey) { try wallets.address(of: view, index: 0) }
    }
  }

  @Test func keepsATypedMnemonic() throws {
    // The original stored a random wallet instead.
    let typed = "  Punch scatter wrist pride cargo faint\nput skin embark width field entire "
    let wallet = try wallets.wallet(mnemonic: SigningTest.secret(typed), testnet: false)
    #expect(wallet.address == "GS14WWsagYoq3BYGBagbVzgqRmaFEipmCpTBARjkHm5H")
    #expect(
      try wallet.secret
        == SigningTest.secret("punch scatter wrist pride cargo faint put skin embark width field entire"))
    #expect(throws: WalletError.indexMissing) {
      try wallets.key(kind: .mnemonic, secret: wallet.secret, index: nil, testnet: false)
    }
    #expect(throws: WalletError.self) {
      try wallets.key(kind: .mnemonic, secret: wallet.secret, index: 1 << 31, testnet: false)
    }
  }

  @Test func generatedKeysCanBeReadAgain() throws {
    let single = try wallets.generatePrivateKey(testnet: true)
    #expect(
      try wallets.key(kind: .privateKey, secret: single.secret, index: nil, testnet: true).address
        == single.address)
    let mnemonic = try wallets.generate(testnet: false)
    #expect(
      try wallets.key(kind: .mnemonic, secret: mnemonic.secret, index: 0, testnet: false).address
        == mnemonic.address)
  }
}
