internal import KMSCrypto
internal import KMSPrimitives
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

@Suite struct CBORTests {
  /// RFC 8949, Appendix A.
  static let examples: [(hex: String, item: CBOR)] = [
    ("00", .unsigned(0)), ("0a", .unsigned(10)), ("17", .unsigned(23)), ("1818", .unsigned(24)),
    ("1903e8", .unsigned(1000)), ("1a000f4240", .unsigned(1_000_000)),
    ("1b000000e8d4a51000", .unsigned(1_000_000_000_000)), ("1bffffffffffffffff", .unsigned(.max)),
    ("3bffffffffffffffff", .negative(.max)), ("20", .negative(0)), ("29", .negative(9)),
    ("3863", .negative(99)), ("3903e7", .negative(999)), ("f90000", .float(0)), ("f93c00", .float(0x3c00)),
    ("fb3ff199999999999a", .float(0x3ff1_9999_9999_999a)), ("f4", .simple(20)), ("f5", .simple(21)),
    ("f6", .simple(22)), ("f7", .simple(23)), ("f0", .simple(16)), ("f8ff", .simple(255)),
    (
      "c074323031332d30332d32315432303a30343a30305a",
      .tag(0, .text(Array("2013-03-21T20:04:00Z".utf8)))
    ), ("c11a514b67b0", .tag(1, .unsigned(1_363_896_240))), ("d74401020304", .tag(23, .bytes([1, 2, 3, 4]))),
    ("d818456449455446", .tag(24, .bytes([0x64, 0x49, 0x45, 0x54, 0x46]))), ("40", .bytes([])),
    ("4401020304", .bytes([1, 2, 3, 4])), ("60", .text([])), ("6449455446", .text(Array("IETF".utf8))),
    ("62c3bc", .text(Array("ü".utf8))), ("63e6b0b4", .text(Array("水".utf8))), ("80", .array([])),
    ("83010203", .array([.unsigned(1), .unsigned(2), .unsigned(3)])),
    (
      "8301820203820405",
      .array([
        .unsigned(1), .array([.unsigned(2), .unsigned(3)]), .array([.unsigned(4), .unsigned(5)]),
      ])
    ), ("a0", .map([])),
    ("a201020304", .map([pair(.unsigned(1), .unsigned(2)), pair(.unsigned(3), .unsigned(4))])),
    (
      "826161a161626163",
      .array([.text([0x61]), .map([pair(.text([0x62]), .text([0x63]))])])
    ), ("5f42010243030405ff", .bytes([1, 2, 3, 4, 5])),
    ("7f657374726561646d696e67ff", .text(Array("streaming".utf8))), ("9fff", .array([])),
    (
      "9f018202039f0405ffff",
      .array([.unsigned(1), .array([.unsigned(2), .unsigned(3)]), .array([.unsigned(4), .unsigned(5)])])
    ),
    (
      "bf61610161629f0203ffff",
      .map([pair(.text([0x61]), .unsigned(1)), pair(.text([0x62]), .array([.unsigned(2), .unsigned(3)]))])
    ),
    // Not the shortest form: read, because the ledger reads it.
    ("1800", .unsigned(0)), ("1b0000000000000001", .unsigned(1)), ("980101", .array([.unsigned(1)])),
  ]

  static func pair(_ key: CBOR, _ value: CBOR) -> CBOR.Pair { CBOR.Pair(key: key, value: value) }

  @Test(arguments: examples)
  func readsTheExamplesOfTheStandard(hex: String, item: CBOR) throws {
    let bytes = try EVMVectors.value(Hex.decode(hex))
    #expect(try CBOR.decode(bytes) == item)
    var reader = CBORReader(bytes)
    try reader.skip()
    #expect(reader.isAtEnd)
  }

