internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// A transaction of the XRP Ledger, read from its JSON: every member is understood, or it is refused.
package struct XRPTransaction {
  /// The name of the transaction type.
  package let type: String
  /// The sender.
  package let account: XRPAccount
  /// What the sender pays to have it processed, in drops.
  package let feeInDrops: UInt64
  /// The last ledger that takes it; nil when it has no end.
  package let lastLedgerSequence: UInt32?
  /// The `asf…` flags of AccountSet.
  let setFlag: UInt32?
  let clearFlag: UInt32?
  /// What is not on the list of what is signed, in words; nil when all is.
  package let unknownOperation: String?
  /// `SigningPubKey`, where one is given.
  package let statedPublicKey: [UInt8]?

  /// All fields but `SigningPubKey` and `TxnSignature`, in canonical order.
  private let fields: [(field: XRPField, bytes: [UInt8])]

  /// Reads the JSON text.
  ///
  /// - Parameter testnet: the network of the record, which X-addresses and `NetworkID` must name.
  /// - Throws: `ChainError` `malformed-transaction`, also for members and types that are not known and for
  ///   transactions that are signed already; `chain-id-mismatch` for a `NetworkID` of another network.
  init(_ text: String, testnet: Bool) throws(ChainError) {
    let json = try SerializedObject(parsing: text)
    guard let type = json["TransactionType"]?.string, let format = XRPFormat.transactions[type] else {
      throw .malformed(
        "serializedTransaction.TransactionType is missing, or no type that is signed here; docs/chains/xrp.md lists them"
      )
    }
    self.type = type

    let encoder = XRPEncoder(testnet: testnet)
    var members: [String: JSONValue] = [:]
    for member in json.members { members[member.name] = member.value }
    members["TransactionType"] = nil
    guard members["TxnSignature"] == nil, members["Signers"] == nil else {
      throw .malformed("serializedTransaction has TxnSignature or Signers: it is signed already")
    }
    statedPublicKey = try Self.publicKey(members.removeValue(forKey: "SigningPubKey"))
    account = try Self.expand("Account", tag: "SourceTag", in: &members, encoder)
    if members["Destination"] != nil {
      _ = try Self.expand("Destination", tag: "DestinationTag", in: &members, encoder)
    }

    var encoded = [(XRPField.transactionType, format.code.bigEndianBytes)]
    // In the order of the record, then the tags that addresses brought: the same record, the same words (decision 26).
    let names = json.members.map(\.name) + ["SourceTag", "DestinationTag"].filter { json[$0] == nil }
    for name in names {
      guard let value = members[name] else { continue }
      guard format.allows(name) || XRPFormat.common.allows(name), let field = XRPField.named(name) else {
        throw .unknownMember(name, of: "serializedTransaction, of type \(type),")
      }
      encoded.append((field, try encoder.encode(value, as: field, "serializedTransaction.\(name)")))
    }
    for name in XRPFormat.common.required + format.required where members[name] == nil {
      throw .malformed("serializedTransaction.\(name) is missing")
    }
    fields = encoded.sorted { $0.0.order < $1.0.order }.map { (field: $0.0, bytes: $0.1) }

    guard let fee = members["Fee"]?.string.flatMap(XRPAmount.drops) else {
      throw .malformed("serializedTransaction.Fee is not an integer of drops")
    }
    feeInDrops = fee
    lastLedgerSequence = Self.uint32(members["LastLedgerSequence"])
    setFlag = Self.uint32(members["SetFlag"])
    clearFlag = Self.uint32(members["ClearFlag"])
    unknownOperation = XRPOperations.unknown(type, members)
    try Self.check(networkID: Self.uint32(members["NetworkID"]), testnet: testnet)
  }

  /// What a signature by the owner of `publicKey` covers: the prefix `STX\0` and all signed fields.
  package func signingData(publicKey: [UInt8]) throws(ChainError) -> [UInt8] {
    [0x53, 0x54, 0x58, 0x00] + (try encoded(publicKey: publicKey, signature: nil))
  }

  /// The binary form; without `signature` the fields that signatures cover, else all.
  package func encoded(publicKey: [UInt8], signature: [UInt8]?) throws(ChainError) -> [UInt8] {
    var all = fields
    all.append((.signingPublicKey, try XRPEncoder.prefixed(publicKey, "SigningPubKey")))
    if let signature {
      all.append((.signature, try XRPEncoder.prefixed(signature, "TxnSignature")))
    } else {
      all.removeAll { !$0.field.isSigned }
    }
    all.sort { $0.field.order < $1.field.order }
    return all.flatMap { $0.field.header + $0.bytes }
  }

  /// Replaces an X-address by the classic address and the tag, which must not contradict one that is there.
  private static func expand(
    _ name: String, tag tagName: String, in members: inout [String: JSONValue], _ encoder: XRPEncoder
  ) throws(ChainError) -> XRPAccount {
    guard let value = members[name] else { throw .malformed("serializedTransaction.\(name) is missing") }
    let (account, tag) = try encoder.taggedAccount(value, "serializedTransaction.\(name)")
    members[name] = .string(account.address)
    if let tag {
      guard members[tagName].map({ $0.number?.uint64 == UInt64(tag) }) ?? true else {
        throw .malformed("serializedTransaction.\(tagName) is not the tag of the X-address in \(name)")
      }
      members[tagName] = .number(JSONNumber(tag))
    }
    return account
  }

  private static func publicKey(_ value: JSONValue?) throws(ChainError) -> [UInt8]? {
    guard let value else { return nil }
    guard let text = value.string, let bytes = Hex.decode(text) else {
      throw .malformed("serializedTransaction.SigningPubKey is not hexadecimal text")
    }
    return bytes.isEmpty ? nil : bytes
  }

  private static func uint32(_ value: JSONValue?) -> UInt32? {
    value?.number?.uint64.flatMap(UInt32.init(exactly:))
  }

  /// Mainnet is network 0, Testnet 1, Devnet 2. Servers refuse the member there, so it is seldom seen; that of a
  /// sidechain would move a signature to where nobody looked.
  private static func check(networkID: UInt32?, testnet: Bool) throws(ChainError) {
    guard let networkID else { return }
    guard testnet ? (1...2).contains(networkID) : networkID == 0 else {
      throw ChainError(
        .chainIDMismatch, "serializedTransaction.NetworkID \(networkID) is not the network of the record")
    }
  }
}
