import KMSCrypto
import KMSPrimitives
import KMSRecords
import SigningDoor
import Testing

@testable import KMSChains
@testable import KMSSigning

/// Every transaction vector of XLM, byte for byte.
@Suite struct StellarVectorTests {
  static let vectors = BitcoinVectors.transactions(["XLM"])

  /// Signed by a key that is no source of theirs, which decision 3 refuses.
  static let overruled = [
    "signer is not the source account (KMS signs anyway)",
    "js-stellar-base: memo text that is not UTF-8; envelope that has one signature already (a second one is appended)",
  ]

  @Test func findsAllVectors() {
    #expect(Self.vectors.count == 25)
    #expect(Self.vectors.filter { Self.overruled.contains($0.name) }.count == 2)
  }

  @Test(arguments: vectors)
  func signs(_ vector: BitcoinVectors.Vector) throws {
    let envelope = try #require(vector.json["pending"]?["serializedTransaction"]?.string)
    let passphrase = try #require(vector.json["context"]?["networkPassphrase"]?.string)
    func sign() throws -> SignedTransaction {
      try StellarSigning.sign(
        envelope, secret: #require(vector.json["privateKeys"]?.array?.first?.string), testnet: vector.testnet,
        passphrase: passphrase)
    }
    let id = vector.json["expected"]?["txId"]?.string
    if Self.overruled.contains(vector.name) {
      #expect(refusal { try sign() } == .keyNotSender)
      #expect(try Hex.encode(StellarEnvelope(envelope).hash(passphrase: passphrase)) == id)
      return
    }
    let signed = try sign()
    #expect(signed.txData == vector.json["expected"]?["txData"]?.string)
    #expect(signed.txID == id)
    #expect(signed.from == .one(try #require(vector.json["expected"]?["signer"]?.string)))
    #expect(try sign() == signed)
  }

  /// All but the two of a private network have the passphrases that the chain itself uses.
  @Test func vectorsHaveTheNetworksPassphrases() throws {
    let odd = Self.vectors.filter {
      StellarChain.passphrase(testnet: $0.testnet) != $0.json["context"]?["networkPassphrase"]?.string
    }
    #expect(odd.count == 2)
    let signing = try TestSigning("XLM")
    let viaRegistry = try signing.sign(
      signing.pending(StellarSigning.payment), keys: [signing.material(StellarSigning.secret)])
    #expect(viaRegistry == (try StellarSigning.sign(StellarSigning.payment)))
    #expect(viaRegistry.txID == "3b85e0ea17cf2b16efe9760292411868ce655fcd52a2c09b0803f11ad3e72d46")
  }

  @Test func agreesWithAnotherImplementationOnRandomEnvelopes() throws {
    var allowing = SigningPolicy()
    allowing.allowAccountControl = true
    let vectors = try XRPSigning.generated("xlm")
    #expect(vectors.count >= 72)
    for vector in vectors {
      let envelope = try #require(vector["envelope"]?.string)
      let secret = try #require(vector["secret"]?.string)
      let testnet = vector["testnet"] == true
      let signed = try StellarSigning.sign(envelope, secret: secret, testnet: testnet, policy: allowing)
      #expect(signed.txData == vector["txData"]?.string, "\(envelope)")
      #expect(signed.txID == vector["txId"]?.string)
      let code = refusal { try StellarSigning.sign(envelope, secret: secret, testnet: testnet) }
      #expect((code == .accountControlRefused) == vector["control"]?.bool, "\(envelope)")
    }
  }
}
