internal import KMSRecords

/// One key of a Flow account, as an access node tells it (onflow/flow, `openapi/access.yaml`, `AccountPublicKey`).
struct FlowAccountKey: Hashable {
  /// Its index in the account.
  let id: UInt64
  /// Lower-case hexadecimal without `0x`.
  let publicKey: String
  let sequenceNumber: UInt64
  /// Not revoked, ECDSA on secp256k1 over SHA3-256, and with the weight that authorizes alone.
  let isUsable: Bool

  /// Reads one entry of an account's `keys`; nil when it is none.
  init?(_ json: JSONValue) {
    guard let id = json["index"]?.uint64, let key = json["public_key"]?.string?.lowercased(),
      let sequence = json["sequence_number"]?.uint64
    else { return nil }
    self.id = id
    publicKey = key.hasPrefix("0x") ? String(key.dropFirst(2)) : key
    sequenceNumber = sequence
    isUsable =
      json["revoked"]?.bool != true && Self.name(json["signing_algorithm"]) == "ecdsasecp256k1"
      && Self.name(json["hashing_algorithm"]) == "sha3256" && (json["weight"]?.uint64 ?? 0) >= 1000
  }

  /// Access nodes write `ECDSA_secp256k1` (onflow/flow-go, `engine/access/rest`, takes the name of onflow/crypto), while
  /// the interface's description says `ECDSASecp256k1`.
  private static func name(_ json: JSONValue?) -> String? {
    json?.string.map { $0.lowercased().filter { $0 != "_" } }
  }
}

extension PublicNode {
  /// Asks an access node for the keys of an account, as the latest sealed block has them.
  ///
  /// - Parameter address: `0x` and 16 digits.
  func flowKeys(of address: String, completion: @escaping (Result<[FlowAccountKey], APIFailure>) -> Void) {
    callJSON(.get, "/v1/accounts/\(address.dropFirst(2))?block_height=sealed&expand=keys") { result in
      completion(
        result.flatMap { answer in
          guard let items = answer["keys"]?.array else {
            return .failure(.unexpected("the account's keys are missing"))
          }
          return .success(items.compactMap(FlowAccountKey.init))
        })
    }
  }
}
