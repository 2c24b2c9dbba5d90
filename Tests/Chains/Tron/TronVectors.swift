internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

/// The vector files of TRON, and signing requests made from them.
enum TronVectors {
  static let chain = SigningChain.tron

  /// A published test key (tatum-js), and its address.
  static let testKey = "842E09EB40D8175979EFB0071B28163E11AED0F14BDD84090A4CEFB936EF5701"
  static let testAddress = "TYMwiDu22V6XG3yk6W9cTVBz48okKLRczh"

  static func transactions() throws -> [JSONValue] { try EVMVectors.vectors("transactions/tron") }

  /// The object in `serializedTransaction` of the vector called `name`.
  static func object(_ name: String) throws -> JSONObject {
    let vector = try #require(try transactions().first { $0["name"]?.string == name })
    return try object(of: vector)
  }

  static func object(of vector: JSONValue) throws -> JSONObject {
    let text = try #require(vector["pending"]?["serializedTransaction"]?.string)
    return try #require(try JSONValue(parsing: text).object)
  }

  /// A request as kms-sign makes it.
  static func request(
    _ serialized: String, secret: String = testKey, kind: WalletKind = .privateKey, index: Int? = nil,
    inSignatures: Bool = false, policy: SigningPolicy = SigningPolicy(), unixTime: Int64 = 0
  ) throws -> SigningCase {
    let id = "26d3883e-4e17-48b3-a0ee-09a3e484ac83"
    let position = index.map { JSONValue.number(JSONNumber($0)) } ?? .null
    let json: JSONValue = [
      "id": "61dceae734e9c028cc7fc59c", "chain": "TRON", "hashes": inSignatures ? [] : [.string(id)],
      "serializedTransaction": .string(serialized), "index": inSignatures ? .null : position,
      "signatures": inSignatures ? [["id": .string(id), "index": position]] : .null,
    ]
    let pending = try PendingTransaction(json, chain: "TRON")
    let keys = try chain.keyReferences(of: pending).map { reference in
      SigningKey(
        reference: reference,
        privateKey: try chain.wallets.key(
          kind: kind, secret: SecretBytes(copying: Array(secret.utf8)), index: reference.index, testnet: false
        ))
    }
    return SigningCase(
      pending: pending, testnet: false, context: [:], keys: keys, policy: policy, unixTime: unixTime)
  }

  /// Signs `object` with the test key.
  static func sign(
    _ object: JSONObject, policy: SigningPolicy = SigningPolicy(), unixTime: Int64 = 0
  ) throws -> SignedTransaction {
    try chain.sign(request(JSONValue.object(object).text, policy: policy, unixTime: unixTime))
  }

  /// `object` with these bytes and the id that belongs to them.
  static func object(_ object: JSONObject, rawData: [UInt8]) -> JSONObject {
    var object = object
    object["raw_data_hex"] = .string(Hex.encode(rawData))
    object["txID"] = .string(Hex.encode(Hash.sha256(rawData)))
    return object
  }

  /// Why `object` is refused; nil when it is signed.
  static func refusal(
    _ object: JSONObject, policy: SigningPolicy = SigningPolicy(), unixTime: Int64 = 0
  ) -> ErrorCode? {
    do {
      _ = try sign(object, policy: policy, unixTime: unixTime)
      return nil
    } catch { return (error as? ChainError)?.code }
  }
}

/// Random transactions: JSON and Protocol Buffers made side by side, by code of the tests' own.
struct TronSample {
  var generator: SeededGenerator
  let isVisible: Bool
  let owner: TronAddress

  /// A transaction of `contract`'s kind; with `all` every field is there.
  mutating func transaction(_ contract: TronContract, all: Bool) -> JSONObject {
    let value = message(contract.message, all: all)
    var any = Self.field(1, Array(contract.typeURL.utf8))
    any += Self.field(2, value.wire)
    let permission = UInt64.random(in: 0...2, using: &generator)
    let inner = Self.field(1, contract.number) + Self.field(2, any) + Self.field(5, permission)
    let reference = generator.bytes(2)
    let hash = generator.bytes(8)
    let expiration = UInt64.random(in: 1...(1 << 42), using: &generator)
    let note = generator.bytes(Int.random(in: 0...20, using: &generator))
    let timestamp = UInt64.random(in: 0...(1 << 42), using: &generator)
    let fee = UInt64.random(in: 0...1_000_000_000, using: &generator)
    let raw =
      Self.field(1, reference) + Self.field(4, hash) + Self.field(8, expiration) + Self.field(10, note)
      + Self.field(11, inner) + Self.field(14, timestamp) + Self.field(18, fee)
    let object: JSONValue = [
      "visible": .bool(isVisible), "txID": .string(Hex.encode(Hash.sha256(raw))),
      "raw_data": [
        "contract": [
          [
            "parameter": ["value": value.json, "type_url": .string(contract.typeURL)],
            "type": .string(contract.name), "Permission_id": .number(JSONNumber(permission)),
          ]
        ], "ref_block_bytes": .string(Hex.encode(reference)), "ref_block_hash": .string(Hex.encode(hash)),
        "expiration": .number(JSONNumber(expiration)), "fee_limit": .number(JSONNumber(fee)),
        "data": .string(Hex.encode(note)), "timestamp": .number(JSONNumber(timestamp)),
      ], "raw_data_hex": .string(Hex.encode(raw)),
    ]
    return object.object ?? JSONObject()
  }

