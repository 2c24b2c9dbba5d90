/// Which members of an algosdk transaction go where in the encoding (algosdk 1.x, class Transaction;
/// developer.algorand.org, "Transaction reference").
enum AlgorandFields {
  /// One member.
  struct Field: Sendable {
    /// The name in the JSON of algosdk.
    package let member: String
    /// The name in the encoding.
    package let key: String
    /// The name of the map in the encoding that holds it; nil: the transaction itself.
    package let group: String?
    /// What it holds.
    package let form: Form

    init(_ member: String, _ key: String, _ form: Form, in group: String? = nil) {
      self.member = member
      self.key = key
      self.group = group
      self.form = form
    }
  }

  /// What a member holds.
  package enum Form: Hashable, Sendable {
    case integer
    case boolean
    case text
    /// Any number of bytes.
    case bytes
    /// As many bytes as said, or none; all zero is none.
    case fixedBytes(Int)
    /// An account; the one whose bytes are zero is none.
    case address
    case byteList
    case integerList
    case addressList
    /// Boxes of applications: `{"appIndex","name"}`.
    case boxes
  }

  /// What every transaction has.
  static let common = [
    Field("from", "snd", .address),
    Field("fee", "fee", .integer),
    Field("firstRound", "fv", .integer),
    Field("lastRound", "lv", .integer),
    Field("genesisID", "gen", .text),
    Field("genesisHash", "gh", .fixedBytes(32)),
    Field("note", "note", .bytes),
    Field("lease", "lx", .fixedBytes(32)),
    Field("group", "grp", .fixedBytes(32)),
    Field("reKeyTo", "rekey", .address),
    Field("type", "type", .text),
  ]

  /// What the transactions of each type have besides.
  static let ofType: [String: [Field]] = [
    "pay": [
      Field("amount", "amt", .integer),
      Field("to", "rcv", .address),
      Field("closeRemainderTo", "close", .address),
    ],
    "axfer": [
      Field("amount", "aamt", .integer),
      Field("to", "arcv", .address),
      Field("closeRemainderTo", "aclose", .address),
      Field("assetIndex", "xaid", .integer),
      Field("assetRevocationTarget", "asnd", .address),
    ],
    "acfg": [
      Field("assetIndex", "caid", .integer),
      Field("assetTotal", "t", .integer, in: "apar"),
      Field("assetDecimals", "dc", .integer, in: "apar"),
      Field("assetDefaultFrozen", "df", .boolean, in: "apar"),
      Field("assetUnitName", "un", .text, in: "apar"),
      Field("assetName", "an", .text, in: "apar"),
      Field("assetURL", "au", .text, in: "apar"),
      Field("assetMetadataHash", "am", .fixedBytes(32), in: "apar"),
      Field("assetManager", "m", .address, in: "apar"),
      Field("assetReserve", "r", .address, in: "apar"),
      Field("assetFreeze", "f", .address, in: "apar"),
      Field("assetClawback", "c", .address, in: "apar"),
    ],
    "afrz": [
      Field("assetIndex", "faid", .integer),
      Field("freezeAccount", "fadd", .address),
      Field("freezeState", "afrz", .boolean),
    ],
    "keyreg": [
      Field("voteKey", "votekey", .fixedBytes(32)),
      Field("selectionKey", "selkey", .fixedBytes(32)),
      Field("stateProofKey", "sprfkey", .fixedBytes(64)),
      Field("voteFirst", "votefst", .integer),
      Field("voteLast", "votelst", .integer),
      Field("voteKeyDilution", "votekd", .integer),
      Field("nonParticipation", "nonpart", .boolean),
    ],
    "appl": [
      Field("appIndex", "apid", .integer),
      Field("appOnComplete", "apan", .integer),
      Field("appLocalInts", "nui", .integer, in: "apls"),
      Field("appLocalByteSlices", "nbs", .integer, in: "apls"),
      Field("appGlobalInts", "nui", .integer, in: "apgs"),
      Field("appGlobalByteSlices", "nbs", .integer, in: "apgs"),
      Field("appApprovalProgram", "apap", .bytes),
      Field("appClearProgram", "apsu", .bytes),
      Field("appArgs", "apaa", .byteList),
      Field("appAccounts", "apat", .addressList),
      Field("appForeignApps", "apfa", .integerList),
      Field("appForeignAssets", "apas", .integerList),
      Field("boxes", "apbx", .boxes),
      Field("extraPages", "apep", .integer),
    ],
  ]
}
