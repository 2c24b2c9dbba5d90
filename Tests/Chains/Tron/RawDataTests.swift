internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

/// Nothing but what is shown is signed: whatever changes on one side only, is refused.
@Suite struct RawDataTests {
  /// Why the parts of `object` do not agree; nil when they do.
  func refusal(_ object: JSONObject) -> ErrorCode? {
    do throws(ChainError) {
      _ = try PendingTronTransaction(parsing: JSONValue.object(object).text)
      return nil
    } catch { return error.code }
  }

  /// The vectors, and one random transaction of every kind with every field.
  func objects() throws -> [JSONObject] {
    let owner = try #require(TronAddress(text: TronVectors.testAddress))
    var sample = TronSample(generator: SeededGenerator(state: 11), isVisible: false, owner: owner)
    let samples = TronContract.all.map { sample.transaction($0, all: true) }
    return try TronVectors.transactions().map(TronVectors.object(of:)) + samples
  }

  /// All values of `json` below `raw_data`, each replaced by others, one at a time.
  func variants(of json: JSONValue) -> [JSONValue] {
    switch json {
    case .object(let object):
      var all: [JSONValue] = [[], "", .null]
      for member in object.members {
        for variant in variants(of: member.value) {
          var changed = object
          changed[member.name] = variant
          all.append(.object(changed))
        }
      }
      var more = object
      more["surprise"] = 1
      return all + [.object(more)]
    case .array(let items):
      var all: [JSONValue] = [
        .array(items + items), .array(items.dropLast()), [:], .null, "", .array(items + [.null]),
      ]
      for i in items.indices {
        for variant in variants(of: items[i]) {
          var changed = items
          changed[i] = variant
          all.append(.array(changed))
        }
      }
      return all
    case .string(let text):
      var digits = Array(text)
      guard let last = digits.popLast() else { return ["00", "41", 0] }
      return [
        .null, "", .string(text + "0"), .string(text + "00"), .string("00" + text), .string(String(digits)),
        .string(String(digits) + (last == "1" ? "2" : "1")), .string(text + " "), 7, [:],
        .array([.string(text)]),
      ]
    case .number(let number):
      return [
        .null, 0, -1, .string("-" + number.digits), .string(number.digits + "0"),
        .string("0x" + number.digits),
        .number(JSONNumber((number.uint64 ?? 0) ^ 1)), .number(JSONNumber((number.uint64 ?? 0) | 1 << 63)),
        true, [:],
        .string(number.digits + " "),
      ]
    case .bool(let flag): return [.bool(!flag), .null, .string(String(flag)), 1, 0]
    case .null: return [0, ""]
    }
  }

  /// Whether the two show the same: empty members count like absent ones.
  func isSame(_ a: JSONValue, _ b: JSONValue) -> Bool { Self.normal(a) == Self.normal(b) }

  static func normal(_ json: JSONValue) -> JSONValue {
    switch json {
    case .object(let object):
      var result = JSONObject()
      for member in object.members.sorted(by: { $0.name < $1.name }) {
        let value = normal(member.value)
        if value != .null { result[member.name] = value }
      }
      return .object(result)
    case .array(let items): return items.isEmpty ? .null : .array(items.map(normal))
    case .string(""), .bool(false): return .null
    case .string(let text) where !text.isEmpty && text.utf8.allSatisfy { (48...57).contains($0) }:
      let digits = text.drop { $0 == "0" }
      return digits.isEmpty ? .null : .string(String(digits))
    case .number(let number): return number.digits == "0" ? .null : .string(number.digits)
    case .string("BANDWIDTH"), .string("Normal"), .string("Owner"): return .null
    default: return json
    }
  }

  @Test func everyMemberCounts() throws {
    var refused = 0
    for object in try objects() {
      let raw = try #require(object["raw_data"])
      for variant in variants(of: raw) {
        var changed = object
        changed["raw_data"] = variant
        let isSigned = refusal(changed) == nil
        #expect(!isSigned || isSame(raw, variant), Comment(rawValue: variant.text))
        refused += isSigned ? 0 : 1
      }
    }
    #expect(refused > 4000)
  }

  @Test func everyBitOfTheBytesCounts() throws {
    var generator = SeededGenerator(state: 5)
    var count = 0
    for (i, object) in try objects().enumerated() {
      let bytes = try #require(object["raw_data_hex"]?.string.flatMap { Hex.decode($0) })
      #expect(refusal(TronVectors.object(object, rawData: bytes)) == nil)
      for at in bytes.indices {
        // All bits of some transactions, one of each byte in the others.
        let bits = i % 12 == 0 ? Array(0..<8) : [Int.random(in: 0..<8, using: &generator)]
        for bit in bits {
          var changed = bytes
          changed[at] ^= 1 << bit
          let object = TronVectors.object(object, rawData: changed)
          #expect(refusal(object) != nil, "byte \(at) bit \(bit)")
          count += 1
        }
      }
    }
    #expect(count > 10_000)
  }

