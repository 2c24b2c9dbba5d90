internal import KMSCrypto
internal import KMSPrivateKeys
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

@Suite struct AlgorandWalletTests {
  private let wallets = SigningChain.algorand.wallets

  @Test func makesTheWalletsOfTheOriginal() throws {
    var mnemonics = 0
    var secrets = 0
    for vector in try EVMVectors.vectors("wallets/algo") {
      let label = Comment(rawValue: vector.text)
      let address = vector["address"]?.string
      if let words = vector["mnemonic"]?.string {
        let wallet = try wallets.wallet(mnemonic: SigningTest.secret(words), testnet: mnemonics % 2 == 0)
        #expect(wallet.kind == .secret, label)
        #expect(wallet.address == address, label)
        if let secret = vector["secret"]?.string {
          #expect(try wallet.secret == SigningTest.secret(secret), label)
        }
        if let seed = vector["seedHex"]?.string {
          #expect(
            try AlgorandMnemonic.seed(SigningTest.secret(words)).hexEncoded() == SigningTest.secret(seed))
        }
        mnemonics += 1
      }
      if let text = vector["secret"]?.string {
        let secret = try SigningTest.secret(text)
        let wallet = try wallets.wallet(privateKey: secret, testnet: false)
        #expect(wallet.kind == .privateKey && wallet.secret == secret, label)
        #expect(wallet.address == address, label)
        for kind in [WalletKind.secret, .privateKey] {
          #expect(
            try wallets.key(kind: kind, secret: secret, index: nil, testnet: true).address == address, label)
          #expect(try wallets.privateKeyText(kind: kind, secret: secret, index: 3, testnet: true) == secret)
        }
        secrets += 1
      }
    }
    #expect(mnemonics == 7)
    #expect(secrets == 7)
  }

  @Test func mnemonicsAreCheckedWordForWord() throws {
    let words =
      "artist alarm clerk obscure timber firm reopen provide ankle vicious exhibit waste math toilet believe puppy "
      + "lucky coast post kind black suspect mule able market"
    func address(_ text: String) throws -> String? {
      try wallets.wallet(mnemonic: SigningTest.secret(text), testnet: false).address
    }
    #expect(
      try address("  " + words.uppercased().replacing(" ", with: "\n ") + " ") == AlgorandVectors.sender)
    let list = words.split(separator: " ").map(String.init)
    var bad = [
      "", "abandon", list.dropLast().joined(separator: " "), words + " able",
      words.replacing("artist", with: "artists"),
      // 24 words of BIP-39.
      [String](repeating: "abandon", count: 23).joined(separator: " ") + " art",
    ]
    for i in list.indices {
      var changed = list
      changed[i] = changed[i] == "zoo" ? "zone" : "zoo"
      bad.append(changed.joined(separator: " "))
    }
    for i in 0..<24 where list[i] != list[i + 1] {
      var changed = list
      changed.swapAt(i, i + 1)
      bad.append(changed.joined(separator: " "))
    }
    for text in bad {
      let error = #expect(throws: WalletError.self) { try address(text) }
      #expect(error?.code == "invalid-mnemonic")
      #expect(list.allSatisfy { error?.message.contains(" \($0) ") == false || $0.count < 5 })
    }
    // The 24th word has 8 bits that must be zero: another word with the same low bits would be the same seed.
    #expect(throws: WalletError.self) {
      try address(
        [String](repeating: "abandon", count: 23).joined(separator: " ") + " actress invest")
    }
  }

  @Test(arguments: [
    "", "A", "NTAESFCB3WOD7SAOL42KSPVARLB3JFA3MNX3AESWHYVT2RMYDVZI6YLG4Y",
    AlgorandVectors.secret.lowercased(), AlgorandVectors.secret + "=", AlgorandVectors.secret + "A",
    String(AlgorandVectors.secret.dropLast()), "M" + AlgorandVectors.secret.dropFirst(),
    // The last character holds bits that are no part of the key.
    AlgorandVectors.secret.dropLast() + "R",
  ])
  func refusesWhatIsNoSecret(text: String) throws {
    #expect(throws: WalletError.self) {
      try wallets.wallet(privateKey: SigningTest.secret(text), testnet: false)
    }
  }

  @Test func generatedWalletsCanBeReadAgain() throws {
    for wallet in [try wallets.generate(testnet: false), try wallets.generatePrivateKey(testnet: true)] {
      #expect(wallet.secret.count == 103)
      let key = try wallets.key(kind: wallet.kind, secret: wallet.secret, index: nil, testnet: true)
      #expect(key.address == wallet.address)
      #expect(key.address.count == 58)
    }
    #expect(throws: WalletError.self) {
      try wallets.key(
        kind: .mnemonic, secret: SigningTest.secret(AlgorandVectors.secret), index: 0, testnet: false)
    }
  }
}
