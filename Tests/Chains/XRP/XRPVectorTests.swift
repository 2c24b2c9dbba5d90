import KMSCrypto
import KMSRecords
import SigningDoor
import Testing

@testable import KMSChains
@testable import KMSSigning

/// Every transaction vector of XRP, byte for byte.
@Suite struct XRPVectorTests {
  static let vectors = BitcoinVectors.transactions(["XRP"])

  @Test func findsAllVectors() { #expect(Self.vectors.count == 64) }

  @Test(arguments: vectors)
  func signs(_ vector: BitcoinVectors.Vector) throws {
    var signing = try TestSigning("XRP", testnet: vector.testnet)
    let pending = try #require(vector.json["pending"])
    let key = try signing.material(#require(vector.json["privateKeys"]?.array?.first?.string))
    // Some keys of xrpl.js are not of Account: signed as regular keys, when that is allowed (decision 3).
    if vector.json["unsigned"]?["Account"]?.string != key.address {
      #expect(refusal { try signing.sign(pending, keys: [key]) } != nil)
      signing.policy.allowDelegatedKeys = true
    }
    if vector.json["expected"]?["error"] == true {
      #expect(refusal { try signing.sign(pending, keys: [key]) } == .malformedTransaction)
      return
    }
    let signed = try signing.sign(pending, keys: [key])
    // The vectors with hex keys are in lower case, the API's form is upper case.
    #expect(signed.txData == vector.json["expected"]?["txData"]?.string?.uppercased())
    #expect(signed.txID == vector.json["expected"]?["txId"]?.string?.uppercased())
    #expect(signed.from == .one(try #require(vector.json["unsigned"]?["Account"]?.string)))
    #expect(signed.lastValidHeight == vector.json["unsigned"]?["LastLedgerSequence"]?.uint64)
    #expect(try signing.sign(pending, keys: [key]) == signed)
  }

  @Test func agreesWithAnotherImplementationOnRandomTransactions() throws {
    var policy = SigningPolicy()
    policy.allowAccountControl = true
    let vectors = try XRPSigning.generated("xrp")
    #expect(vectors.count > 70)
    for vector in vectors {
      let signed = try XRPSigning.sign(
        #require(vector["transaction"]), secret: #require(vector["secret"]?.string), policy: policy)
      #expect(signed.txData == vector["txData"]?.string, "\(vector)")
      #expect(signed.txID == vector["txId"]?.string)
    }
  }
}
