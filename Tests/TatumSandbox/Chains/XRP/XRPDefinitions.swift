import KMSRecords

/// Fields and transaction types of the XRP Ledger, from what rippled publishes (`server_definitions`).
enum XRPDefinitions {
  /// How the value of a field is written.
  enum Kind: UInt16 {
    case uint16 = 1
    case uint32 = 2
    case hash128 = 4
    case hash256 = 5
    case amount = 6
    case blob = 7
    case account = 8
    case object = 14
    case array = 15
    case uint8 = 16
    case pathSet = 18
    case vector256 = 19
  }

  struct Field {
    let name: String
    let kind: Kind
    /// Type and number: the canonical order.
    let id: UInt16
  }

  /// The members that a transaction type may have; true for those that it must have.
  struct Format {
    let name: String
    let members: [String: Bool]
  }

  /// Fields by type and number; without those whose kind nothing here reads.
  static let fields: [UInt16: Field] = {
    var fields: [UInt16: Field] = [:]
    for entry in data["fields"]?.array ?? [] {
      guard let words = entry.array, words.count == 3, let name = words[0].string, let type = words[1].string,
        let number = words[2].uint64, let code = data["types"]?[type]?.uint64,
        let kind = UInt16(exactly: code).flatMap(Kind.init(rawValue:))
      else { continue }
      let id = kind.rawValue << 8 | UInt16(truncatingIfNeeded: number)
      fields[id] = Field(name: name, kind: kind, id: id)
    }
    return fields
  }()

  /// Fields by name.
  static let named = Dictionary(fields.values.map { ($0.name, $0) }) { first, _ in first }

  /// Transaction types by number.
  static let types: [UInt64: Format] = {
    var types: [UInt64: Format] = [:]
    let common = data["common"]?.object?.members ?? []
    for entry in data["transactions"]?.object?.members ?? [] {
      guard let code = entry.value["code"]?.uint64 else { continue }
      var members: [String: Bool] = [:]
      for member in common + (entry.value["members"]?.object?.members ?? []) {
        members[member.name] = member.value.bool ?? false
      }
      types[code] = Format(name: entry.name, members: members)
    }
    return types
  }()

  /// `definitions.json`, the ledger's own: nothing is written twice, so a mistake in KMSChains can't be made here, too.
  private static let data = (try? JSONValue(parsing: PackageResources.definitions_json)) ?? .null
}
