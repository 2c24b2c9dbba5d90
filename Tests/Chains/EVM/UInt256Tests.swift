internal import KMSPrimitives
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

@Suite struct UInt256Tests {
  static let maximum = "115792089237316195423570985008687907853269984665640564039457584007913129639935"

  @Test(arguments: [
    ("0", "0x0"), ("1", "0x1"), ("255", "0xff"), ("256", "0x100"),
    ("9999999999999999999", "0x8ac7230489e7ffff"),
    ("10000000000000000000", "0x8ac7230489e80000"), ("18446744073709551615", "0xffffffffffffffff"),
    ("18446744073709551616", "0x10000000000000000"),
    ("340282366920938463463374607431768211456", "0x100000000000000000000000000000000"),
    ("123456789012345678901234567890", "0x18ee90ff6c373e0ee4e3f0ad2"),
    (maximum, "0x" + String(repeating: "f", count: 64)),
  ])
  func readsAndWritesDecimalAndHexadecimal(decimal: String, hex: String) throws {
    let value = try #require(UInt256(decimal: decimal))
    #expect(value.description == decimal)
    #expect(value.hexText == hex)
    #expect(UInt256(hex: hex.utf8.dropFirst(2)) == value)
    #expect(UInt256(decimal: String(repeating: "0", count: 100) + decimal) == value)
    #expect(UInt256(hex: (String(repeating: "0", count: 100) + hex.dropFirst(2)).uppercased().utf8) == value)
    #expect(UInt256(bigEndian: value.minimalBytes) == value)
    #expect(UInt256(bigEndian: value.bytes32) == value)
    #expect(value.bytes32.count == 32)
    #expect(value.minimalBytes.first != 0)
    #expect(value.minimalBytes.count == value.byteCount)
  }

  @Test(arguments: [
    "", " ", "-1", "+1", "1.0", "1e3", "0x1", "1 ", "١", "1\u{0}",
    "115792089237316195423570985008687907853269984665640564039457584007913129639936",
    "999999999999999999999999999999999999999999999999999999999999999999999999999999999",
    String(repeating: "9", count: 10_000),
  ])
  func refusesDecimalTextThatIsNoNumberBelowTheLimit(text: String) {
    #expect(UInt256(decimal: text) == nil)
  }

  @Test(arguments: ["", "g", "0x1", "-1", "1" + String(repeating: "0", count: 64)])
  func refusesHexadecimalTextThatIsNoNumberBelowTheLimit(text: String) {
    #expect(UInt256(hex: text.utf8) == nil)
  }

  @Test func readsQuantitiesOfNodes() {
    for (text, decimal) in [
      ("0x5208", "21000"), ("0X5208", "21000"), ("0x0005208", "21000"), ("0x", "0"), ("0x0", "0"),
      ("0x" + String(repeating: "f", count: 64), Self.maximum),
    ] { #expect(UInt256(quantity: text)?.description == decimal) }
    for text in ["", "0", "5208", "0xg", "-0x1", "x5", "0x1" + String(repeating: "0", count: 64)] {
      #expect(UInt256(quantity: text) == nil, "\(text)")
    }
  }

  @Test func refusesMoreThan32Bytes() {
    #expect(UInt256(bigEndian: [UInt8](repeating: 0, count: 33)) == nil)
    #expect(UInt256(bigEndian: [])?.description == "0")
  }

  @Test func addsWithCarryAndReportsOverflow() throws {
    let maximum = try #require(UInt256(decimal: Self.maximum))
    #expect(maximum.adding(UInt256(1)) == nil)
    #expect(maximum.adding(.zero) == maximum)
    #expect(maximum.adding(maximum) == nil)
    let allOnes = try #require(UInt256(hex: String(repeating: "f", count: 48).utf8))
    #expect(allOnes.adding(UInt256(1))?.hexText == "0x1" + String(repeating: "0", count: 48))
  }

  @Test func multipliesAndReportsOverflow() throws {
    let maximum = try #require(UInt256(decimal: Self.maximum))
    #expect(maximum.multiplied(by: 2) == nil)
    #expect(maximum.multiplied(by: 1) == maximum)
    #expect(maximum.multiplied(by: 0) == .zero)
    #expect(
      UInt256(.max).multiplied(by: .max)?.description == "340282366920938463426481119284349108225")
    #expect(UInt256(hex: ("8" + String(repeating: "0", count: 63)).utf8)?.multiplied(by: 2) == nil)
  }

  @Test func ordersByTheMostSignificantWord() throws {
    let ascending = [
      "0", "1", "18446744073709551615", "18446744073709551616", "340282366920938463463374607431768211456",
    ]
    .compactMap { UInt256(decimal: $0) }
    #expect(ascending.count == 5)
    for (i, a) in ascending.enumerated() {
      for (j, b) in ascending.enumerated() { #expect((a < b) == (i < j)) }
    }
    #expect(UInt256(.max).uint64 == .max)
    #expect(ascending[3].uint64 == nil)
  }

  @Test func appendingADigitIsTimesTenPlusIt() throws {
    var generator = SeededGenerator(state: 1)
    for _ in 0..<2000 {
      let digits = String(
        (0..<Int.random(in: 1...76, using: &generator)).map { _ in
          Character(String(Int.random(in: 0...9, using: &generator)))
        })
      let digit = UInt64.random(in: 0...9, using: &generator)
      let value = try #require(UInt256(decimal: digits))
      #expect(value.multiplied(by: 10)?.adding(UInt256(digit)) == UInt256(decimal: digits + String(digit)))
      #expect(UInt256(decimal: value.description) == value)
      #expect(UInt256(hex: value.hexText.utf8.dropFirst(2)) == value)
    }
  }
}
