internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

/// The JSON of algosdk transactions, and the vectors in that form.
enum AlgorandVectors {
  /// A typed array: an object with index keys.
  static func bytes(_ bytes: [UInt8]) -> JSONValue {
    var object = JSONObject()
    for (i, byte) in bytes.enumerated() { object[String(i)] = .number(JSONNumber(byte)) }
    return .object(object)
  }

  static func buffer(_ bytes: [UInt8]) -> JSONValue {
    ["type": "Buffer", "data": .array(bytes.map { .number(JSONNumber($0)) })]
  }

  static func address(_ text: String) throws -> JSONValue {
    let decoded = try #require(Base32.decode(text))
    return ["publicKey": bytes(Array(decoded.prefix(32))), "checksum": bytes(Array(decoded.suffix(4)))]
  }

  /// What algosdk 1.16 would write for the encoded fields of a vector.
  static func serialized(_ unsigned: JSONValue) throws -> JSONValue {
    let type = try #require(unsigned["type"]?.string)
    var object = JSONObject()
    object["name"] = "Transaction"
    object["tag"] = buffer([84, 88])
    object["flatFee"] = true
    object["appArgs"] = []
    object["lease"] = [:]
    let fields = AlgorandFields.common + (AlgorandFields.ofType[type] ?? [])
    var wire = unsigned
    if let inner = unsigned["apar"]?.object {
      var flat = try #require(unsigned.object)
      flat["apar"] = nil
      for member in inner.members { flat[member.name] = member.value }
      wire = .object(flat)
    }
    for member in try #require(wire.object).members {
      let field = try #require(fields.first { $0.key == member.name }, Comment(rawValue: member.name))
      switch field.form {
      case .address: object[field.member] = try address(EVMVectors.value(member.value.string))
      case .bytes, .fixedBytes:
        object[field.member] = bytes(try #require(Base64.decode(EVMVectors.value(member.value.string))))
      default: object[field.member] = member.value
      }
    }
    return .object(object)
  }

  /// The pending `serializedTransaction` of a vector, its own or one made from its fields.
  static func text(_ vector: JSONValue) throws -> String {
    if let text = vector["pending"]?["serializedTransaction"]?.string { return text }
    return try serialized(EVMVectors.value(vector["unsigned"])).text
  }

  /// A payment on testnet from the account of `secret`.
  static func payment(_ changes: [String: JSONValue?] = [:]) throws -> String {
    var object = JSONObject()
    object["name"] = "Transaction"
    object["tag"] = buffer([84, 88])
    object["from"] = try address(sender)
    object["to"] = try address(receiver)
    object["amount"] = 1_000_000
    object["note"] = [:]
    object["type"] = "pay"
    object["flatFee"] = true
    object["genesisHash"] = buffer(testnetHash)
    object["fee"] = 1000
    object["firstRound"] = 10
    object["lastRound"] = 1010
    object["genesisID"] = "testnet-v1.0"
    object["appArgs"] = []
    object["lease"] = [:]
    for (name, value) in changes.sorted(by: { $0.key < $1.key }) { object[name] = value }
    return JSONValue.object(object).text
  }

  static let secret =
    "NBYMCVEEDFYV3TPWVRE6APE7PKHUJD4XAKXCKNCLKGUXOC3LFNJGZQCJCRA53HB7ZAHF6NFJH2QIVQ5USQNWG35QCJLD4KZ5IWMB24Q"
  static let sender = "NTAESFCB3WOD7SAOL42KSPVARLB3JFA3MNX3AESWHYVT2RMYDVZI6YLG4Y"
  static let receiver = "TMETT6BXL3QUH7AH5TS6IONU7LVTLKIGG54CFCNPMQXWGRIZFIESZBYWP4"
  static let testnetHash = Base64.decode("SGO1GKSzyE7IEPItTxCByw9x8FmnrCDexi9/cOUJOiI=") ?? []
  static let mainnetHash = Base64.decode("wGHE2Pwdvd7S12BL5FaOP20EGYesN73ktiC1qzkkit8=") ?? []
}
