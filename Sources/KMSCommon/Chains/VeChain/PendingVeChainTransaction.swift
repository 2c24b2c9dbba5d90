internal import KMSPrimitives
package import KMSRecords

/// What `serializedTransaction` of VET says: the JSON of a thorify transaction, read once, before anything from the
/// network is added.
///
/// Null, absent and empty members are the same. Every member is known or refused.
package struct PendingVeChainTransaction: Hashable, Sendable {
  /// The sender, when it is named (the SDK writes the place holder 0).
  package var from: EVMAddress?
  /// What to do; one clause, unless `clauses` is there.
  package var clauses: [VeChainClause] = []
  /// The gas limit; 0 counts as missing.
  package var gas: UInt64?
  /// The network, when it is named.
  package var chainTag: UInt8?
  /// The block from which `expiration` counts, when it is named.
  package var blockRef: UInt64?
  /// For how many blocks it is valid; 720, two hours, as thorify sets it.
  package var expiration: UInt32 = 720
  /// See `VeChainTransaction.gasPriceCoef`; 0 as thorify sets it.
  package var gasPriceCoef: UInt8 = 0
  /// See `VeChainTransaction.dependsOn`.
  package var dependsOn: [UInt8]?
  /// The nonce, when it is given.
  package var nonce: UInt64?

  /// Reads `text`.
  ///
  /// - Throws: `malformed-transaction` naming the member.
  package init(parsing text: String) throws(ChainError) {
    let serialized = try SerializedObject(parsing: text)
    for member in serialized.members { try read(member) }
    try readClauses(serialized.json)
  }

  private mutating func read(_ member: JSONObject.Member) throws(ChainError) {
    let value = member.value
    let name = "serializedTransaction." + member.name
    switch member.name {
    case "from": from = value.number?.digits == "0" ? nil : try Self.address(value, name)
    case "to", "value", "data", "input", "clauses": break  // read together, see readClauses
    case "gas":
      let limit = try EVMQuantity.readUInt64(value, member: name)
      gas = limit == 0 ? nil : limit
    case "chainTag": chainTag = try Self.integer(value, name)
    case "blockRef": blockRef = value == "" ? nil : try Self.blockRef(value, name)
    case "expiration": expiration = try Self.integer(value, name) ?? expiration
    case "gasPriceCoef": gasPriceCoef = try Self.integer(value, name) ?? gasPriceCoef
    case "dependsOn":
      if value == "" { return }
      guard let bytes = value.string.flatMap({ Hex.decodePrefixed($0) }), bytes.count == 32 else {
        throw .malformed("\(name) is not the id of a transaction, 32 bytes in 0x text")
      }
      dependsOn = bytes
    case "nonce": nonce = try Self.nonce(value, name)
    case "reserved", "delegator", "delegated", "isDelegated", "gasPayer":
      throw .malformed("\(name) asks for delegation of fees (VIP-191), which is not supported")
    case "maxFeePerGas", "maxPriorityFeePerGas", "type":
      throw .malformed("\(name) belongs to transactions with dynamic fees (VIP-251), which are not supported")
    default:
      throw .unknownMember(member.name, of: "serializedTransaction")
    }
  }

  /// One clause from the members of the transaction, as thorify makes it, or the list `clauses`.
  private mutating func readClauses(_ json: JSONValue) throws(ChainError) {
    guard let list = json["clauses"] else {
      clauses = [try Self.clause(json, "serializedTransaction")]
      return
    }
    for name in ["to", "value", "data", "input"] where json[name] != nil {
      throw .malformed("serializedTransaction has \(name) together with clauses")
    }
    guard let items = list.array, !items.isEmpty else {
      throw .malformed("serializedTransaction.clauses is not a list with items")
    }
    for (i, item) in items.enumerated() {
      let name = "serializedTransaction.clauses[\(i)]"
      guard let object = item.object else { throw .malformed("\(name) is \(item.kindName), not an object") }
      for member in object.members where !["to", "value", "data"].contains(member.name) {
        throw .unknownMember(member.name, of: name)
      }
      clauses.append(try Self.clause(item, name))
    }
  }

  private static func clause(_ json: JSONValue, _ name: String) throws(ChainError)
    -> VeChainClause
  {
    guard json["data"] == nil || json["input"] == nil else {
      throw .malformed("\(name) has data and input: only one may be there")
    }
    var bytes: [UInt8] = []
    if let data = json["data"] ?? json["input"] {
      guard let decoded = data.string.flatMap({ Hex.decodePrefixed($0) }) else {
        throw .malformed("\(name).data is not an even number of hexadecimal digits")
      }
      bytes = decoded
    }
    let clause = VeChainClause(
      to: try json["to"].map { (to) throws(ChainError) in try address(to, name + ".to") },
      value: try json["value"].map { (value) throws(ChainError) in
        try EVMQuantity.read(value, member: name + ".value") ?? .zero
      } ?? .zero, data: bytes)
    guard clause.to != nil || !bytes.isEmpty else {
      throw .malformed("\(name) has neither a receiver (to) nor code of a contract (data)")
    }
    return clause
  }

  // MARK: Members

  private static func address(_ json: JSONValue, _ name: String) throws(ChainError) -> EVMAddress {
    guard let text = json.string else { throw .malformed("\(name) is \(json.kindName), not an address") }
    return try EVMAddressForm.hexadecimal.read(text, member: name)
  }

  private static func integer<Number: FixedWidthInteger>(
    _ json: JSONValue, _ name: String
  ) throws(ChainError) -> Number? {
    guard let value = try EVMQuantity.readUInt64(json, member: name) else { return nil }
    guard let number = Number(exactly: value) else { throw .malformed("\(name) is above \(Number.max)") }
    return number
  }

  /// Reads 8 bytes in `0x` text.
  package static func blockRef(_ json: JSONValue, _ name: String) throws(ChainError) -> UInt64 {
    guard let bytes = json.string.flatMap({ Hex.decodePrefixed($0) }), bytes.count == 8 else {
      throw .malformed("\(name) is not 8 bytes in 0x text")
    }
    return UInt64(bigEndianBytes: bytes)
  }

  /// Reads a JSON integer, or text of hexadecimal digits, with `0x` or without, as thorify does.
  package static func nonce(_ json: JSONValue, _ name: String) throws(ChainError) -> UInt64? {
    guard let text = json.string, !text.isEmpty, !text.lowercased().hasPrefix("0x") else {
      return try EVMQuantity.readUInt64(json, member: name)
    }
    guard let value = UInt256(hex: text.utf8)?.uint64 else {
      throw .malformed("\(name) is not at most 8 bytes in hexadecimal text")
    }
    return value
  }
}
