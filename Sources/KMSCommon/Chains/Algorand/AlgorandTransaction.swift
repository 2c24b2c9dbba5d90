internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// A transaction of Algorand as `serializedTransaction` says it: the JSON text of an algosdk `Transaction`.
///
/// Nothing is dropped: a member that is not empty goes into the encoding, or the transaction is refused. The original
/// left out lease, rekey, clawback and the accounts of an asset, so it signed something else than had been prepared.
struct AlgorandTransaction: Hashable, Sendable {
  /// `pay`, `axfer`, `acfg`, `afrz`, `keyreg` or `appl`.
  let type: String
  /// The account that pays.
  let sender: AlgorandAddress
  /// The fee in microalgos.
  let fee: UInt64
  /// The last round in which it is valid.
  let lastRound: UInt64
  /// The first block's hash, which names the network; 32 bytes.
  let genesisHash: [UInt8]
  /// The network's name; nil when it is not said.
  let genesisID: String?
  /// The members that hand over or empty the account, if any.
  let accountControl: [String]
  /// What is not on the list of what is signed, in words; nil when all is. Payments, transfers of assets, and making or
  /// destroying an asset are; not a change of who manages an asset, clawback, freezing, taking part in consensus, and calls
  /// of applications.
  let unknownOperation: String?
  /// The canonical encoding.
  let encoded: [UInt8]

  /// The domain separator of transactions; the server does not get to choose another one.
  static let prefix = Array("TX".utf8)

  /// The least fee of a transaction outside of a group, in microalgos (algosdk, ALGORAND_MIN_TX_FEE).
  private static let minimumFee: UInt64 = 1000

  /// How many rounds a transaction may be good for (go-algorand, consensus parameter `MaxTxnLife`).
  private static let longestLife: UInt64 = 1000

  /// Reads `text`.
  ///
  /// - Throws: `malformed-transaction` naming the member.
  init(parsing text: String) throws(ChainError) {
    let object = try SerializedObject(parsing: text)
    guard let type = object["type"]?.string, let own = AlgorandFields.ofType[type] else {
      throw .malformed(
        "serializedTransaction.type is missing, or not one of pay, axfer, acfg, afrz, keyreg and appl")
    }
    var reader = AlgorandMembers(object: object)
    for field in AlgorandFields.common + own { try reader.read(field) }
    try reader.refuseOthers(type: type)

    self.type = type
    guard let sender = reader.addresses["from"] else {
      throw .malformed("serializedTransaction.from is missing")
    }
    self.sender = sender
    guard let genesisHash = reader.bytes["genesisHash"] else {
      throw .malformed("serializedTransaction.genesisHash is missing")
    }
    self.genesisHash = genesisHash
    if type == "pay" || type == "axfer", object["to"] == nil {
      throw .malformed("serializedTransaction.to is missing")
    }
    // There is no asset 0; without a number the network takes no transfer and no freezing.
    if type == "axfer" || type == "afrz", reader.integers["assetIndex"] == nil {
      throw .malformed("serializedTransaction.assetIndex is missing")
    }
    guard object["firstRound"] != nil else { throw .malformed("serializedTransaction.firstRound is missing") }
    let firstRound = reader.integers["firstRound"] ?? 0
    lastRound = reader.integers["lastRound"] ?? 0
    guard firstRound <= lastRound, lastRound > 0 else {
      throw .malformed("serializedTransaction.lastRound is missing or before firstRound")
    }
    guard lastRound - firstRound <= Self.longestLife else {
      throw .malformed(
        "serializedTransaction is to be good for \(lastRound - firstRound) rounds; the network takes \(Self.longestLife) at "
          + "most")
    }
    genesisID = object["genesisID"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    accountControl = ["reKeyTo", "closeRemainderTo"].filter { reader.addresses[$0] != nil }
    switch type {
    case "pay": unknownOperation = nil
    case "axfer":
      unknownOperation =
        reader.addresses["assetRevocationTarget"] == nil
        ? nil : "the transaction takes an asset from another account (assetRevocationTarget)"
    case "acfg":
      let names = (AlgorandFields.ofType["acfg"] ?? []).filter { $0.group != nil }.map(\.member)
      let changes =
        reader.integers["assetIndex"] != nil && names.contains { object[$0] != nil && !reader.isEmpty($0) }
      unknownOperation = changes ? "the transaction changes who manages an asset" : nil
    default: unknownOperation = "the transaction is of type \(type)"
    }
    // Decision 6: the fee is final, also when flatFee is false; algosdk had multiplied it by the size before. A fee of
    // 0 that is not final is the minimum; in a group others may pay for this one.
    guard object["fee"] != nil || reader.flags["flatFee"] != true else {
      throw .malformed("serializedTransaction.fee is missing, and flatFee says that it is final")
    }
    var fee = reader.integers["fee"] ?? 0
    if fee == 0, reader.flags["flatFee"] != true, reader.bytes["group"] == nil {
      fee = Self.minimumFee
      reader.replaceFee(by: fee)
    }
    self.fee = fee
    encoded = reader.encoding.encoded
  }
}
