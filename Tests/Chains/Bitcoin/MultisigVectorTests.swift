import KMSCrypto
import KMSPrimitives
import KMSRecords
import SigningDoor
import Testing

@testable import KMSChains
@testable import KMSSigning

/// Multisig inputs as bitcore's JSON carries them, against transactions that Bitcoin Core's script interpreter accepts.
@Suite struct MultisigVectorTests {
  static let vectors = BitcoinVectors.transactions(["multisig"])

  private func keys(_ vector: BitcoinVectors.Vector, _ signing: TestSigning) throws -> [PrivateKeyMaterial] {
    try #require(vector.json["privateKeys"]?.array).map { try signing.material($0.string ?? "") }
  }

  @Test(arguments: vectors) func signs(_ vector: BitcoinVectors.Vector) throws {
    let chain = try #require(vector.json["chain"]?.string)
    let signing = try TestSigning(chain)
    let keys = try keys(vector, signing)
    let pending = try #require(vector.json["pending"])
    for keys in [keys, keys.reversed()] {
      let signed = try signing.sign(pending, keys: keys)
      #expect(signed.txData == vector.json["expected"]?["txData"]?.string)
      #expect(signed.txID == vector.json["expected"]?["txId"]?.string)
    }
  }

  @Test(arguments: vectors) func signsNothingWithoutAnyOneKey(_ vector: BitcoinVectors.Vector) throws {
    let chain = try #require(vector.json["chain"]?.string)
    let signing = try TestSigning(chain)
    let keys = try keys(vector, signing)
    let pending = try #require(vector.json["pending"])
    for i in keys.indices {
      var some = keys
      some.remove(at: i)
      #expect(refusal { try signing.sign(pending, keys: some) } == .walletNotFound)
    }
  }

  /// Nodes do not relay a high s (BIP-146): with it the whole transaction would be refused.
  @Test func refusesCarriedSignaturesThatNodesRefuse() throws {
    let vector = try #require(Self.vectors.first { $0.name.hasPrefix("P2SH 2 of 3, the first signature") })
    let signing = try TestSigning("BTC")
    let text = try #require(vector.json["pending"]?["serializedTransaction"]?.string)
    let carried = try #require(
      try JSONValue(parsing: text)["inputs"]?.array?.first?["signatures"]?.array?.compactMap {
        $0["signature"]?.string
      }
      .first)
    let signature = try #require(Hex.decode(carried).flatMap { ECDSASignature(der: $0) })
    let high = try ECDSASignature(rs: signature.r + Self.negated(signature.s), recoveryID: 0)
    #expect(signature.hasLowS && !high.hasLowS)
    // The script of the input, of which `hash` is made, has the signature as well.
    let changed = text.replacing("\"\(carried)\"", with: "\"\(Hex.encode(high.der))\"")
    #expect(changed != text)
    #expect(
      refusal { try signing.sign(signing.pending(changed), keys: keys(vector, signing)) }
        == .malformedTransaction)
  }

  /// The order of the curve's group less `s`.
  private static func negated(_ s: ArraySlice<UInt8>) throws -> [UInt8] {
    let order = try #require(Hex.decode("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"))
    var borrow = 0
    return zip(order, s).reversed().map { a, b in
      let difference = Int(a) - Int(b) - borrow
      borrow = difference < 0 ? 1 : 0
      return UInt8(truncatingIfNeeded: difference)
    }.reversed()
  }
}
