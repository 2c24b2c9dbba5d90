import KMSCrypto
import KMSRecords

/// What a pending transaction of ALGO asks for, compared with what was signed, member for member.
enum AlgorandRequest {
  /// The names of members that differ, or were dropped, or were added.
  static func mismatches(_ signed: MessagePackItem, _ pending: JSONValue) -> [String] {
    guard let text = pending["serializedTransaction"]?.string, let json = try? JSONValue(parsing: text),
      let type = json["type"]?.string
    else { return ["serializedTransaction"] }
    var wrong: [String] = []
    var seen: Set<String> = ["type"]
    if signed["type"]?.text != type { wrong.append("type") }
    for (member, path) in Self.paths(type) {
      seen.insert(path)
      let keys = path.split(separator: "/").map(String.init)
      let there = keys.count == 2 ? signed[keys[0]]?[keys[1]] : signed[keys[0]]
      guard let value = json[member], let asked = item(value) else {
        if there != nil { wrong.append(member) }
        continue
      }
      if asked != there { wrong.append(member) }
    }
    // A fee of 0 that is not final becomes the least one.
    if json["fee"]?.uint64 == 0, json["flatFee"]?.bool != true, signed["fee"]?.integer == 1000 {
      wrong.removeAll { $0 == "fee" }
    }
    seen.insert("apbx")
    let boxes = (json["boxes"]?.array ?? []).map { $0["name"].flatMap(bytes) ?? [] }
    if boxes != boxNames(signed["apbx"]) { wrong.append("boxes") }
    let groups = Set(seen.compactMap { $0.contains("/") ? String($0.prefix { $0 != "/" }) : nil })
    for name in signed.names where !seen.contains(name) && !groups.contains(name) { wrong.append(name) }
    return wrong
  }

  private static func boxNames(_ item: MessagePackItem?) -> [[UInt8]] {
    guard case .array(let boxes)? = item else { return [] }
    return boxes.map { $0["n"]?.bytes ?? [] }
  }

  /// Members of algosdk's JSON and where they stand in the encoding.
  private static func paths(_ type: String) -> [(String, String)] {
    var paths = [
      ("from", "snd"), ("fee", "fee"), ("firstRound", "fv"), ("lastRound", "lv"), ("note", "note"),
      ("genesisID", "gen"), ("genesisHash", "gh"), ("lease", "lx"), ("group", "grp"), ("reKeyTo", "rekey"),
    ]
    switch type {
    case "pay": paths += [("amount", "amt"), ("to", "rcv"), ("closeRemainderTo", "close")]
    case "axfer":
      paths += [
        ("amount", "aamt"), ("to", "arcv"), ("closeRemainderTo", "aclose"), ("assetIndex", "xaid"),
        ("assetRevocationTarget", "asnd"),
      ]
    case "acfg":
      paths += [
        ("assetIndex", "caid"), ("assetTotal", "apar/t"), ("assetDecimals", "apar/dc"),
        ("assetDefaultFrozen", "apar/df"), ("assetUnitName", "apar/un"), ("assetName", "apar/an"),
        ("assetURL", "apar/au"), ("assetMetadataHash", "apar/am"), ("assetManager", "apar/m"),
        ("assetReserve", "apar/r"), ("assetFreeze", "apar/f"), ("assetClawback", "apar/c"),
      ]
    case "afrz": paths += [("assetIndex", "faid"), ("freezeAccount", "fadd"), ("freezeState", "afrz")]
    case "keyreg":
      paths += [
        ("voteKey", "votekey"), ("selectionKey", "selkey"), ("stateProofKey", "sprfkey"),
        ("voteFirst", "votefst"), ("voteLast", "votelst"), ("voteKeyDilution", "votekd"),
        ("nonParticipation", "nonpart"),
      ]
    default:
      paths += [
        ("appIndex", "apid"), ("appOnComplete", "apan"), ("appLocalInts", "apls/nui"),
        ("appLocalByteSlices", "apls/nbs"), ("appGlobalInts", "apgs/nui"),
        ("appGlobalByteSlices", "apgs/nbs"), ("appApprovalProgram", "apap"), ("appClearProgram", "apsu"),
        ("appArgs", "apaa"), ("appAccounts", "apat"), ("appForeignApps", "apfa"),
        ("appForeignAssets", "apas"), ("extraPages", "apep"),
      ]
    }
    return paths
  }

  /// The value as it must stand in the encoding; nil for what is left out.
  private static func item(_ json: JSONValue) -> MessagePackItem? {
    switch json {
    case .null, .bool(false): return nil
    case .bool(true): return .boolean(true)
    case .number: return json.uint64.flatMap { $0 == 0 ? nil : .integer($0) }
    case .string(let text):
      if let number = json.uint64 { return number == 0 ? nil : .integer(number) }
      return text.isEmpty ? nil : .text(text)
    case .array(let items): return items.isEmpty ? nil : .array(items.map(element))
    case .object: return bytes(json).flatMap { $0.contains { $0 != 0 } ? .bytes($0) : nil }
    }
  }

  /// The same in a list, where nothing is left out.
  private static func element(_ json: JSONValue) -> MessagePackItem {
    json.number?.uint64.map { .integer($0) } ?? .bytes(bytes(json) ?? [])
  }

  /// An account, a Buffer, or an object with index keys.
  private static func bytes(_ json: JSONValue) -> [UInt8]? {
    if let key = json["publicKey"] { return bytes(key) }
    let items = json["data"]?.array ?? json.array ?? json.object?.members.map(\.value) ?? []
    let bytes = items.compactMap { $0.uint64.flatMap(UInt8.init(exactly:)) }
    return bytes.count == items.count ? bytes : nil
  }
}
