internal import KMSCrypto
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

/// Random transactions that were signed by the chains' own Python libraries, as each file says.
@Suite struct GeneratedEd25519VectorTests {
  private func sign(
    _ chain: SigningChain, _ vector: JSONValue, keys: [String], context: JSONValue, text: String
  ) throws -> SignedTransaction {
    var policy = SigningPolicy()
    policy.allowAccountControl = true
    _ = policy.setMaximumFee("9999999999999999999", of: chain.name)
    return try chain.sign(
      SigningTest.request(
        chain, pending: SigningTest.pending(text, chain: chain, wallets: keys.count),
        testnet: vector["testnet"]?.bool == true, context: context, keys: keys, policy: policy))
  }

  @Test func solders() throws {
    var versioned = 0
    for vector in try EVMVectors.vectors("generated/sol") {
      let keys = try EVMVectors.value(vector["keys"]?.array).compactMap { $0.string }
      let text = #"{"txData":"\#(try EVMVectors.value(vector["txData"]?.string))"}"#
      let signed = try sign(
        SigningChain.solana, vector, keys: keys.reversed(),
        context: ["recentBlockhash": vector["recentBlockhash"] ?? .null], text: text)
      #expect(signed.txData == vector["expected"]?["txData"]?.string)
      #expect(signed.txID == vector["expected"]?["txId"]?.string)
      #expect(signed.from == .one(try EVMVectors.value(vector["expected"]?["from"]?.string)))
      if vector["legacy"] == false { versioned += 1 }
    }
    #expect(versioned == 53)
  }

  @Test func algorandSDK() throws {
    var count = 0
    for vector in try EVMVectors.vectors("generated/algo") {
      let text = try EVMVectors.value(vector["serializedTransaction"]?.string)
      let signed = try sign(
        SigningChain.algorand, vector, keys: [EVMVectors.value(vector["key"]?.string)], context: [:],
        text: text)
      #expect(signed.txData == vector["expected"]?["txData"]?.string, Comment(rawValue: text))
      #expect(signed.txID == vector["expected"]?["txId"]?.string)
      #expect(signed.from == .one(try EVMVectors.value(vector["expected"]?["from"]?.string)))
      count += 1
    }
    #expect(count == 90)
  }

  @Test func multiversXSDK() throws {
    var count = 0
    for vector in try EVMVectors.vectors("generated/egld") {
      let text = try EVMVectors.value(vector["serializedTransaction"]?.string)
      let signed = try sign(
        SigningChain.multiversX, vector, keys: [EVMVectors.value(vector["key"]?.string)],
        context: vector["context"] ?? [:], text: text)
      #expect(signed.txID == vector["expected"]?["txId"]?.string, Comment(rawValue: text))
      let signature = try EVMVectors.value(vector["expected"]?["signature"]?.string)
      #expect(signed.txData.hasSuffix(#","signature":"\#(signature)"}"#))
      if let message = vector["expected"]?["message"]?.string {
        #expect(signed.txData == message.dropLast() + #","signature":"\#(signature)"}"#)
      }
      count += 1
    }
    #expect(count == 80)
  }
}
