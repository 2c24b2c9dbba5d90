internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains

/// Signing requests for VET.
enum VeChainVectors {
  static let chain = SigningChain.vechain

  /// A published test key (tatum-js), and its address.
  static let testKey = "0x4874827a55d87f2309c55b835af509e3427aa4d52321eeb49a2b93b5c0f8edfb"
  static let testAddress = "0x8cb76aed9c5e336ef961265c6079c14e9cd3d2ea"

  /// What kms-fetch adds.
  static let context: JSONValue = [
    "from": .string(testAddress), "chainTag": "39", "blockRef": "0x00ab12cd34ef5678", "gas": "21000",
    "nonce": "0x00c0ffee12345678",
  ]

  static func request(
    _ serialized: String, context: JSONValue = context, testnet: Bool = true, secret: String = testKey,
    kind: WalletKind = .privateKey, index: Int? = nil, policy: SigningPolicy = SigningPolicy()
  ) throws -> SigningCase {
    let json: JSONValue = [
      "id": "61dceae734e9c028cc7fc59c", "chain": "VET", "hashes": ["26d3883e-4e17-48b3-a0ee-09a3e484ac83"],
      "serializedTransaction": .string(serialized), "index": index.map { .number(JSONNumber($0)) } ?? .null,
    ]
    let pending = try PendingTransaction(json, chain: "VET")
    let keys = try chain.keyReferences(of: pending).map { reference in
      SigningKey(
        reference: reference,
        privateKey: try chain.wallets.key(
          kind: kind, secret: SecretBytes(copying: Array(secret.utf8)), index: reference.index,
          testnet: testnet))
    }
    return SigningCase(
      pending: pending, testnet: testnet, context: context, keys: keys, policy: policy, unixTime: 0)
  }

  static func sign(
    _ serialized: String, context: JSONValue = context, testnet: Bool = true,
    policy: SigningPolicy = SigningPolicy()
  ) throws -> SignedTransaction {
    try chain.sign(request(serialized, context: context, testnet: testnet, policy: policy))
  }

  /// Why it is refused; nil when it is signed.
  static func refusal(
    _ serialized: String, context: JSONValue = context, testnet: Bool = true,
    policy: SigningPolicy = SigningPolicy()
  ) -> ErrorCode? {
    do {
      _ = try sign(serialized, context: context, testnet: testnet, policy: policy)
      return nil
    } catch { return (error as? ChainError)?.code }
  }

  /// The fields of a signed transaction, and the address that its signature tells.
  static func read(_ txData: String) throws -> (fields: [RLP.Item], sender: EVMAddress) {
    let bytes = try #require(Hex.decodePrefixed(txData))
    guard case .list(let items) = try RLP.decode(bytes), items.count == 10,
      case .bytes(let signature) = items[9]
    else { throw ChainError.malformed("not a signed transaction of VeChain") }
    let recovered = Secp256k1.recover(
      try ECDSASignature(rs: Array(signature.prefix(64)), recoveryID: signature[64]),
      digest: Hash.blake2b(RLP.encode(.list(Array(items.dropLast()))), count: 32))
    return (items, try #require(EVMAddress(publicKey: EVMVectors.value(recovered))))
  }
}