  /// RFC 8949, Appendix F, and what this reader refuses besides.
  @Test(arguments: [
    "", "18", "19", "1a", "1b", "1901", "1a0102", "1b01020304050607", "38", "58", "78", "98", "9a01ff00",
    "b8", "d8",
    "f8", "f900", "fa0000", "fb000000", "41", "61", "5affffffff00", "5bffffffffffffffff010203",
    "7affffffff00",
    "7b7fffffffffffffff010203", "81", "818181818181818181", "8200", "a1", "a20102", "a100", "a2000000", "c0",
    "5f4100",
    "7f6100", "9f", "9f0102", "bf", "bf01020102", "819f", "9f8000", "9f9f9f9f9fffffffff",
    "9f819f819f9fffffff", "1c",
    "1d", "1e", "3c", "3d", "3e", "5c", "5d", "5e", "7c", "7d", "7e", "9c", "9d", "9e", "bc", "bd", "be",
    "dc", "dd",
    "de", "fc", "fd", "fe", "f800", "f801", "f818", "f81f", "5f00ff", "5f21ff", "5f6100ff", "5f80ff",
    "5fa0ff", "5fc000ff",
    "5fe0ff", "7f4100ff", "5f5f4100ffff", "7f7f6100ffff", "ff", "81ff", "8200ff", "a1ff", "a1ff00", "a100ff",
    "a20000ff",
    "9f81ff", "9f829f819f9fffffffff", "bf00ff", "bf000000ff", "1f", "3f", "df", "0000", "8000",
    "9bffffffffffffffff", "bb7fffffffffffffff00", "61ff", "62c328", "a201020103",
  ])
  func refusesWhatIsNotWellFormed(hex: String) throws {
    let bytes = try EVMVectors.value(Hex.decode(hex))
    #expect(throws: CBOR.DecodingError.self) { try CBOR.decode(bytes) }
    if hex == "a201020103" { return }  // a key that stands twice is well-formed, just not valid
    #expect(throws: CBOR.DecodingError.self) {
      var reader = CBORReader(bytes)
      try reader.skip()
      try reader.finish()
    }
  }

  @Test func refusesDeepNesting() throws {
    for open: UInt8 in [0x81, 0x9f, 0xc0, 0xd8] {
      let nested = [UInt8](repeating: open, count: 100_000)
      #expect(throws: CBOR.DecodingError.self) { try CBOR.decode(nested + [0]) }
      #expect(throws: CBOR.DecodingError.self) {
        var reader = CBORReader(nested + [0])
        try reader.skip()
      }
    }
    let deep = [UInt8](repeating: 0x81, count: CBORReader.maximumDepth - 1) + [0]
    #expect(throws: Never.self) { try CBOR.decode(deep) }
    #expect(throws: CBOR.DecodingError.self) { try CBOR.decode([0x81] + deep) }
  }

  @Test func readsWhatIsWritten() throws {
    var generator = SeededGenerator(state: 18)
    for _ in 0..<1000 {
      let item = random(&generator, depth: 0)
      let bytes = write(item)
      #expect(try CBOR.decode(bytes) == item)
      for count in [0, 1, bytes.count / 2, bytes.count - 1] where count < bytes.count {
        #expect(throws: CBOR.DecodingError.self) { try CBOR.decode(Array(bytes[..<count])) }
      }
      var flipped = bytes
      flipped[Int.random(in: 0..<bytes.count, using: &generator)] ^=
        1 << UInt8.random(in: 0...7, using: &generator)
      _ = try? CBOR.decode(flipped)
    }
  }

  private func random(_ generator: inout SeededGenerator, depth: Int) -> CBOR {
    switch Int.random(in: 0...(depth < 5 ? 7 : 4), using: &generator) {
    case 0:
      return .unsigned(
        UInt64.random(in: 0 ... .max >> UInt64.random(in: 0...63, using: &generator), using: &generator))
    case 1:
      return .negative(
        UInt64.random(in: 0 ... .max >> UInt64.random(in: 0...63, using: &generator), using: &generator))
    case 2: return .bytes(generator.bytes(Int.random(in: 0...300, using: &generator)))
    case 3: return .text(Array(String(repeating: "ž", count: Int.random(in: 0...40, using: &generator)).utf8))
    case 4: return .simple(UInt8.random(in: 20...23, using: &generator))
    case 5:
      return .array(
        (0..<Int.random(in: 0...5, using: &generator)).map { _ in random(&generator, depth: depth + 1) })
    case 6:
      let count = UInt64.random(in: 0...5, using: &generator)
      return .map(
        (0..<count).map { CBOR.Pair(key: .unsigned($0 * 100), value: random(&generator, depth: depth + 1)) })
    default:
      return .tag(UInt64.random(in: 0...70_000, using: &generator), random(&generator, depth: depth + 1))
    }
  }

  private func write(_ item: CBOR) -> [UInt8] {
    switch item {
    case .unsigned(let value): CBORText.uint(value)
    case .negative(let value): CBORText.head(1, value)
    case .bytes(let bytes): CBORText.bytes(bytes)
    case .text(let bytes): CBORText.head(3, UInt64(bytes.count)) + bytes
    case .array(let items): CBORText.array(items.map(write))
    case .map(let pairs): CBORText.map(pairs.map { (write($0.key), write($0.value)) })
    case .tag(let number, let inner): CBORText.tag(number, write(inner))
    case .simple(let value): [0xE0 | value]
    case .float: []
    }
  }
}
