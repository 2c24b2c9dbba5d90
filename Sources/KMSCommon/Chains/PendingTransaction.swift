internal import KMSPrimitives
public import KMSRecords

/// What Tatum's pending list says of one transaction, in the shape that all chains share.
///
/// Optional members arrive absent or as null; both mean the same.
public struct PendingTransaction: Sendable, Hashable {
  /// Tatum's id of the pending transaction.
  public let id: String
  /// The chain's own description, usually JSON in a string.
  public var serializedTransaction: String { String(decoding: serialized, as: UTF8.self) }
  /// The UTF-8 bytes of `serializedTransaction`.
  package let serialized: [UInt8]
  /// Signature IDs of the wallets to use.
  public let hashes: [String]
  /// The derivation index for mnemonic wallets.
  public let index: UInt32?
  /// Set when the transaction is a withdrawal of a virtual account.
  public let withdrawalID: String?
  /// The inputs of such a withdrawal on UTXO chains.
  public let withdrawalResponses: [WithdrawalResponse]?
  /// Wallets with an index of their own.
  public let signatures: [KeyReference]

  /// One entry of `withdrawalResponses`.
  public struct WithdrawalResponse: Sendable, Hashable {
    /// The funding transaction's id; nil for the entry that is no input (`vIn` is `-1`).
    public let transactionID: String?
    /// The funding output's index.
    public let outputIndex: UInt32?
    /// The address that the input spends from.
    public let address: String?
    /// The derivation index of that address; 0 when it is missing.
    public let derivationKey: UInt32
  }

  private enum Names {
    static let id: JSONName = "id"
    static let chain: JSONName = "chain"
    static let serializedTransaction: JSONName = "serializedTransaction"
    static let hashes: JSONName = "hashes"
    static let index: JSONName = "index"
    static let withdrawalID: JSONName = "withdrawalId"
    static let withdrawalResponses: JSONName = "withdrawalResponses"
    static let signatures: JSONName = "signatures"
  }

  /// Reads the `pending` member of a record.
  ///
  /// - Throws: `ChainError` `malformed-transaction` naming the member; also when `chain` inside differs from the
  ///   record's, or no signature ID is there (decision 21).
  public init(_ json: JSONValue, chain: String) throws(ChainError) {
    guard let object = JSONText(json) else { throw .malformed("pending is not an object") }
    try self.init(object, chain: chain)
  }

  /// Reads the `pending` member of a record as it stands there; `recordID` is the record's id, which is mostly its own.
  ///
  /// - Throws: as above.
  package init(_ object: JSONText, chain: String, recordID: String? = nil) throws(ChainError) {
    if let inner = object[Names.chain] {
      guard object.says(inner, chain) else {
        throw .malformed("pending.chain is not the record's chain, \(chain)")
      }
    }
    guard let id = object[Names.id], id.kind == .string else {
      throw .malformed("pending.id is missing or not a string")
    }
    if let recordID, object.says(id, recordID) {
      self.id = recordID
    } else {
      self.id = object.string(id) ?? ""
    }
    guard let serialized = object[Names.serializedTransaction],
      let bytes = object.bytes(of: serialized)
    else {
      throw .malformed("pending.serializedTransaction is missing or not a string")
    }
    self.serialized = bytes
    hashes = try Self.hashes(object)
    index = Self.keyIndex(object[Names.index].map(object.value))
    if let value = object[Names.withdrawalID] {
      guard let text = object.string(value) else { throw .malformed("pending.withdrawalId is not a string") }
      withdrawalID = text.isEmpty ? nil : text
    } else {
      withdrawalID = nil
    }
    withdrawalResponses = try object[Names.withdrawalResponses].map(object.value).map(Self.responses)
    signatures = try Self.signatures(object[Names.signatures].map(object.value))
    guard !hashes.isEmpty || !signatures.isEmpty else {
      throw .malformed("pending has no signature ID in hashes or signatures")
    }
  }

  /// The wallet that signs on chains with one sender: the first of `hashes` with `index`, else the first of
  /// `signatures`.
  public func firstKeyReference() throws(ChainError) -> KeyReference {
    if let first = hashes.first { return KeyReference(signatureID: first, index: index) }
    if let first = signatures.first {
      return KeyReference(signatureID: first.signatureID, index: first.index ?? index)
    }
    throw .malformed("pending has no signature ID in hashes or signatures")
  }

  private static func hashes(_ object: JSONText) throws(ChainError) -> [String] {
    guard let place = object[Names.hashes] else { return [] }
    guard place.kind == .array else { throw .malformed("pending.hashes is not an array") }
    var texts: [String] = []
    try object.eachItem(of: place) { (item) throws(ChainError) in
      guard let text = object.string(item) else {
        throw .malformed("pending.hashes has an item that is not a string")
      }
      texts.append(lowercased(text))
    }
    return texts
  }

  /// Most are in lower case already.
  private static func lowercased(_ text: String) -> String {
    text.utf8.allSatisfy { $0 < 0x80 && !(0x41...0x5A).contains($0) } ? text : text.lowercased()
  }

  private static func index(_ json: JSONValue?, _ name: String) throws(ChainError) -> UInt32? {
    guard let json else { return nil }
    guard let value = whole(json), value < 1 << 31 else {
      throw .malformed("\(name) is not an integer from 0 to 2147483647")
    }
    return UInt32(value)
  }

  /// The index of a key; what is none is `KeyReference.noIndex`, which wallets that hold a single key ignore, and all
  /// others refuse (decision 25).
  private static func keyIndex(_ json: JSONValue?) -> UInt32? {
    guard let json else { return nil }
    guard let value = whole(json), value < 1 << 31 else { return KeyReference.noIndex }
    return UInt32(value)
  }

  private static func whole(_ json: JSONValue) -> UInt64? {
    json.number.map { WholeNumber.read($0.digits) } ?? json.uint64
  }

  private static func signatures(_ json: JSONValue?) throws(ChainError) -> [KeyReference] {
    guard let json else { return [] }
    guard let items = json.array else { throw .malformed("pending.signatures is not an array") }
    var references: [KeyReference] = []
    for item in items {
      guard let id = item["id"]?.string else {
        throw .malformed("pending.signatures has an item without a string id")
      }
      references.append(KeyReference(signatureID: lowercased(id), index: keyIndex(item["index"])))
    }
    return references
  }

  private static func responses(_ json: JSONValue) throws(ChainError) -> [WithdrawalResponse] {
    guard let items = json.array else { throw .malformed("pending.withdrawalResponses is not an array") }
    var responses: [WithdrawalResponse] = []
    for item in items {
      guard let vIn = item["vIn"]?.string else {
        throw .malformed("pending.withdrawalResponses has an item without a string vIn")
      }
      let isInput = vIn != "-1"
      responses.append(
        WithdrawalResponse(
          transactionID: isInput ? vIn : nil,
          outputIndex: isInput ? try index(item["vInIndex"], "pending.withdrawalResponses[].vInIndex") : nil,
          address: item["address"]?["address"]?.string,
          derivationKey: try index(
            item["address"]?["derivationKey"], "pending.withdrawalResponses[].address.derivationKey") ?? 0))
    }
    return responses
  }
}
