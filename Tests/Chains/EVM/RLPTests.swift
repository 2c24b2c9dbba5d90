internal import KMSPrimitives
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains

@Suite struct RLPTests {
  /// ethereum/tests, RLPTests.
  static func vectors() throws -> [JSONValue] {
    try #require(try EVMVectors.file("Crypto/Vectors/rlp.json")["vectors"]?.array)
  }

  @Test func encodesAndDecodesTheVectorsOfEthereum() throws {
    var count = 0
    for vector in try Self.vectors() where vector["valid"]?.bool == true {
      let name = Comment(rawValue: vector["name"]?.string ?? "")
      let bytes = try #require(Hex.decodePrefixed(try EVMVectors.value(vector["out"]?.string)))
      let item = try Self.item(try #require(vector["in"]))
      #expect(RLP.encode(item) == bytes, name)
      #expect(try RLP.decode(bytes) == item, name)
      count += 1
    }
    #expect(count == 28)
  }

  @Test func refusesTheInvalidVectorsOfEthereum() throws {
    var count = 0
    for vector in try Self.vectors() where vector["valid"]?.bool == false {
      let bytes = try #require(Hex.decodePrefixed(try EVMVectors.value(vector["out"]?.string)))
      #expect(throws: RLP.DecodingError.self, Comment(rawValue: vector["name"]?.string ?? "")) {
        try RLP.decode(bytes)
      }
      count += 1
    }
    #expect(count == 26)
  }

  /// Strings are Latin-1 bytes, `#` starts a big integer, numbers are integers.
  private static func item(_ json: JSONValue) throws -> RLP.Item {
    if let items = json.array { return .list(try items.map(item)) }
    if let number = json.number { return .bytes(try #require(UInt256(decimal: number.digits)).minimalBytes) }
    let text = try #require(json.string)
    guard text.hasPrefix("#") else {
      return .bytes(try text.unicodeScalars.map { try #require(UInt8(exactly: $0.value)) })
    }
    // One vector is 2^256, the first number that UInt256 refuses.
    guard let value = UInt256(decimal: String(text.dropFirst())) else {
      return .bytes([1] + [UInt8](repeating: 0, count: 32))
    }
    return .bytes(value.minimalBytes)
  }

  @Test func integersAreTheirMinimalBytes() throws {
    for value: UInt64 in [0, 1, 0x7F, 0x80, 0xFF, 0x100, 0xFFFF, 0x10000, 1 << 32, .max] {
      var small: [UInt8] = []
      var big: [UInt8] = []
      RLP.append(value, to: &small)
      RLP.append(UInt256(value), to: &big)
      #expect(small == RLP.encode(.bytes(UInt256(value).minimalBytes)))
      #expect(small == big)
    }
    var big: [UInt8] = []
    let value = try #require(UInt256(hex: "0102030405060708090a".utf8))
    RLP.append(value, to: &big)
    #expect(big == [0x8A, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  }

  @Test func refusesListsThatNestTooDeep() throws {
    var item = RLP.Item.list([])
    for _ in 1..<RLP.maximumDepth { item = .list([item]) }
    #expect(try RLP.decode(RLP.encode(item)) == item)
    #expect(throws: RLP.DecodingError.self) { try RLP.decode(RLP.encode(.list([item]))) }
    // A megabyte of opening brackets must not exhaust the stack.
    #expect(throws: RLP.DecodingError.self) { try RLP.decode([UInt8](repeating: 0xC1, count: 1 << 20)) }
  }

  @Test func whatDecodesEncodesToTheSameBytes() throws {
    var generator = SeededGenerator(state: 2)
    var decoded = 0
    for _ in 0..<20_000 {
      let count = Int.random(in: 0...12, using: &generator)
      var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
      if count > 0, Bool.random(using: &generator) { bytes[0] = 0xC0 &+ UInt8(count - 1) }
      guard let item = try? RLP.decode(bytes) else { continue }
      decoded += 1
      #expect(RLP.encode(item) == bytes)
    }
    #expect(decoded > 1000)
  }

  @Test func randomItemsComeBack() throws {
    var generator = SeededGenerator(state: 3)
    for _ in 0..<500 {
      let item = Self.random(&generator, depth: 4)
      #expect(try RLP.decode(RLP.encode(item)) == item)
    }
  }

  private static func random(_ generator: inout SeededGenerator, depth: Int) -> RLP.Item {
    if depth > 0, Int.random(in: 0...2, using: &generator) > 0 {
      var items: [RLP.Item] = []
      for _ in 0..<Int.random(in: 0...5, using: &generator) {
        items.append(random(&generator, depth: depth - 1))
      }
      return .list(items)
    }
    let count = [0, 1, 1, 2, 55, 56, 255, 256, 300][Int.random(in: 0...8, using: &generator)]
    return .bytes((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
  }
}
