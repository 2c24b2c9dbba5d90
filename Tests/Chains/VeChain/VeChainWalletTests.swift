internal import KMSCrypto
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

@Suite struct VeChainWalletTests {
  @Test func makesTheWalletsOfTheOriginal() throws {
    let wallets = SigningChain.vechain.wallets
    var keys = 0
    for vector in try EVMVectors.vectors("wallets/vet") {
      let testnet = vector["testnet"]?.bool == true
      if vector["kind"]?.string == "addressFromPrivateKey" {
        let secret = try SecretBytes(copying: Array(EVMVectors.value(vector["privateKey"]?.string).utf8))
        #expect(try wallets.wallet(privateKey: secret, testnet: testnet).address == vector["address"]?.string)
        continue
      }
      let mnemonic = try SecretBytes(copying: Array(EVMVectors.value(vector["mnemonic"]?.string).utf8))
      let wallet = try wallets.wallet(mnemonic: mnemonic, testnet: testnet)
      if let xpub = vector["xpub"]?.string { #expect(wallet.xpub == xpub) }
      let view = WalletView(
        signatureID: "", chain: "VET", testnet: testnet, kind: .mnemonic, xpub: wallet.xpub)
      for item in try #require(vector["keys"]?.array) {
        let index = UInt32(try #require(item["index"]?.uint64))
        let key = try wallets.key(kind: .mnemonic, secret: mnemonic, index: index, testnet: testnet)
        #expect(key.address == item["address"]?.string)
        #expect(try wallets.address(of: view, index: index) == key.address)
        if let privateKey = item["privateKey"]?.string {
          let text = try wallets.privateKeyText(
            kind: .mnemonic, secret: mnemonic, index: index, testnet: testnet)
          #expect(try text == SecretBytes(copying: Array(privateKey.utf8)))
        }
        keys += 1
      }
    }
    #expect(keys == 17)
  }

  @Test func isInTheRegistry() {
    #expect(ChainRegistry.chains["VET"] is VeChain)
    #expect(ChainRegistry.chains["TRON"] is TronChain)
    #expect(ChainRegistry.chains["BNB"] is BNBChain)
  }
}
