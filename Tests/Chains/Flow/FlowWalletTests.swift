internal import KMSCrypto
internal import KMSPrivateKeys
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

@Suite struct FlowWalletTests {
  private let wallets = FlowVectors.chain.wallets

  private func secret(_ text: String?) throws -> SecretBytes {
    try SecretBytes(copying: Array(EVMVectors.value(text).utf8))
  }

  @Test func makesTheWalletsOfTheOriginal() throws {
    var keys = 0
    for vector in try EVMVectors.vectors("wallets/flow") where vector["kind"] == "hdWallet" {
      let testnet = vector["testnet"]?.bool == true
      let wallet = try wallets.wallet(mnemonic: secret(vector["mnemonic"]?.string), testnet: testnet)
      if let xpub = vector["xpub"]?.string { #expect(wallet.xpub == xpub) }
      for item in try EVMVectors.value(vector["keys"]?.array) {
        let index = UInt32(try EVMVectors.value(item["index"]?.uint64))
        let key = try wallets.key(kind: .mnemonic, secret: wallet.secret, index: index, testnet: testnet)
        #expect(key.address == item["address"]?.string)
        let text = try wallets.privateKeyText(
          kind: .mnemonic, secret: wallet.secret, index: index, testnet: testnet)
        #expect(try text == secret(item["privateKey"]?.string))
        let view = WalletView(
          signatureID: "", chain: "FLOW", testnet: testnet, kind: .mnemonic, xpub: wallet.xpub)
        #expect(try wallets.address(of: view, index: index) == key.address)
        // What is printed can be stored: also without leading zeros.
        #expect(try wallets.wallet(privateKey: text, testnet: testnet).address == key.address)
        keys += 1
      }
    }
    #expect(keys == 11)
  }

  @Test func padsKeysWithoutLeadingZeros() throws {
    let short = "24cd53b4bd158db58bf0c261345508f600541b2fb90e65ce9ebbb1cb2109f7"
    let address = try FlowVectors.material("00" + short).address
    for text in [short, "0" + short, "0x" + short, "0X0" + short, "0x00" + short, short.uppercased()] {
      #expect(try FlowVectors.material(text).address == address)
    }
    #expect(try FlowVectors.material("1").publicKey == Secp256k1PrivateKey(secret1()).publicKey())
  }

  private func secret1() throws -> SecretBytes {
    try SecretBytes(copying: [UInt8](repeating: 0, count: 31) + [1])
  }

  @Test(arguments: [
    "", "0", "0x", "0x0", "x1", "0x0x1", "0xx1", "g", " 1", "1 ", String(repeating: "0", count: 65) + "1",
    String(repeating: "f", count: 64), "0x0x" + String(repeating: "1", count: 62),
    "x" + String(repeating: "1", count: 62), "0x" + String(repeating: "1", count: 65),
    // The first key of the empty mnemonic on this path (decision 12).
    "empty",
  ])
  func refusesPrivateKeysThatAreNone(text: String) throws {
    var key = try secret(text)
    if text == "empty" {
      key = try HDPrivateKey.master(seed: EmptyMnemonic.seed()).derive([
        .hardened(44), .hardened(539), .hardened(0), .normal(0), .normal(0),
      ]).privateKey.secret.hexEncoded()
    }
    #expect(throws: WalletError.self) { try wallets.wallet(privateKey: key, testnet: false) }
  }

  @Test func generatedWalletsSign() throws {
    let wallet = try wallets.generatePrivateKey(testnet: true)
    let key = try wallets.key(kind: .privateKey, secret: wallet.secret, index: nil, testnet: true)
    #expect(key.address == wallet.address && key.address.count == 128)
    #expect(try wallets.generate(testnet: false).xpub?.hasPrefix("xpub") == true)
  }
}
