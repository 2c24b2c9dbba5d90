public import KMSRecords

/// One key of a Flow account, as an access node tells it (onflow/flow, `openapi/access.yaml`, `AccountPublicKey`).
public struct FlowAccountKey: Hashable, Sendable {
  /// Its index in the account.
  public let id: UInt64
  /// Lower-case hexadecimal without `0x`.
  public let publicKey: String
  /// How many transactions it proposed.
  public let sequenceNumber: UInt64
  /// Not revoked, ECDSA on secp256k1 over SHA3-256, and with the weight that authorizes alone.
  public let isUsable: Bool

  /// Reads one entry of an account's `keys`; nil when it is none.
  public init?(_ json: JSONValue) {
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

/// What is asked of Flow's access nodes and of the API's keys.
public enum FlowCalls {
  /// The access node that the original asks.
  public static func node(testnet: Bool) -> Call.Server {
    .publicNode(defaultURL: testnet ? "https://rest-testnet.onflow.org" : "https://rest-mainnet.onflow.org")
  }

  /// The keys of an account, as the latest sealed block has them; read by `keys`.
  ///
  /// - Parameter address: `0x` and 16 digits.
  public static func account(_ address: String, testnet: Bool) -> Call {
    Call(
      .get, "/v1/accounts/\(address.dropFirst(2))", at: node(testnet: testnet),
      query: [Call.Field("block_height", "sealed"), Call.Field("expand", "keys")])
  }

  /// The keys in the answer to `account`; nil when there are none in it.
  public static func keys(_ answer: JSONValue) -> [FlowAccountKey]? {
    answer["keys"]?.array?.compactMap(FlowAccountKey.init)
  }

  /// The latest final block, or the latest sealed one.
  package static func block(testnet: Bool, sealed: Bool = false) -> Call {
    Call(
      .get, "/v1/blocks", at: node(testnet: testnet),
      query: [Call.Field("height", sealed ? "sealed" : "final")])
  }

  /// The block of an id, 64 digits.
  static func block(_ id: String, testnet: Bool) -> Call {
    Call(.get, "/v1/blocks/\(id)", at: node(testnet: testnet))
  }

  /// The height of the block in the answer to one of these; nil when there is none in it.
  static func height(_ answer: Answer) -> UInt64? {
    guard case .json(let json) = answer else { return nil }
    return json.array?.first?["header"]?["height"]?.uint64
  }

  /// One of the API's keys. A proposal key is lent for one transaction: a second question would take a second one.
  static func apiKey(isPayer: Bool) -> Call {
    Call(.get, "/v3/flow/proposal/\(isPayer)", isRepeatable: isPayer)
  }

  /// Gives a proposal key back, with the id of the transaction that used it; empty for one that was not sent.
  public static func release(proposalKey: UInt64, txID: String = "") -> Call {
    Call(
      .post, "/v3/flow/broadcast",
      body: ["txData": .string(txID), "proposalKey": .number(JSONNumber(proposalKey))], credits: 2)
  }
}
