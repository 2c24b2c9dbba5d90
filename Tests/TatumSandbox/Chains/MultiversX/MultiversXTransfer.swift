import KMSCrypto
import KMSPrimitives
import KMSRecords

/// A signed transaction of MultiversX, read from its JSON, with the signature verified.
struct MultiversXTransfer {
  let nonce: UInt64
  /// Units of 10^-18 EGLD, decimal.
  let value: String
  let sender: String
  let receiver: String
  let gasPrice: UInt64
  let gasLimit: UInt64
  let data: [UInt8]
  let chainID: String
  let version: UInt64
  let options: UInt64
  /// BLAKE2b-256 of the protobuf form.
  let id: String

  private static let order = [
    "nonce", "value", "receiver", "sender", "gasPrice", "gasLimit", "data", "chainID", "version", "options",
    "signature",
  ]

  /// Reads `text`; the members must be there in the order in which they are signed.
  init(_ text: String) throws(Refusal) {
    guard let object = (try? JSONValue(parsing: text))?.object else {
      throw Refusal("transaction generation failed: invalid JSON")
    }
    let json = JSONValue.object(object)
    let names = object.members.map(\.name)
    guard names == Self.order.filter(names.contains),
      let nonce = json["nonce"]?.number?.uint64, let value = json["value"]?.string,
      let amount = Quantity.bytes(.string(value)), Quantity.decimal(amount) == value,
      let receiver = json["receiver"]?.string, let to = Bech32.decodeBytes(receiver, hrp: "erd"),
      let sender = json["sender"]?.string, let from = Bech32.decodeBytes(sender, hrp: "erd"),
      to.count == 32, from.count == 32,
      let gasPrice = json["gasPrice"]?.number?.uint64, let gasLimit = json["gasLimit"]?.number?.uint64,
      let chainID = json["chainID"]?.string, let version = json["version"]?.number?.uint64,
      let signature = json["signature"]?.string.flatMap({ Hex.decode($0) }),
      let data = json["data"].map({ $0.string.flatMap { Base64.decode($0) } }) ?? [UInt8]()
    else { throw Refusal("transaction generation failed: a member is missing or malformed") }
    let options = json["options"]?.number?.uint64 ?? 0
    guard options <= 1, options == 0 || version >= 2 else {
      throw Refusal("transaction generation failed: invalid transaction options")
    }
    var unsigned = object
    unsigned["signature"] = nil
    let message = JSONValue.object(unsigned).encoded()
    guard Ed25519.verify(signature, options == 1 ? Hash.keccak256(message) : message, publicKey: from) else {
      throw Refusal("transaction generation failed: ed25519: invalid signature")
    }
    (self.nonce, self.value, self.sender, self.receiver) = (nonce, value, sender, receiver)
    (self.gasPrice, self.gasLimit, self.data) = (gasPrice, gasLimit, data)
    (self.chainID, self.version, self.options) = (chainID, version, options)
    let fields: [(UInt64, Field)] = [
      (1, .number(nonce)), (2, .bytes([0] + (amount.isEmpty ? [0] : amount))), (3, .bytes(to)),
      (5, .bytes(from)),
      (7, .number(gasPrice)), (8, .number(gasLimit)), (9, .bytes(data)), (10, .bytes(Array(chainID.utf8))),
      (11, .number(version)), (12, .bytes(signature)), (13, .number(options)),
    ]
    id = Hex.encode(Hash.blake2b(fields.flatMap { Self.field($0.0, $0.1) }, count: 32))
  }

  private enum Field {
    case number(UInt64)
    case bytes([UInt8])
  }

  /// A field of protobuf; none for zero.
  private static func field(_ tag: UInt64, _ field: Field) -> [UInt8] {
    switch field {
    case .number(0), .bytes([]): []
    case .number(let value): varint(tag << 3) + varint(value)
    case .bytes(let bytes): varint(tag << 3 | 2) + varint(UInt64(bytes.count)) + bytes
    }
  }

  private static func varint(_ value: UInt64) -> [UInt8] {
    value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + varint(value >> 7)
  }

  /// The names of members of the pending transaction that the signed one does not do.
  func mismatches(_ pending: JSONValue) -> [String] {
    guard let text = pending["serializedTransaction"]?.string, let wanted = try? JSONValue(parsing: text)
    else {
      return ["serializedTransaction"]
    }
    var wrong: [String] = []
    if wanted["to"]?.string != receiver { wrong.append("to") }
    if let from = wanted["from"]?.string, from != sender { wrong.append("from") }
    if (wanted["data"]?.string ?? "") != String(decoding: data, as: UTF8.self) { wrong.append("data") }
    if Self.units(wanted["value"]) != value { wrong.append("value") }
    for (name, signed) in [
      ("nonce", nonce), ("gasPrice", gasPrice), ("gasLimit", gasLimit), ("version", version),
      ("options", options),
    ] {
      guard let asked = wanted[name]?.uint64, asked != signed, asked != 0 || name == "nonce" else { continue }
      wrong.append(name)
    }
    return wrong
  }

  /// Whole EGLD as decimal text in units of 10^-18; negative amounts are 0.
  private static func units(_ json: JSONValue?) -> String? {
    guard let text = json?.string ?? json?.number?.digits else { return nil }
    if text.hasPrefix("-") { return "0" }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, let whole = parts.first else { return nil }
    let fraction = parts.count == 2 ? String(parts[1]) : ""
    guard fraction.utf8.count <= 18 else { return nil }
    let digits = whole + fraction + String(repeating: "0", count: 18 - fraction.utf8.count)
    return Quantity.bytes(.string(String(digits))).map { Quantity.decimal($0) }
  }
}
