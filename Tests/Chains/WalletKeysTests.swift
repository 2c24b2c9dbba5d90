import KMSCrypto
import SigningDoor
import Testing

@testable import KMSChains
@testable import KMSSigning

/// Keys that are asked for one after the other, as kms-sign does for a withdrawal of many inputs.
@Suite struct WalletKeysTests {
  private static let mnemonic =
    "quantum tobacco key they maid mean crime youth chief jungle mind design broken tilt bus shoulder leaf good "
    + "forward erupt split divert bread kitten"

  @Test(arguments: SigningRegistry.chains.keys.sorted(), [true, false])
  func areThoseThatAreDerivedFromTheStart(chain: String, testnet: Bool) throws {
    let scheme = try #require(SigningRegistry.chains[chain]).wallets
    let mnemonic = try SecretBytes(copying: Array(Self.mnemonic.utf8))
    if let wallet = try? scheme.wallet(mnemonic: mnemonic, testnet: testnet), wallet.kind == .mnemonic {
      let keys = try scheme.keys(kind: .mnemonic, secret: mnemonic, testnet: testnet)
      for index in [0, 1, 7, UInt32(1 << 31 - 1)] {
        let one = try scheme.key(kind: .mnemonic, secret: mnemonic, index: index, testnet: testnet)
        let other = try keys.key(index: index)
        #expect(
          other.secret == one.secret && other.publicKey == one.publicKey && other.address == one.address)
      }
      #expect(throws: WalletError.indexMissing) { try keys.key(index: nil) }
      #expect(throws: (any Error).self) { try keys.key(index: 1 << 31) }
    }
    let single = try scheme.generatePrivateKey(testnet: testnet)
    let keys = try scheme.keys(kind: single.kind, secret: single.secret, testnet: testnet)
    #expect(try keys.key(index: nil).address == single.address || single.address == nil)
    #expect(try keys.key(index: 3).secret == keys.key(index: nil).secret)
  }

  @Test func aMnemonicIsStretchedOnceForManyKeys() throws {
    let scheme = try #require(SigningRegistry.chains["BTC"]).wallets
    let mnemonic = try SecretBytes(copying: Array(Self.mnemonic.utf8))
    let clock = ContinuousClock()
    let fromTheStart = try clock.measure {
      for index in 0..<20 {
        _ = try scheme.key(kind: .mnemonic, secret: mnemonic, index: UInt32(index), testnet: true)
      }
    }
    let keys = try scheme.keys(kind: .mnemonic, secret: mnemonic, testnet: true)
    let together = try clock.measure { for index in 0..<20 { _ = try keys.key(index: UInt32(index)) } }
    #expect(together * 2 < fromTheStart, "\(together) \(fromTheStart)")
  }
}