  private mutating func message(_ message: ProtobufMessage, all: Bool) -> (json: JSONValue, wire: [UInt8]) {
    var json = JSONObject()
    var wire: [UInt8] = []
    for field in message.fields {
      if field.name == "owner_address" {
        json[field.name] = .string(isVisible ? owner.text : Hex.encode(owner.bytes))
        wire += Self.field(field.number, owner.bytes)
        continue
      }
      guard all || Int.random(in: 0...3, using: &generator) > 0 else { continue }
      if field.isRepeated {
        var items: [JSONValue] = []
        for _ in 0..<Int.random(in: all ? 1...3 : 0...3, using: &generator) {
          let item = value(field.kind, all: all)
          items.append(item.json)
          wire += Self.key(field.number, item.wire, isInteger: item.isInteger)
        }
        json[field.name] = .array(items)
      } else {
        let item = value(field.kind, all: all)
        json[field.name] = item.json
        let isMessage = if case .message = field.kind { true } else { false }
        if isMessage || !(item.wire.isEmpty || item.isInteger && item.wire == [0]) {
          wire += Self.key(field.number, item.wire, isInteger: item.isInteger)
        }
      }
    }
    return (.object(json), wire)
  }

  private mutating func value(
    _ kind: ProtobufMessage.Kind, all: Bool
  ) -> (json: JSONValue, wire: [UInt8], isInteger: Bool) {
    switch kind {
    case .address:
      let bytes = [0x41] + generator.bytes(20)
      return (.string(isVisible ? Base58Check.encode(bytes) : Hex.encode(bytes)), bytes, false)
    case .bytes:
      let bytes = generator.bytes(Int.random(in: all ? 1...200 : 0...200, using: &generator))
      return (.string(Hex.encode(bytes)), bytes, false)
    case .name, .string:
      let text = ["a", "TRON", "été \u{1F600}", "\"\\/\n"].randomElement(using: &generator) ?? "a"
      let isHex = if case .name = kind { !isVisible } else { false }
      return (.string(isHex ? Hex.encode(Array(text.utf8)) : text), Array(text.utf8), false)
    case .integer(let maximum):
      let number = UInt64.random(in: all ? 1...maximum : 0...maximum, using: &generator)
      let asText = Bool.random(using: &generator)
      return (asText ? .string(String(number)) : .number(JSONNumber(number)), Self.varint(number), true)
    case .bool:
      let flag = all || Bool.random(using: &generator)
      return (.bool(flag), [flag ? 1 : 0], true)
    case .enumeration(let numbers):
      let names = numbers.sorted { $0.value < $1.value }.dropFirst(all ? 1 : 0)
      guard let name = names.randomElement(using: &generator) else { return (0, [0], true) }
      return (.string(name.key), Self.varint(name.value), true)
    case .message(let message):
      let inner = self.message(message, all: all)
      return (inner.json, inner.wire, false)
    }
  }

  // MARK: Protocol Buffers

  static func varint(_ value: UInt64) -> [UInt8] {
    value < 128 ? [UInt8(value)] : [UInt8(value & 127) | 128] + varint(value >> 7)
  }

  static func key(_ number: UInt32, _ wire: [UInt8], isInteger: Bool) -> [UInt8] {
    varint(UInt64(number) << 3 | (isInteger ? 0 : 2)) + (isInteger ? wire : varint(UInt64(wire.count)) + wire)
  }

  static func field(_ number: UInt32, _ value: UInt64) -> [UInt8] {
    value == 0 ? [] : key(number, varint(value), isInteger: true)
  }

  static func field(_ number: UInt32, _ bytes: [UInt8]) -> [UInt8] {
    bytes.isEmpty ? [] : key(number, bytes, isInteger: false)
  }
}
