internal import KMSCrypto
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

/// Signing requests for BNB.
enum BNBVectors {
  static let chain = SigningChain.bnb

  /// The test transaction of tatum-js, its key and address.
  static let name = "tatum-js v1 KMS test transaction"
  static let testKey = "268a1c3c1b08e4cfd93cf380c39027ac0b6a707abcb4f578ad9ffd172a6eb327"
  static let testAddress = "tbnb1z6hg2sflt9wdrjrjysdn57c0yd56nkts9lmwun"
  static let context: JSONValue = [
    "from": .string(testAddress), "accountNumber": "42", "sequence": "7", "chainId": "Binance-Chain-Ganges",
  ]

  static func transactions() throws -> [JSONValue] { try EVMVectors.vectors("transactions/bnb") }

  static func object() throws -> JSONObject {
    let vector = try #require(try transactions().first { $0["name"]?.string == name })
    let text = try #require(vector["pending"]?["serializedTransaction"]?.string)
    return try #require(try JSONValue(parsing: text).object)
  }

  static func request(
    _ serialized: String, context: JSONValue = context, testnet: Bool = true, secret: String = testKey
  ) throws -> SigningCase {
    let json: JSONValue = [
      "id": "61dceae734e9c028cc7fc59c", "chain": "BNB", "hashes": ["26d3883e-4e17-48b3-a0ee-09a3e484ac83"],
      "serializedTransaction": .string(serialized),
    ]
    let pending = try PendingTransaction(json, chain: "BNB")
    let keys = try chain.keyReferences(of: pending).map { reference in
      SigningKey(
        reference: reference,
        privateKey: try chain.wallets.key(
          kind: .privateKey, secret: SecretBytes(copying: Array(secret.utf8)), index: nil, testnet: testnet))
    }
    return SigningCase(
      pending: pending, testnet: testnet, context: context, keys: keys, unixTime: 0
    ).numbered(by: chain)
  }

  /// Why it is refused; nil when it is signed.
  static func refusal(_ text: String, context: JSONValue = context, testnet: Bool = true) -> ErrorCode? {
    do {
      _ = try chain.sign(request(text, context: context, testnet: testnet))
      return nil
    } catch { return (error as? ChainError)?.code }
  }
}
