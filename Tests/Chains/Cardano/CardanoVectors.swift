internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

/// The vectors of ADA, and signing requests made from them.
enum CardanoVectors {
  static let chain = SigningChain.cardano

  /// The transactions that are published with keys and operations.
  static func pending() throws -> [JSONValue] {
    let vectors = try EVMVectors.vectors("transactions/ada").filter { $0["pending"] != nil }
    #expect(vectors.count == 10)
    return vectors
  }

  /// How a server may hand over a body.
  enum Form: CaseIterable {
    case body, transaction, rosettaBody, rosettaTransaction

    /// The text of `context.unsignedTransaction`.
    func text(_ body: [UInt8]) -> String {
      switch self {
      case .body: Hex.encode(body)
      case .transaction: Hex.encode([0x84] + body + [0xA0, 0xF5, 0xF6])
      case .rosettaBody: CardanoVectors.wrapped(body)
      case .rosettaTransaction: CardanoVectors.wrapped([0x84] + body + [0xA0, 0xF5, 0xF6])
      }
    }
  }

  /// Rosetta's wrapping: `[text, {"operations": []}]`.
  static func wrapped(_ bytes: [UInt8], extra: [UInt8] = [0xA1, 0x61, 0x6F, 0x80]) -> String {
    let text = Array(Hex.encode(bytes).utf8)
    var out: [UInt8] = [0x82]
    CBOR.appendHead(3, UInt64(text.count), to: &out)
    return Hex.encode(out + text + extra)
  }

  /// The context that kms-fetch makes of a body.
  static func context(
    body: [UInt8], ttl: String, addresses: [String], form: Form = .rosettaBody
  ) -> JSONValue {
    let id = JSONValue.string(Hex.encode(Hash.blake2b(body, count: 32)))
    return [
      "ttl": .string(ttl), "unsignedTransaction": .string(form.text(body)),
      "payloads": .array(addresses.map { ["address": .string($0), "hex": id] }),
    ]
  }

  /// The input addresses of a vector, once or once per input.
  static func inputAddresses(of vector: JSONValue, perInput: Bool) throws -> [String] {
    let inputs = try EVMVectors.value(vector["unsigned"]?["operations"]?.array).filter {
      $0["type"] == "input"
    }
    let all = try inputs.map { try EVMVectors.value($0["address"]?.string) }
    var seen: Set<String> = []
    return perInput ? all : all.filter { seen.insert($0).inserted }
  }

  static func material(_ text: String, testnet: Bool) throws -> PrivateKeyMaterial {
    try chain.wallets.key(
      kind: .privateKey, secret: SecretBytes(copying: Array(text.utf8)), index: nil, testnet: testnet)
  }

  /// A request with the vector's own pending transaction and all its keys.
  static func request(
    _ vector: JSONValue, form: Form = .rosettaBody, perInput: Bool = false
  ) throws -> SigningCase {
    let testnet = vector["testnet"]?.bool == true
    let body = try EVMVectors.value(Hex.decode(try EVMVectors.value(vector["unsigned"]?["body"]?.string)))
    let keys = try EVMVectors.value(vector["privateKeys"]?.array).map { key in
      SigningKey(
        reference: KeyReference(signatureID: "", index: nil),
        privateKey: try material(try EVMVectors.value(key.string), testnet: testnet))
    }
    return SigningCase(
      pending: try PendingTransaction(try EVMVectors.value(vector["pending"]), chain: "ADA"),
      testnet: testnet,
      context: context(
        body: body, ttl: try EVMVectors.value(vector["context"]?["ttl"]?.string),
        addresses: try inputAddresses(of: vector, perInput: perInput), form: form),
      keys: keys, unixTime: 0)
  }

  // MARK: A small transaction of our own

  static let key =
    "8873d5e84af86978f03b63d9ffc9c6f940bd8501d32e91980c904e8d81c305507dc95992faa5aefccb263b28b411eda2dde7882d922742663804a69d78182e34"
  static let address = "addr_test1vzfp68vn36ze5yz7x7evracmasuptjmz99qk4j23gun3pcqhlevq5"
  static let other = "addr_test1vzdts2y4k47zwypzdh36azxx0w4v8tev6m6svtz9fud0emgchuswu"