  @Test func cutAndExtendedBytesAreRefused() throws {
    for object in try objects() {
      let bytes = try #require(object["raw_data_hex"]?.string.flatMap { Hex.decode($0) })
      var others = stride(from: 0, to: bytes.count, by: 3).map { Array(bytes.prefix($0)) }
      others += stride(from: 1, to: bytes.count, by: 3).map { Array(bytes.dropFirst($0)) }
      // Fields that no transaction shows, a fee limit that replaces the first, a second contract.
      for tail: [UInt8] in [
        [0], [0x00, 0x00], [0x90, 0x01, 0x01], [0x90, 0x01, 0x00], [0xA0, 0x01, 0x01], [0x9A, 0x01, 0x00],
        [0x92, 0x01, 0x01, 0x41], [0x80], [0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x00], [0x5A, 0x00],
      ] {
        others.append(bytes + tail)
        others.append(tail + bytes)
      }
      for other in others {
        let changed = TronVectors.object(object, rawData: other)
        #expect(
          refusal(changed) != nil, Comment(rawValue: Hex.encode(other)))
      }
    }
  }

  @Test func randomBytesNeverTrap() throws {
    var generator = SeededGenerator(state: 6)
    let object = try TronVectors.object(TronRefusalTests.token)
    for _ in 0..<2000 {
      let bytes = generator.bytes(Int.random(in: 0...60, using: &generator))
      #expect(refusal(TronVectors.object(object, rawData: bytes)) != nil)
    }
  }

  /// A member that only the bytes have, and one that only the text has.
  @Test func namesWhatDiffers() throws {
    var object = try TronVectors.object(TronRefusalTests.token)
    var raw = try #require(object["raw_data"]?.object)
    raw["fee_limit"] = nil
    object["raw_data"] = .object(raw)
    #expect { try TronVectors.sign(object) } throws: {
      "\($0)"
        == "content-mismatch: raw_data_hex has serializedTransaction.raw_data.fee_limit, which the transaction does not show"
    }
    raw["fee_limit"] = 100_000_001
    object["raw_data"] = .object(raw)
    #expect { try TronVectors.sign(object) } throws: {
      "\($0)"
        == "content-mismatch: serializedTransaction.raw_data.fee_limit is 100000001, raw_data_hex has 100000000"
    }
    raw["fee_limit"] = 100_000_000
    raw["data"] = "6d656d6f"
    object["raw_data"] = .object(raw)
    #expect { try TronVectors.sign(object) } throws: {
      "\($0)"
        == "content-mismatch: serializedTransaction.raw_data.data is 6d656d6f, which is not in raw_data_hex"
    }
  }

  // MARK: The wire format

  func fields(_ bytes: [UInt8]) throws -> [ProtobufReader.Field] { try ProtobufReader.fields(of: bytes[...]) }

  @Test func readsTheEncodingsOfTheStandard() throws {
    // protobuf.dev, "Encoding": 150 in field 1; "testing" in field 2; the message of field 3.
    #expect(try fields([0x08, 0x96, 0x01]) == [ProtobufReader.Field(number: 1, value: .varint(150))])
    #expect(
      try fields([0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67])
        == [ProtobufReader.Field(number: 2, value: .bytes(Array("testing".utf8)[...]))])
    #expect(
      try fields([0x1a, 0x03, 0x08, 0x96, 0x01])
        == [ProtobufReader.Field(number: 3, value: .bytes([0x08, 0x96, 0x01]))])
    #expect(try fields([]) == [])
    #expect(
      try fields([0x08] + [UInt8](repeating: 0xFF, count: 9) + [0x01])
        == [ProtobufReader.Field(number: 1, value: .varint(.max))])
  }

  @Test(
    arguments: [
      [0x08], [0x08, 0x80], [0x08, 0x80, 0x00], [0x08, 0x96, 0x81, 0x00], [0x88, 0x00, 0x01], [0x12],
      [0x12, 0x01],
      [0x12, 0x81, 0x00, 0x41], [0x0B, 0x0C], [0x0D, 0, 0, 0, 0], [0x09, 0, 0, 0, 0, 0, 0, 0, 0], [0x0E],
      [0x0F],
      [0x00, 0x00], [0x10, 0x01, 0x08, 0x01],
      [0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
      [0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02],
      [0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x81, 0x01],
      [0x80, 0x80, 0x80, 0x80, 0x10, 0x01],
    ] as [[UInt8]])
  func refusesOtherForms(bytes: [UInt8]) {
    #expect(throws: ProtobufReader.DecodingError.self) { try fields(bytes) }
  }
}
