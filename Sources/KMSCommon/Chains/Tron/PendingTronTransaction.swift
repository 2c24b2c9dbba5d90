internal import KMSCrypto
internal import KMSPrimitives
package import KMSRecords

/// What `serializedTransaction` of TRON says: the JSON that a full node returns for an unsigned transaction.
///
/// An instance exists only when its readable part, the bytes that are signed, and the id say the same.
package struct PendingTronTransaction: Sendable {
  /// The object as it came.
  package let object: JSONObject
  /// The kind of transaction.
  package let contract: TronContract
  /// Who sends.
  package let owner: TronAddress
  /// `txID`: the SHA-256 hash of the raw data, which is signed.
  package let txID: [UInt8]
  /// When the network stops taking it, in milliseconds since 1970.
  package let expiration: UInt64
  /// What it lets others dispose of.
  package let allowances: [Allowance]
  /// Whether it lends what is staked to another account, by a contract that is signed otherwise.
  let lends: Bool
  /// What is not on the list of what is signed, in words; nil when all is.
  package var unknownOperation: String? {
    if lends { return "the transaction lends resources to another account (receiver_address)" }
    return contract.isKnown ? nil : "the transaction is a \(contract.name)"
  }
  /// When it was made, as it says itself, in milliseconds since 1970; 0 where it does not say.
  package let timestamp: UInt64
  /// The most that executing a contract may burn, in sun; 0 when there is no limit member.
  package let feeLimit: UInt64

  /// The members of a transaction that is not signed yet.
  private static let members: Set<String> = [
    "visible", "txID", "raw_data", "raw_data_hex", "contract_address",
  ]

  /// Reads `text`.
  ///
  /// - Throws: `malformed-transaction` naming the member; `content-mismatch` when the parts differ.
  init(parsing text: String) throws(ChainError) {
    // Only an object: a string of hexadecimal digits would be a message to sign blindly (defect F20).
    let serialized = try SerializedObject(parsing: text)
    let (object, json) = (serialized.object, serialized.json)
    if json["signature"] != nil { throw .malformed("serializedTransaction has a signature already") }
    for member in serialized.members where !Self.members.contains(member.name) {
      throw serialized.unknown(member.name)
    }
    guard let isVisible = json["visible"].map(\.bool) ?? false else {
      throw .malformed("serializedTransaction.visible is not a boolean")
    }
    let (contract, value) = try Self.contract(json)
    let raw = try Self.hex(json["raw_data_hex"], "raw_data_hex")
    guard let rawData = json["raw_data"] else {
      throw .malformed("serializedTransaction.raw_data is missing")
    }
    try RawDataComparison(isVisible: isVisible).compare(
      raw[...], as: contract.rawData, with: rawData, path: "serializedTransaction.raw_data")
    let txID = try Self.hex(json["txID"], "txID")
    guard Hash.sha256(raw) == txID else {
      throw ChainError(.contentMismatch, "serializedTransaction.txID is not the SHA-256 hash of raw_data_hex")
    }
    guard let text = value["owner_address"]?.string,
      let owner = isVisible ? TronAddress(text: text) : TronAddress(hex: text)
    else { throw .malformed("serializedTransaction has no owner_address") }
    try Self.checkCreatedAddress(json, contract: contract, txID: txID, owner: owner, isVisible: isVisible)
    guard let expiration = rawData["expiration"]?.uint64, expiration > 0 else {
      throw .malformed("serializedTransaction.raw_data.expiration is missing")
    }
    self.object = object
    self.contract = contract
    self.owner = owner
    self.txID = txID
    self.expiration = expiration
    allowances =
      contract.name == "TriggerSmartContract"
      ? Allowance.all(
        call: value["data"]?.string.flatMap { Hex.decodePrefixed($0) } ?? [],
        to: ChainError.shown(value["contract_address"]?.string ?? "")) : []
    lends = contract.name == "FreezeBalanceContract" && !(value["receiver_address"]?.string ?? "").isEmpty
    timestamp = rawData["timestamp"]?.uint64 ?? 0
    feeLimit = rawData["fee_limit"]?.uint64 ?? 0
  }

  /// The only contract of the transaction, and its members.
  private static func contract(_ json: JSONValue) throws(ChainError) -> (TronContract, JSONValue) {
    guard let contracts = json["raw_data"]?["contract"]?.array, contracts.count == 1,
      let only = contracts.first
    else { throw .malformed("serializedTransaction.raw_data.contract does not have exactly one item") }
    guard let name = only["type"]?.string, let contract = TronContract.named(name) else {
      let name = only["type"]?.string.map(ChainError.shown) ?? "missing"
      throw .malformed(
        "serializedTransaction.raw_data.contract[0].type is \(name): that kind of transaction is not signed")
    }
    guard only["parameter"]?["type_url"]?.string == contract.typeURL else {
      throw .malformed(
        "serializedTransaction.raw_data.contract[0].parameter.type_url is not \(contract.typeURL)")
    }
    guard let value = only["parameter"]?["value"] else {
      throw .malformed("serializedTransaction.raw_data.contract[0].parameter.value is missing")
    }
    return (contract, value)
  }

  private static func hex(_ json: JSONValue?, _ name: String) throws(ChainError) -> [UInt8] {
    guard let text = json?.string, !text.isEmpty, let bytes = Hex.decode(text) else {
      throw .malformed("serializedTransaction.\(name) is not hexadecimal text")
    }
    return bytes
  }

  /// `contract_address`, which SDKs add to a deployment, is the last 20 bytes of the Keccak-256 hash of id and owner
  /// (TRON documentation, "Smart contract deployment").
  private static func checkCreatedAddress(
    _ json: JSONValue, contract: TronContract, txID: [UInt8], owner: TronAddress, isVisible: Bool
  ) throws(ChainError) {
    guard let shown = json["contract_address"] else { return }
    let expected = TronAddress(bytes: [TronAddress.prefix] + Hash.keccak256(txID + owner.bytes).suffix(20))
    guard contract.name == "CreateSmartContract", let text = shown.string,
      (TronAddress(hex: text) ?? TronAddress(text: text)) == expected
    else {
      throw ChainError(
        .contentMismatch,
        "serializedTransaction.contract_address is not the address that the transaction creates")
    }
  }
}
