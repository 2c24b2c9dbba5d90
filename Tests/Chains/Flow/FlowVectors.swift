internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

/// The vectors of FLOW, and signing requests made from them.
enum FlowVectors {
  static let chain = SigningChain.flow

  /// Vectors that the "Cadence that the network accepts today" overrules, by name: their scripts are those from
  /// before Cadence 1.0, given by hash only, so their signatures are over other bytes. Their arguments are compared.
  static let overruled: Set<String> = [
    "FLOW transfer of 0.001 (type 2)", "FUSD transfer on mainnet (type 2)",
    "transfer: proposer, payer and authorizer are the same account (test of tatum-js with explicit signers)",
    "mint NFT (type 4)", "mint several NFTs (type 5)", "burn NFT (type 6)", "create account (type 0)",
    "add public key to account (type 1)",
  ]

  /// The vector whose accounts are of testnet and which is for mainnet (decision 21: an address of another network).
  static let ofAnotherNetwork = "FUSD transfer on mainnet (type 2)"

  static let secret = "37afa218d41d9cd6a2c6f2b96d9eaa3ad96c598252bc50e4d45d62f9356a51f8"
  static let publicKey =
    "968c3ce11e871cb2b7161b282655ee5fcb051f3c04894705d771bf11c6fbebfc6556ab8a0c04f45ea56281312336d0668529077c9d66891a6cad3db877acbe90"
  static let account = "0x955cd3f17b2fd8ad"
  /// Accounts of mainnet: where the test network's account and recipient stand, these do.
  static let mainnetAddresses = [account: "0xe467b9dd11fa00df", "0x21cbd745a4df66f1": "0xf919ee77447b7497"]

  /// `text` with accounts of the network.
  static func of(testnet: Bool, _ text: String) -> String {
    testnet ? text : mainnetAddresses.reduce(text) { $0.replacing($1.key, with: $1.value) }
  }

  static let block = "f0e4c2f76c58916ec258f246851bea091d14d4247a2fc3e18694461b1816e13b"

  static let context: JSONValue = [
    "referenceBlockId": .string(block), "gasLimit": "9999",
    "proposer": ["address": "0x87fe4ebd0cddde06", "keyId": "3", "sequenceNumber": "7"],
    "payer": ["address": "0x87fe4ebd0cddde06", "keyId": "0"],
    "account": ["address": .string(account), "keyId": "0", "publicKey": .string(publicKey)],
  ]

  static func material(_ text: String = secret) throws -> PrivateKeyMaterial {
    try chain.wallets.key(
      kind: .privateKey, secret: SecretBytes(copying: Array(text.utf8)), index: nil, testnet: true)
  }

  static func request(
    _ serialized: String, secret: String = secret, testnet: Bool = true, context: JSONValue = context,
    allowCustomScripts: Bool = false
  ) throws -> SigningCase {
    let json: JSONValue = [
      "id": "63d7c39ccd0fe9b99be79639", "chain": "FLOW", "hashes": ["11111111-1111-1111-1111-111111111111"],
      "serializedTransaction": .string(serialized),
    ]
    var policy = SigningPolicy()
    policy.allowCustomScripts = allowCustomScripts
    let pending = try PendingTransaction(json, chain: "FLOW")
    return SigningCase(
      pending: pending, testnet: testnet, context: context,
      keys: [
        SigningKey(reference: try pending.firstKeyReference(), privateKey: try material(secret))
      ], policy: policy, unixTime: 1_700_000_000)
  }

  static func sign(
    _ serialized: String, context: JSONValue = context, testnet: Bool = true,
    allowCustomScripts: Bool = false
  ) throws -> SignedTransaction {
    try chain.sign(
      request(
        serialized, testnet: testnet, context: context, allowCustomScripts: allowCustomScripts))
  }

  /// `serializedTransaction` with this type and body; the account is added.
  static func text(_ type: Int, _ body: JSONValue) -> String {
    var object = JSONObject()
    object["account"] = .string(account)
    for member in body.object?.members ?? [] { object[member.name] = member.value }
    let json: JSONValue = ["type": .number(JSONNumber(type)), "body": .object(object)]
    return json.text
  }

  /// One of each type that is signed without a flag.
  static let samples: [String] = [
    text(0, ["publicKey": .string(publicKey)]), text(1, ["publicKey": .string(publicKey)]),
    text(2, ["to": "0x21cbd745a4df66f1", "amount": "12.5", "currency": "FLOW"]),
    text(2, ["to": "0x21cbd745a4df66f1", "amount": "12.5", "currency": "FUSD"]),
    text(4, ["to": "0x21cbd745a4df66f1", "url": "ipfs://a", "contractAddress": "2d103773"]),
    text(5, ["to": ["0x21cbd745a4df66f1"], "url": ["ipfs://a"], "contractAddress": "2d103773"]),
    text(6, ["tokenId": "196", "contractAddress": "2d103773"]),
    text(7, ["tokenId": "196", "to": "0x21cbd745a4df66f1"]),
  ]

  static let custom = text(
    8,
    [
      "transaction": "transaction { execute { log(1) } }",
      "args": [
        ["type": "UInt64", "value": "7"], ["type": "Array", "subType": "String", "value": ["a", "b"]],
      ],
    ])

  /// The parts of a payload, read back.
  static func payload(_ hex: String) throws -> (script: String, arguments: [JSONValue], rest: [RLP.Item]) {
    guard case .list(let parts) = try RLP.decode(EVMVectors.value(Hex.decode(hex))), parts.count == 9,
      case .bytes(let script) = parts[0], case .list(let arguments) = parts[1]
    else { throw ChainError.malformed("not a payload") }
    return (
      String(decoding: script, as: UTF8.self),
      try arguments.map {
        guard case .bytes(let bytes) = $0 else { throw ChainError.malformed("not an argument") }
        return try JSONValue(parsing: bytes)
      }, Array(parts[2...])
    )
  }
}
