import KMSCrypto
import KMSRecords

/// What a pending transaction of XRP asks for, compared with what was signed, member for member.
struct XRPRequest {
  private let testnet: Bool

  /// The names of members that were signed otherwise, left out, or added.
  static func mismatches(_ signed: JSONValue, _ pending: JSONValue, testnet: Bool) -> [String] {
    guard let text = pending["serializedTransaction"]?.string, let json = try? JSONValue(parsing: text),
      let object = json.object
    else { return ["serializedTransaction"] }
    let request = XRPRequest(testnet: testnet)
    var wanted = JSONObject()
    for member in object.members where !member.value.isNull {
      wanted[member.name] = request.normal(member.value, as: member.name)
      // The tag within an address.
      let tagNames = ["Account": "SourceTag", "Destination": "DestinationTag"]
      if let name = tagNames[member.name], let tag = member.value.string.flatMap(XRPText.parts)?.tag {
        wanted[name] = .number(JSONNumber(tag))
      }
    }
    if wanted["SigningPubKey"]?.string?.isEmpty ?? true {
      wanted["SigningPubKey"] = signed["SigningPubKey"]
    }
    let names = Set(wanted.members.map(\.name) + (signed.object?.members ?? []).map(\.name))
    return names.filter { $0 != "TxnSignature" && wanted[$0] != signed.object?[$0] }.sorted()
  }

  /// The value as rippled would show it; what can't be one stays as it is and therefore differs.
  private func normal(_ value: JSONValue, as name: String) -> JSONValue {
    guard name != "TransactionType", let kind = XRPDefinitions.named[name]?.kind else { return value }
    switch kind {
    case .uint8, .uint16, .uint32: return value
    case .hash128, .hash256, .blob: return .string(value.string?.uppercased() ?? "not hexadecimal")
    case .account: return account(value)
    case .amount: return amount(value)
    case .vector256: return .array((value.array ?? []).map { .string($0.string?.uppercased() ?? "") })
    case .array: return .array((value.array ?? []).map(object))
    case .object: return object(value)
    case .pathSet:
      return .array((value.array ?? []).map { .array(($0.array ?? []).map(step)) })
    }
  }

  /// Members in the order of the ledger.
  private func object(_ value: JSONValue) -> JSONValue {
    let members = value.object?.members ?? []
    let order = { (name: String) in XRPDefinitions.named[name]?.id ?? .max }
    var object = JSONObject()
    for member in members.sorted(by: { order($0.name) < order($1.name) }) {
      object[member.name] = normal(member.value, as: member.name)
    }
    return .object(object)
  }

  private func account(_ value: JSONValue) -> JSONValue {
    guard let parts = value.string.flatMap(XRPText.parts), parts.testnet ?? testnet == testnet else {
      return "not an address of this network"
    }
    return .string(parts.account)
  }

  private func amount(_ value: JSONValue) -> JSONValue {
    guard value.object != nil else { return value }
    if let issuance = value["mpt_issuance_id"]?.string {
      return ["mpt_issuance_id": .string(issuance.uppercased()), "value": value["value"] ?? .null]
    }
    return [
      "currency": .string(XRPText.currency(written: value["currency"]?.string ?? "")),
      "issuer": account(value["issuer"] ?? .null),
      "value": .string(value["value"]?.string.flatMap(XRPText.decimal) ?? "not a decimal"),
    ]
  }

  private func step(_ value: JSONValue) -> JSONValue {
    var step = JSONObject()
    step["account"] = value["account"].map(account)
    step["currency"] = value["currency"]?.string.map { .string(XRPText.currency(written: $0)) }
    step["issuer"] = value["issuer"].map(account)
    return .object(step)
  }
}
