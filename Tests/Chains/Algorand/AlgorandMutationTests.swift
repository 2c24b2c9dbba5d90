internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

/// Whatever comes in: an answer or a refusal, never a trap; and what is signed is what is there.
@Suite struct AlgorandMutationTests {
  @Test func everyMemberOfEveryTypeMayBeStrangeOrMissing() throws {
    var read = 0
    var refused = 0
    // One transaction of each type is enough: every member is tried in each.
    var types: Set<String> = []
    for vector in try EVMVectors.vectors("transactions/algo") {
      guard types.insert(try EVMVectors.value(vector["unsigned"]?["type"]?.string)).inserted else { continue }
      var base = try #require(try JSONValue(parsing: AlgorandVectors.text(vector)).object)
      // Some are good for a round more than the network takes.
      let first = try #require(base["firstRound"]?.uint64)
      base["lastRound"] = .number(JSONNumber(first + 1000))
      let names = Set(
        base.members.map(\.name) + AlgorandFields.ofType.values.flatMap { $0.map(\.member) }
          + AlgorandFields.common.map(\.member))
      let original = try AlgorandTransaction(parsing: JSONValue.object(base).text)
      for name in names {
        for value in [nil] + SigningTest.strange.map(Optional.some) {
          var changed = base
          changed[name] = value
          do throws(ChainError) {
            let transaction = try AlgorandTransaction(parsing: JSONValue.object(changed).text)
            #expect(transaction.encoded.first.map { $0 >= 0x80 } == true)
            // What is read is in the encoding, or it was empty.
            if transaction.encoded == original.encoded { continue }
            read += 1
          } catch {
            #expect(error.code == .malformedTransaction)
            refused += 1
          }
        }
      }
    }
    #expect(read > 200)
    #expect(refused > 2000)
  }

  @Test func everyByteOfTheTextMayChange() throws {
    var generator = SeededGenerator(state: 8)
    let base = Array(try AlgorandVectors.payment().utf8)
    var read = 0
    for _ in 0..<4000 {
      var bytes = base
      for _ in 0...Int.random(in: 0...2, using: &generator) {
        let at = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0...3, using: &generator) {
        case 0: bytes[at] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.remove(at: at)
        case 2: bytes.insert(UInt8.random(in: 32...126, using: &generator), at: at)
        default: bytes[at] = Array("0123456789{}[],:\"".utf8).randomElement(using: &generator) ?? 48
        }
      }
      if (try? AlgorandTransaction(parsing: String(decoding: bytes, as: UTF8.self))) != nil { read += 1 }
    }
    #expect(read > 50)
  }

  @Test func messagePackIsShortestAndSorted() {
    let integers: [(UInt64, String)] = [
      (0, "00"), (127, "7f"), (128, "cc80"), (255, "ccff"), (256, "cd0100"), (65535, "cdffff"),
      (65536, "ce00010000"), (UInt64(UInt32.max), "ceffffffff"), (1 << 32, "cf0000000100000000"),
      (.max, "cfffffffffffffffff"),
    ]
    for (value, hex) in integers { #expect(Hex.encode(CanonicalMessagePack.integer(value).encoded) == hex) }
    func head(_ value: CanonicalMessagePack, _ count: Int) -> String {
      Hex.encode(value.encoded.prefix(count))
    }
    for (length, hex) in [
      (0, "a0"), (31, "bf"), (32, "d920"), (255, "d9ff"), (256, "da0100"), (65536, "db00010000"),
    ] {
      #expect(head(.text(String(repeating: "x", count: length)), hex.count / 2) == hex)
    }
    for (length, hex) in [
      (0, "c400"), (255, "c4ff"), (256, "c50100"), (65535, "c5ffff"), (65536, "c600010000"),
    ] {
      #expect(head(.bytes([UInt8](repeating: 1, count: length)), hex.count / 2) == hex)
    }
    for (length, hex) in [(0, "90"), (15, "9f"), (16, "dc0010"), (65536, "dd00010000")] {
      #expect(
        head(.array([CanonicalMessagePack](repeating: .integer(0), count: length)), hex.count / 2) == hex)
    }
    let many = (0..<16).reduce(into: [String: CanonicalMessagePack]()) { $0["k\($1)"] = .boolean(true) }
    #expect(head(.map(many), 3) == "de0010")
    let map = CanonicalMessagePack.map([
      "b": .integer(1), "a": .text("x"), "aa": .boolean(true), "B": .bytes([7]), "zero": .integer(0),
      "no": .boolean(false), "empty": .text(""), "none": .bytes([]), "list": .array([]),
      "inner": .map(["x": .integer(0)]), "kept": .array([.integer(0), .map([:])]),
    ])
    #expect(Hex.encode(map.encoded) == "85a142c40107a161a178a26161c3a16201a46b657074920080")
  }

  @Test func readsBytesInEveryForm() throws {
    let bytes: [UInt8] = [0, 1, 255]
    let list: JSONValue = [0, 1, 255]
    for form in [list, AlgorandVectors.bytes(bytes), AlgorandVectors.buffer(bytes)] {
      #expect(try AlgorandBytes.read(form, member: "x") == bytes)
    }
    #expect(try AlgorandBytes.read([:], member: "x") == [])
    for bad: JSONValue in [
      ["0": 1, "2": 1], ["1": 1], ["0": 256], ["0": -1], ["0": "1"], ["00": 1],
      ["0": 1, "1": 1, "length": 2],
      ["type": "Buffer", "data": [1], "x": 1], ["type": "Buffer"], ["type": "Array", "data": [1]], "AAE=", 1,
      true, ["1"],
    ] {
      #expect(throws: ChainError.self) { try AlgorandBytes.read(bad, member: "x") }
    }
  }
}
