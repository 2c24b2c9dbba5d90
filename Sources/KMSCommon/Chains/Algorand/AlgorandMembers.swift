internal import KMSPrimitives
internal import KMSRecords

/// Reads the members of an algosdk transaction into its encoding, one after the other.
struct AlgorandMembers {
  private let object: SerializedObject
  private var known: Set<String> = ["name", "tag", "flatFee"]
  private var members: [String: CanonicalMessagePack] = [:]

  /// The integers that were read and are not 0, by member.
  private(set) var integers: [String: UInt64] = [:]
  /// The accounts that were read and are not the zero account, by member.
  private(set) var addresses: [String: AlgorandAddress] = [:]
  /// The bytes of fixed length that were read and are not all zero, by member.
  private(set) var bytes: [String: [UInt8]] = [:]
  /// The booleans that were read, by member.
  private(set) var flags: [String: Bool] = [:]

  init(object: SerializedObject) { self.object = object }

  /// The transaction as a value of MessagePack.
  var encoding: CanonicalMessagePack { .map(members) }

  /// Sets the fee.
  mutating func replaceFee(by fee: UInt64) { members["fee"] = .integer(fee) }

  /// Reads `field`, if it is there.
  ///
  /// - Throws: `malformed-transaction` naming the member.
  mutating func read(_ field: AlgorandFields.Field) throws(ChainError) {
    known.insert(field.member)
    guard let json = object[field.member] else { return }
    let value = try self.value(of: field, json)
    if let group = field.group {
      var inner: [String: CanonicalMessagePack] = if case .map(let map)? = members[group] { map } else { [:] }
      inner[field.key] = value
      members[group] = .map(inner)
    } else {
      members[field.key] = value
    }
  }

  /// Refuses what was not read and is not empty: algosdk gives every transaction some empty members of other types.
  ///
  /// - Throws: `malformed-transaction`, also when `tag` is not that of transactions.
  mutating func refuseOthers(type: String) throws(ChainError) {
    if let name = object["name"], name != "Transaction" {
      throw .malformed("serializedTransaction.name is not Transaction")
    }
    if let tag = object["tag"] {
      let bytes = try AlgorandBytes.read(tag, member: "serializedTransaction.tag")
      guard bytes == AlgorandTransaction.prefix else {
        throw .malformed(
          "serializedTransaction.tag is not that of transactions, TX: something else would be signed")
      }
    }
    if let json = object["flatFee"] { flags["flatFee"] = try boolean(json, "serializedTransaction.flatFee") }
    for member in object.members where !known.contains(member.name) && !Self.isEmpty(member.value) {
      let isOfOtherType = AlgorandFields.ofType.values.contains { $0.contains { $0.member == member.name } }
      guard isOfOtherType else { throw object.unknown(member.name) }
      throw .malformed(
        "serializedTransaction.\(member.name) does not belong into a transaction of type \(type)")
    }
  }

  /// Whether the member is there and says nothing.
  func isEmpty(_ member: String) -> Bool { object[member].map(Self.isEmpty) ?? true }

  private static func isEmpty(_ json: JSONValue) -> Bool {
    switch json {
    case .null, .bool(false): true
    case .bool(true): false
    case .number(let number): number.uint64 == 0
    case .string(let text): text.isEmpty
    case .array(let items): items.isEmpty
    case .object(let object): object.members.isEmpty
    }
  }

  // MARK: Forms

  private mutating func value(
    of field: AlgorandFields.Field, _ json: JSONValue
  ) throws(ChainError) -> CanonicalMessagePack {
    let name = "serializedTransaction.\(field.member)"
    switch field.form {
    case .integer:
      let value = try ChainInteger.read(json, member: name)
      if value != 0 { integers[field.member] = value }
      return .integer(value)
    case .boolean:
      let flag = try boolean(json, name)
      flags[field.member] = flag
      return .boolean(flag)
    case .text:
      guard let text = json.string else { throw .malformed("\(name) is \(json.kindName), not text") }
      return .text(text)
    case .bytes: return .bytes(try AlgorandBytes.read(json, member: name))
    case .fixedBytes(let count):
      let value = try AlgorandBytes.read(json, member: name)
      guard value.isEmpty || value.count == count else {
        throw .malformed("\(name) has \(value.count) bytes instead of \(count)")
      }
      guard value.contains(where: { $0 != 0 }) else { return .bytes([]) }
      bytes[field.member] = value
      return .bytes(value)
    case .address:
      let address = try AlgorandAddress(json, member: name)
      guard address.bytes.contains(where: { $0 != 0 }) else { return .bytes([]) }
      addresses[field.member] = address
      return .bytes(address.bytes)
    case .byteList:
      return .array(
        try items(json, name) { (item) throws(ChainError) in
          .bytes(try AlgorandBytes.read(item, member: name))
        })
    case .integerList:
      return .array(
        try items(json, name) { (item) throws(ChainError) in
          .integer(try ChainInteger.read(item, member: name))
        })
    case .addressList:
      return .array(
        try items(json, name) { (item) throws(ChainError) in
          .bytes(try AlgorandAddress(item, member: name).bytes)
        })
    case .boxes:
      return .array(try items(json, name) { (item) throws(ChainError) in try box(item, name) })
    }
  }

  private func boolean(_ json: JSONValue, _ name: String) throws(ChainError) -> Bool {
    guard let flag = json.bool else { throw .malformed("\(name) is \(json.kindName), not true or false") }
    return flag
  }

  private func items(
    _ json: JSONValue, _ name: String, _ read: (JSONValue) throws(ChainError) -> CanonicalMessagePack
  ) throws(ChainError) -> [CanonicalMessagePack] {
    guard let array = json.array else { throw .malformed("\(name) is \(json.kindName), not a list") }
    var items: [CanonicalMessagePack] = []
    items.reserveCapacity(array.count)
    for item in array { items.append(try read(item)) }
    return items
  }

  /// A box: `i` is 0 for the called application, else the application's place in `appForeignApps`, from 1 on.
  private func box(_ json: JSONValue, _ name: String) throws(ChainError) -> CanonicalMessagePack {
    guard let object = json.object, object.members.count == 2, let app = json["appIndex"],
      let boxName = json["name"]
    else { throw .malformed("\(name) has an item that is not a box with appIndex and name") }
    let index = try ChainInteger.read(app, member: "\(name)[].appIndex")
    var place: UInt64 = 0
    if case .array(let foreign)? = members["apfa"], let at = foreign.firstIndex(of: .integer(index)) {
      place = UInt64(at) + 1
    } else if index != 0, index != integers["appIndex"] {
      throw .malformed("\(name) names the application \(index), which is not in appForeignApps")
    }
    return .map([
      "i": .integer(place), "n": .bytes(try AlgorandBytes.read(boxName, member: "\(name)[].name")),
    ])
  }
}