  /// One coin of 10 ada, 8 to another address, 1.8 back, 0.2 for the fee.
  struct Sample {
    var inputs: [(id: UInt8, index: UInt64, value: String)] = [(0x11, 0, "-10000000")]
    var outputs: [(address: String, value: String, bundle: JSONValue?)] = [
      (CardanoVectors.other, "8000000", nil), (CardanoVectors.address, "1800000", nil),
    ]
    var ttl = "50000000"

    var operations: JSONValue {
      let spent = inputs.enumerated().map { i, input -> JSONValue in
        [
          "operation_identifier": ["index": .number(JSONNumber(i)), "network_index": 0], "type": "input",
          "status": "success", "account": ["address": .string(CardanoVectors.address), "metadata": [:]],
          "amount": ["value": .string(input.value), "currency": ["symbol": "ADA", "decimals": 6]],
          "coin_change": [
            "coin_identifier": [
              "identifier": .string(
                Hex.encode([UInt8](repeating: input.id, count: 32)) + ":\(input.index)")
            ], "coin_action": "coin_created",
          ], "metadata": [:],
        ]
      }
      let paid = outputs.map { output -> JSONValue in
        [
          "type": "output", "account": ["address": .string(output.address)],
          "amount": ["value": .string(output.value), "currency": ["symbol": "ADA", "decimals": 6]],
          "metadata": output.bundle.map { ["tokenBundle": $0] } ?? [:],
        ]
      }
      return .array(spent + paid)
    }
  }

  /// Signs a body against operations.
  static func sign(
    _ operations: JSONValue = Sample().operations, body: [UInt8], ttl: String = "50000000",
    policy: SigningPolicy = SigningPolicy(), change: (inout SigningCase) -> Void = { _ in }
  ) throws -> SignedTransaction {
    let pending: JSONValue = [
      "id": "63d8a51f3cb910e651f4d7f9", "chain": "ADA", "hashes": ["11111111-1111-1111-1111-111111111111"],
      "serializedTransaction": .string(operations.text),
    ]
    var request = SigningCase(
      pending: try PendingTransaction(pending, chain: "ADA"), testnet: true,
      context: context(body: body, ttl: ttl, addresses: [address]),
      keys: [
        SigningKey(
          reference: KeyReference(signatureID: "", index: nil),
          privateKey: try material(key, testnet: true))
      ], policy: policy, unixTime: 0)
    change(&request)
    return try chain.sign(request)
  }
}

/// Writes CBOR, independently of what reads it.
enum CBORText {
  static func head(_ type: UInt8, _ value: UInt64) -> [UInt8] {
    var out: [UInt8] = []
    CBOR.appendHead(type, value, to: &out)
    return out
  }
  static func uint(_ value: UInt64) -> [UInt8] { head(0, value) }
  static func bytes(_ bytes: [UInt8]) -> [UInt8] { head(2, UInt64(bytes.count)) + bytes }
  static func array(_ items: [[UInt8]]) -> [UInt8] { head(4, UInt64(items.count)) + items.flatMap { $0 } }
  static func map(_ pairs: [([UInt8], [UInt8])]) -> [UInt8] {
    head(5, UInt64(pairs.count)) + pairs.flatMap { $0.0 + $0.1 }
  }
  static func tag(_ number: UInt64, _ item: [UInt8]) -> [UInt8] { head(6, number) + item }

  /// The body of `CardanoVectors.Sample()`, each member replaceable, further ones at the end.
  static func body(
    inputs: [UInt8]? = nil, outputs: [UInt8]? = nil, fee: UInt64 = 200_000, ttl: UInt64 = 50_000_000,
    more: [(UInt64, [UInt8])] = []
  ) throws -> [UInt8] {
    let pairs = [
      (uint(0), inputs ?? array([coin(0x11, 0)])),
      (
        uint(1),
        try outputs
          ?? array([
            output(CardanoVectors.other, uint(8_000_000)), output(CardanoVectors.address, uint(1_800_000)),
          ])
      ), (uint(2), uint(fee)), (uint(3), uint(ttl)),
    ]
    return map(pairs + more.map { (uint($0.0), $0.1) })
  }

  static func coin(_ id: UInt8, _ index: UInt64) -> [UInt8] {
    array([bytes([UInt8](repeating: id, count: 32)), uint(index)])
  }
  static func output(_ address: String, _ value: [UInt8]) throws -> [UInt8] {
    array([bytes(try CardanoAddress(address, testnet: true, member: "").bytes), value])
  }
}
