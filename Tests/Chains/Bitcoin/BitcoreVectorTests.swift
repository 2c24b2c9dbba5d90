import KMSCrypto
import KMSPrimitives
import KMSRecords
import SigningDoor
import Testing

@testable import KMSChains
@testable import KMSSigning

/// Every transaction vector of BTC, LTC and DOGE, byte for byte.
@Suite struct BitcoreVectorTests {
  static let vectors = BitcoinVectors.transactions(["BTC", "LTC", "DOGE"])

  /// Shows a transaction with an unsigned input, which decision 21 refuses (and does not reproduce, says its flag).
  static let overruled = "tatum-js v1: private key that does not own the UTXO leaves the input unsigned"

  /// Pays 313 satoshi to a public key hash, where nodes relay no less than 546 (Bitcoin Core, `GetDustThreshold`).
  static let dust = "wallet-core ExtraOutputsRequireExtraInputs: 2 P2PKH input(s), 4 output(s)"

  /// Fees of 9 BTC, or of a million coins: signed only when the operator raises the limit (decision 5).
  static let absurdFees = [
    "large amounts and 20 outputs (generated)", "BIP-143 native P2WPKH example (first input is P2PK)",
  ]

  @Test func findsAllVectors() {
    #expect(Self.vectors.count == 29 + 14 + 12)
    #expect(Self.vectors.filter { $0.name == Self.overruled }.count == 1)
    #expect(Self.vectors.filter { $0.name == Self.dust }.count == 1)
  }

  @Test func refusesTheVectorThatNobodyRelays() throws {
    let vector = try #require(Self.vectors.first { $0.name == Self.dust })
    let signing = try TestSigning(vector.chain, testnet: vector.testnet)
    #expect(refusal { try sign(vector, signing) } == .dustOutput)
  }

  @Test(arguments: vectors.filter { $0.name != overruled && $0.name != dust })
  func signs(_ vector: BitcoinVectors.Vector) throws {
    // These have keys of the main network, whose version byte is checked.
    let isMainnet = vector.name.hasPrefix("bitcore-lib-doge")
    var signing = try TestSigning(vector.chain, testnet: vector.testnet && !isMainnet)
    if Self.absurdFees.contains(vector.name) {
      #expect(refusal { try sign(vector, signing) } == .feeTooHigh)
      _ = signing.policy.setMaximumFee("1000000000000000", of: vector.chain)
    }
    let signed = try sign(vector, signing)
    #expect(signed.txData == vector.json["expected"]?["txData"]?.string)
    #expect(signed.txID == vector.json["expected"]?["txId"]?.string)
    #expect(try sign(vector, signing) == signed)
  }

  private func sign(_ vector: BitcoinVectors.Vector, _ signing: TestSigning) throws -> SignedTransaction {
    let pending: JSONValue
    if let given = vector.json["pending"] { pending = given } else { pending = try compose(vector, signing) }
    if let mnemonic = vector.json["mnemonic"]?.string {
      return try signing.sign(pending, mnemonic: mnemonic)
    }
    let keys = try #require(vector.json["privateKeys"]?.array).map { try signing.material($0.string ?? "") }
    return try signing.sign(pending, keys: keys)
  }

  private func compose(_ vector: BitcoinVectors.Vector, _ signing: TestSigning) throws -> JSONValue {
    let unsigned = try #require(vector.json["unsigned"])
    let transaction = try TestTransaction(
      version: UInt32(unsigned["version"]?.uint64 ?? 0),
      inputs: #require(unsigned["inputs"]?.array).map {
        TestTransaction.Input(
          id: try #require($0["txid"]?.string), index: Int(try #require($0["vout"]?.uint64)),
          sequence: UInt32(try #require($0["sequence"]?.uint64)), value: try #require($0["satoshis"]?.uint64),
          script: try #require(Hex.decode($0["scriptPubKey"]?.string ?? "")))
      },
      outputs: #require(unsigned["outputs"]?.array).map {
        (try #require($0["satoshis"]?.uint64), try #require(Hex.decode($0["scriptPubKey"]?.string ?? "")))
      },
      lockTime: UInt32(unsigned["locktime"]?.uint64 ?? 0))
    return signing.pending(transaction.text)
  }
}

/// The code of the `ChainError` that `body` throws; nil when it throws none.
func refusal<T>(_ body: () throws -> T) -> ErrorCode? {
  do {
    _ = try body()
    return nil
  } catch let error as ChainError {
    return error.code
  } catch { return nil }
}
