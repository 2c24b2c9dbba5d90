import KMSCrypto
import KMSRecords
import SigningDoor
import Testing

@testable import KMSChains
@testable import KMSSigning

@Suite struct StellarWalletTests {
  static let vectors = BitcoinVectors.wallets(["XLM"])
  let wallets: any SigningWallets

  init() throws { wallets = try #require(SigningRegistry.chains["XLM"]).wallets }

  /// Secrets with their addresses; those of SEP-5, too, although nothing is derived from mnemonics here.
  static let pairs: [(String, String)] = vectors.flatMap { vector in
    ([vector.json] + (vector.json["keys"]?.array ?? [])).compactMap { entry in
      guard let secret = entry["secret"]?.string, let address = entry["address"]?.string else { return nil }
      return (secret, address)
    }
  }

  @Test func findsAllVectors() {
    #expect(Self.vectors.count == 13)
    #expect(Self.pairs.count >= 9)
  }

  @Test(arguments: pairs)
  func derivesAddressesOfSecrets(_ text: String, _ address: String) throws {
    let secret = try SecretBytes(text)
    let wallet = try wallets.wallet(privateKey: secret, testnet: false)
    #expect(wallet.kind == .privateKey)
    #expect(wallet.secret == secret)
    #expect(wallet.address == address)
    for kind in [WalletKind.secret, .privateKey] {
      #expect(try wallets.key(kind: kind, secret: secret, index: nil, testnet: true).address == address)
      #expect(try wallets.privateKeyText(kind: kind, secret: secret, index: 3, testnet: true) == secret)
    }
    #expect(StrKey.publicKey(ofAddress: address).map(StrKey.address) == address)
  }

  @Test(arguments: vectors.filter { $0.json["kind"]?.string == "strkeyValidation" })
  func checks(_ vector: BitcoinVectors.Vector) throws {
    let text = try #require(vector.json["string"]?.string)
    let isValid = vector.json["valid"] == true
    if vector.json["type"]?.string == "address" {
      #expect((StrKey.publicKey(ofAddress: text) != nil) == isValid)
    } else {
      let wallet = try? wallets.wallet(privateKey: SecretBytes(text), testnet: false)
      #expect((wallet != nil) == isValid)
    }
  }

  @Test func generatesSecretsThatItTakesBack() throws {
    #expect(try wallets.generate(testnet: true).kind == .secret)
    #expect(try wallets.generatePrivateKey(testnet: true).kind == .privateKey)
    for wallet in [try wallets.generate(testnet: true), try wallets.generatePrivateKey(testnet: false)] {
      #expect(wallet.secret.text.hasPrefix("S"))
      #expect(wallet.secret.text.count == 56)
      #expect(try wallets.wallet(privateKey: wallet.secret, testnet: true).address == wallet.address)
      #expect(wallet.address?.hasPrefix("G") == true)
    }
  }

  @Test(arguments: [
    "", "S", StellarSigning.account, String(StellarSigning.secret.dropLast()), StellarSigning.secret + "A",
    StellarSigning.secret.lowercased(), StellarSigning.secret + "=", String(repeating: "S", count: 5000),
  ])
  func refusesWhatIsNoSecret(_ text: String) {
    #expect { try wallets.wallet(privateKey: SecretBytes(text), testnet: false) } throws: {
      ($0 as? WalletError)?.code == "invalid-private-key"
    }
  }

  @Test func refusesEverySingleWrongCharacter() throws {
    for i in 0..<56 {
      var characters = Array(StellarSigning.secret)
      characters[i] = characters[i] == "A" ? "B" : "A"
      let text = try SecretBytes(String(characters))
      #expect(throws: WalletError.self) { try wallets.wallet(privateKey: text, testnet: false) }
    }
  }

  @Test func refusesMnemonicsAndSaysWhatToDo() throws {
    #expect { try wallets.wallet(mnemonic: SecretBytes("abandon about"), testnet: false) } throws: {
      ($0 as? WalletError)?.code == "unsupported" && "\($0)".contains("storemanagedprivatekey")
    }
  }
}
