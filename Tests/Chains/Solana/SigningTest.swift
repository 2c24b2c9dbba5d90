internal import KMSCrypto
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

/// Makes requests for chains that are tested by what comes out of `Chain`.
enum SigningTest {
  /// A pending transaction; one signature ID for each of `wallets`.
  static func pending(
    _ serialized: String, chain: SigningChain, wallets: Int = 1, index: Int? = nil
  ) -> JSONValue {
    [
      "id": "61dceae734e9c028cc7fc59c", "chain": .string(chain.name),
      "hashes": .array((0..<wallets).map { .string(signatureID($0)) }),
      "serializedTransaction": .string(serialized),
      "index": index.map { JSONValue.number(JSONNumber($0)) } ?? .null, "withdrawalId": .null,
    ]
  }

  static func signatureID(_ wallet: Int) -> String { "26d3883e-4e17-48b3-a0ee-09a3e484ac\(10 + wallet)" }

  /// A request as kms-sign makes it; `keys[i]` is the secret of the chain's i-th key reference.
  static func request(
    _ chain: SigningChain, pending json: JSONValue, testnet: Bool, context: JSONValue = [:], keys: [String],
    kind: WalletKind = .privateKey, policy: SigningPolicy = SigningPolicy()
  ) throws -> SigningCase {
    let pending = try PendingTransaction(json, chain: chain.name)
    let references = try chain.keyReferences(of: pending)
    #expect(references.count == keys.count)
    let found = try zip(references, keys).map { reference, key in
      SigningKey(
        reference: reference,
        privateKey: try chain.wallets.key(
          kind: kind, secret: secret(key), index: reference.index, testnet: testnet))
    }
    return SigningCase(
      pending: pending, testnet: testnet, context: context, keys: found, policy: policy,
      unixTime: 1_700_000_000
    ).numbered(by: chain)
  }

  static func secret(_ text: String) throws -> SecretBytes { try SecretBytes(copying: text.utf8) }

  /// The code of the refusal of `body`; nil when it succeeds.
  static func refusal(_ body: () throws -> Void) throws -> ErrorCode? {
    do { try body() } catch let error as ChainError {
      #expect(!error.message.isEmpty)
      return error.code
    }
    return nil
  }

  /// JSON values that no member expects.
  static let strange: [JSONValue] = [
    .null, true, false, 0, 1, -1, 255, 256, "", " ", "0", "-1", "0x", "1.5", "1e9", "abc", "\u{0}", "🙂", [],
    [[]],
    [:], ["a": 1], ["0": 1], ["1": 1], ["0": 256], ["type": "Buffer"], ["type": "Buffer", "data": [300]],
    ["type": "Buffer", "data": [84, 88]], [1, "x", [:]], "18446744073709551615", "18446744073709551616",
    .number(JSONNumber(UInt64.max)), .number(JSONNumber(UInt64(1) << 53)),
    .string(String(repeating: "9", count: 5000)), .string(String(repeating: "🙂", count: 40)),
  ]
}
