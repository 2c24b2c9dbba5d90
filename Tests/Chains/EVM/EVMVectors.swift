internal import FoundationEssentials
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

/// The vector files, and signing requests made from them.
enum EVMVectors {
  /// Every chain of the family.
  static let chains: [SigningChain] = EVMNetwork.all.map { .evm($0) }

  /// The folder of all tests.
  private static let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Reads `path` below the folder of all tests.
  static func file(_ path: String) throws -> JSONValue {
    try JSONValue(parsing: Data(contentsOf: tests.appending(path: path)))
  }

  /// Reads `path` below the root of the source tree.
  static func text(of path: String) throws -> String {
    let data = try Data(contentsOf: tests.deletingLastPathComponent().appending(path: path))
    return String(decoding: data, as: UTF8.self)
  }

  /// The vectors of a file in Tests/Chains/Vectors.
  static func vectors(_ path: String) throws -> [JSONValue] {
    let vectors = try #require(try file("Chains/Vectors/\(path).json")["vectors"]?.array)
    #expect(!vectors.isEmpty)
    return vectors
  }

  /// The chain's vectors in `folder`.
  static func vectors(_ folder: String, of chain: SigningChain) throws -> [JSONValue] {
    try vectors("\(folder)/\(chain.name.lowercased())")
  }

  /// A pending transaction with this `serializedTransaction`.
  static func pending(_ serialized: String, chain: SigningChain, index: Int? = nil) -> JSONValue {
    [
      "id": "61dceae734e9c028cc7fc59c", "chain": .string(chain.name),
      "hashes": ["26d3883e-4e17-48b3-a0ee-09a3e484ac83"], "serializedTransaction": .string(serialized),
      "index": index.map { JSONValue.number(JSONNumber($0)) } ?? .null, "withdrawalId": .null,
    ]
  }

  /// A request as kms-sign makes it: the keys that the chain names, and the nonce that it asks for.
  static func request(
    _ chain: SigningChain, pending json: JSONValue, testnet: Bool, context: JSONValue = [:], secret: String,
    kind: WalletKind = .privateKey, policy: SigningPolicy = SigningPolicy()
  ) throws -> SigningCase {
    let pending = try PendingTransaction(json, chain: chain.name)
    let keys = try chain.keyReferences(of: pending).map { reference in
      SigningKey(
        reference: reference,
        privateKey: try chain.wallets.key(
          kind: kind, secret: SecretBytes(copying: Array(secret.utf8)), index: reference.index,
          testnet: testnet))
    }
    return SigningCase(
      pending: pending, testnet: testnet, context: context, keys: keys, policy: policy, unixTime: 0
    ).numbered(by: chain)
  }

  /// Signs `serialized` with the test key.
  static func sign(
    _ serialized: String, chain: SigningChain = .eth, testnet: Bool = false, context: JSONValue = [:],
    policy: SigningPolicy = SigningPolicy()
  ) throws -> SignedTransaction {
    try chain.sign(
      request(
        chain, pending: pending(serialized, chain: chain), testnet: testnet, context: context,
        secret: testKey, policy: policy))
  }

  /// A published test key, and its address.
  static let testKey = "0x4646464646464646464646464646464646464646464646464646464646464646"
  static let testAddress = "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f"

  /// What a vector's `context` says, in the members that kms-fetch writes.
  static func context(of vector: JSONValue) -> JSONValue {
    var context = JSONObject()
    let names = [
      ("from", "from"), ("chainId", "chainId"), ("transactionCount", "nonce"), ("estimateGas", "gas"),
      ("gasPrice", "gasPrice"),
    ]
    for (name, ours) in names {
      guard let value = vector["context"]?[name] else { continue }
      context[ours] = .string(value.string ?? value.number?.digits ?? "")
    }
    return .object(context)
  }

  /// `#require` inside of another one, where the macro can't stand.
  static func value<T>(_ value: T?) throws -> T { try #require(value) }

  /// The row that describes `chain`.
  static func network(_ chain: SigningChain) throws -> EVMChain {
    try #require(ChainRegistry.chains[chain.name] as? EVMChain)
  }

  /// No fee limit that a vector could reach.
  static func unlimited(_ chain: SigningChain) -> SigningPolicy {
    var policy = SigningPolicy()
    _ = policy.setMaximumFee(UInt256(.max).multiplied(by: .max)?.description ?? "", of: chain.name)
    return policy
  }

  /// The JSON text of an object without the members `names`.
  static func text(_ json: String, without names: [String]) throws -> String {
    var object = try #require(try JSONValue(parsing: json).object)
    for name in names { object[name] = nil }
    return JSONValue.object(object).text
  }
}

extension SigningChain {
  private static func named(_ name: String) -> SigningChain {
    EVMVectors.chains.first { $0.name == name } ?? EVMVectors.chains[0]
  }

  static let eth = named("ETH")
  static let bsc = named("BSC")
  static let matic = named("MATIC")
  static let xdc = named("XDC")
  static let celo = named("CELO")
  static let klay = named("KLAY")
  static let kcs = named("KCS")
  static let one = named("ONE")
}
