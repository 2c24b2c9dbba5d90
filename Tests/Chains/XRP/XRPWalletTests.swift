import KMSCrypto
import KMSPrimitives
import KMSRecords
import SigningDoor
import Testing

@testable import KMSChains
@testable import KMSSigning

@Suite struct XRPWalletTests {
  static let vectors = BitcoinVectors.wallets(["XRP"])
  let wallets: any SigningWallets

  init() throws { wallets = try #require(SigningRegistry.chains["XRP"]).wallets }

  @Test(arguments: vectors.filter { $0.json["kind"]?.string == "addressFromSecret" }, [false, true])
  func derivesKeysOfSeeds(_ vector: BitcoinVectors.Vector, _ testnet: Bool) throws {
    let secret = try SecretBytes(#require(vector.json["secret"]?.string))
    let wallet = try wallets.wallet(privateKey: secret, testnet: testnet)
    #expect(wallet.kind == .privateKey)
    #expect(wallet.secret == secret)
    #expect(wallet.address == vector.json["address"]?.string)
    let hex = try #require(vector.json["privateKey"]?.string)
    for kind in [WalletKind.secret, .privateKey] {
      let key = try wallets.key(kind: kind, secret: secret, index: 7, testnet: testnet)
      #expect(Hex.encode(key.publicKey).uppercased() == vector.json["publicKey"]?.string)
      #expect(try key.secret.hexEncoded().text.uppercased() == String(hex.suffix(64)))
      #expect(try wallets.privateKeyText(kind: kind, secret: secret, index: 0, testnet: testnet) == secret)
    }
    // The libraries' private key with its prefix is the same key.
    #expect(try wallets.wallet(privateKey: SecretBytes(hex), testnet: testnet).address == wallet.address)
  }

  @Test func knowsTheAddressOfAPublicKey() throws {
    let vector = try #require(Self.vectors.first { $0.json["kind"]?.string == "hdWallet" })
    let key = try #require(vector.json["keys"]?.array?.first)
    let text = try SecretBytes(#require(key["privateKey"]?.string))
    #expect(try wallets.wallet(privateKey: text, testnet: false).address == key["address"]?.string)
  }

  @Test(arguments: vectors.filter { $0.json["kind"]?.string == "validation" })
  func checks(_ vector: BitcoinVectors.Vector) throws {
    let text = try #require(vector.json["string"]?.string)
    if vector.json["valid"] == true {
      #expect(XRPAccount(classic: text)?.address == text)
    } else {
      #expect(throws: WalletError.self) {
        try wallets.wallet(privateKey: SecretBytes(text), testnet: false)
      }
    }
  }

  @Test func everyWalletVectorIsOfAKnownKind() {
    #expect(Self.vectors.count == 13)
    #expect(
      Set(Self.vectors.compactMap { $0.json["kind"]?.string })
        == ["addressFromSecret", "validation", "hdWallet"])
  }

  @Test func generatesEd25519SeedsThatItTakesBack() throws {
    #expect(try wallets.generate(testnet: true).kind == .secret)
    #expect(try wallets.generatePrivateKey(testnet: true).kind == .privateKey)
    for wallet in [try wallets.generate(testnet: true), try wallets.generatePrivateKey(testnet: false)] {
      #expect(wallet.secret.text.hasPrefix("sEd"))
      #expect(wallet.secret.text.count == 31)
      let again = try wallets.wallet(privateKey: wallet.secret, testnet: true)
      #expect(again.address == wallet.address)
      #expect(wallet.address?.hasPrefix("r") == true)
    }
    #expect(try wallets.generate(testnet: true).address != wallets.generate(testnet: true).address)
  }

  @Test(arguments: [
    "", "s", "shunwft7BwrFHdcXmAA87CazLsRMZ", "shunwft7BwrFHdcXmAA87CazLsRM",
    "rKHuaCVSzJCFh43ji9EvFAysmu1KHdMb8N",
    String(repeating: "0", count: 64), String(repeating: "f", count: 64),
    "00" + String(repeating: "f", count: 64),
    "01" + String(repeating: "1", count: 64), "0x" + String(repeating: "1", count: 62),
    String(repeating: "g", count: 64), String(repeating: "s", count: 5000),
  ])
  func refusesWhatIsNoSecret(_ text: String) {
    #expect { try wallets.wallet(privateKey: SecretBytes(text), testnet: false) } throws: {
      ($0 as? WalletError)?.code == "invalid-private-key"
    }
  }

  @Test func refusesMnemonicsAndSaysWhatToDo() throws {
    let words = try SecretBytes("abandon about")
    #expect { try wallets.wallet(mnemonic: words, testnet: false) } throws: {
      ($0 as? WalletError)?.code == "unsupported" && "\($0)".contains("storemanagedprivatekey")
    }
    #expect(throws: WalletError.self) {
      try wallets.key(kind: .mnemonic, secret: words, index: 0, testnet: false)
    }
    #expect(throws: WalletError.self) {
      try wallets.privateKeyText(kind: .mnemonic, secret: words, index: 0, testnet: false)
    }
  }
}
