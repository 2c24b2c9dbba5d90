import Foundation
import KMSChains
import KMSCrypto
import KMSRecords
import KMSSigning
import SigningDoor

/// Signs with the library alone, to send the sandbox what the pipeline would not.
enum LibrarySigning {
  /// Everything allowed that an operator can allow.
  static var anything: SigningPolicy {
    var policy = SigningPolicy()
    policy.allowAccountControl = true
    policy.allowDelegatedKeys = true
    return policy
  }

  static func sign(
    _ chain: String, _ serialized: String, key: String, testnet: Bool = true, policy: SigningPolicy = anything
  ) throws -> SignedTransaction {
    guard let signer = SigningRegistry.chains[chain] else { throw CocoaError(.featureUnsupported) }
    let id = "00000000-0000-4000-8000-000000000000"
    let pending = try PendingTransaction(
      [
        "id": "1", "chain": .string(chain), "hashes": [.string(id)],
        "serializedTransaction": .string(serialized),
      ],
      chain: chain)
    let material = try signer.wallets.key(
      kind: .privateKey, secret: SecretBytes(copying: Array(key.utf8)), index: nil, testnet: testnet)
    let signing = SigningKey(
      reference: KeyReference(signatureID: id, index: nil), privateKey: material)
    return try signer.sign(
      SigningCase(
        pending: pending, testnet: testnet, context: [:], keys: [signing], policy: policy, unixTime: 0))
  }
}

extension JSONValue {
  /// The object with members replaced, added, or taken away by nil.
  func changed(_ changes: [(String, JSONValue?)]) -> JSONValue {
    var object = self.object ?? JSONObject()
    for (name, value) in changes { object[name] = value }
    return .object(object)
  }
}
