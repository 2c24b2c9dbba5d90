import KMSCrypto
import KMSRecords
import Testing

@Suite struct RecordTests {
  private let line =
    #"{ "v":1,"later":{"x":1.50,"y":[1e2, 3]},"id":"5f","chain":"ETH","testnet":true,"pending":{"id":"5f","#
    + #""index": 7,"big":123456789012345678901234567890,"text":"\u00e9\/"},"context":{"nonce":"0"}, "z":null }"#

  private func record(_ text: String) throws -> Record {
    try Record(parsing: Array(text.utf8)[...], chains: testChains)
  }

  private func text(_ record: Record) -> String {
    var out: [UInt8] = []
    record.write(to: &out)
    return String(decoding: out, as: UTF8.self)
  }

  @Test func passesOnEveryMemberByteForByte() throws {
    var record = try record(line)
    #expect(text(record) == line + "\n")
    record["signed"] = ["txData": "00"]
    #expect(
      text(record)
        == #"{ "v":1,"later":{"x":1.50,"y":[1e2, 3]},"id":"5f","chain":"ETH","testnet":true,"pending":{"id":"5f","#
        + #""index": 7,"big":123456789012345678901234567890,"text":"\u00e9\/"},"context":{"nonce":"0"}, "z":null ,"#
        + #""signed":{"txData":"00"}}"# + "\n")
    #expect(record.lineLength == text(record).utf8.count)
  }

  /// White space around the line, escaped names, every digit of numbers: what is accepted comes out as it came in.
  @Test(arguments: [
    #"  { "v" : 1 , "\u0069d":"a","chain":"ETH","testnet":true,"pending":{}  }  "#,
    #"{"v":1,"id":"a","chain":"ETH","testnet":true,"pending":{"n":-0,"m":1E+2,"l":0.10},"\u212Aelvin":[ ]}"#
      + "\r",
    #"{"v":1,"id":"\u0061","chain":"\u0045TH","testnet":true,"pending":{ "a\u0000b" : "\ud83d\ude00" }}"#,
  ])
  func leavesALineAsItIs(line: String) throws {
    let record = try record(line)
    #expect(record.id == "a" && record.chain == "ETH")
    #expect(text(record) == line + "\n")
    #expect(record.lineLength == line.utf8.count + 1)
  }

  @Test func comparesMemberNamesAsBytes() throws {
    let line = "{\"v\":1,\"id\":\"a\",\"chain\":\"ETH\",\"testnet\":true,"
    var record = try record(line + "\"pending\":{\"\u{212A}ey\":1},\"\u{212A}\":2,\"K\":3}")
    #expect(record["K"] == 3)
    #expect(record["\u{212A}"] == 2)
    #expect(record.pending["Key"] == nil)
    record["K"] = nil
    #expect(record["K"] == nil)
    #expect(record["\u{212A}"] == 2)
    #expect(throws: RecordSyntaxError.self) { try self.record(line + "\"\u{212A}pending\":{}}") }
  }

  /// Text inside of a record is a transaction that is signed: nothing in it may be read in two ways.
  @Test(arguments: ["SigningPub\u{212A}ey", #"SigningPub\u212Aey"#, "\u{1FEF}", "\u{037E}"])
  func refusesNamesInTransactionsThatSwiftTakesForOthers(name: String) throws {
    #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: #"{"a":[{"\#(name)":""}]}"#) }
    let other = try JSONValue(parsing: Array(#"{"\#(name)":1}"#.utf8))
    #expect(other["SigningPubKey"] == nil)
    #expect(throws: Never.self) { try JSONValue(parsing: #"{"a":"\#(name)"}"#) }
  }

  @Test func looksIntoNoMoreValuesThanMemoryIsMeantFor() throws {
    func line(_ member: String, _ count: Int) -> String {
      let values = "[" + Array(repeating: "1", count: count).joined(separator: ",") + "]"
      let pending = member == "pending" ? "" : #""pending":{},"#
      return #"{"v":1,"id":"a","chain":"ETH","testnet":true,\#(pending)"\#(member)":{"x":\#(values)}}"#
    }
    // The object, the array, and its items.
    #expect(throws: Never.self) { try record(line("pending", 131_070)) }
    for member in ["pending", "context", "signed", "\\u0073igned"] {
      #expect {
        try record(line(member, 131_071))
      } throws: { "\($0)".contains("more than 131072 values") }
    }
    let text = line("later", 500_000)
    #expect(try self.text(record(text)) == text + "\n")
    #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: text) }
    #expect(throws: Never.self) { try JSONValue(parsing: Array(text.utf8)) }
  }

  @Test func replacesAMemberInItsPlaceAndRemovesOne() throws {
    var record = try record(line)
    record["context"] = ["nonce": "1"]
    record["later"] = nil
    #expect(record["later"] == nil)
    #expect(text(record).contains(#""context":{"nonce":"1"}, "z":null }"#))
  }

  @Test(arguments: [
    ("[]", "not a JSON object"), ("{}", "member v"), (#"{"v":2}"#, "member v"), (#"{"v":1.0}"#, "member v"),
    (#"{"v":1}"#, "member id"), (#"{"v":1,"id":5}"#, "member id"), (#"{"v":1,"id":""}"#, "member id"),
    (#"{"v":1,"id":"a b"}"#, "member id"), (#"{"v":1,"id":"a\nb"}"#, "member id"),
    (#"{"v":1,"id":"a"}"#, "member chain"), (#"{"v":1,"id":"a","chain":"FOO"}"#, "member chain"),
    (#"{"v":1,"id":"a","chain":"ETH"}"#, "member testnet"),
    (#"{"v":1,"id":"a","chain":"ETH","testnet":1}"#, "member testnet"),
    (#"{"v":1,"id":"a","chain":"ETH","testnet":true}"#, "member pending"),
    (#"{"v":1,"id":"a","chain":"ETH","testnet":true,"pending":[]}"#, "member pending"),
    (#"{"v":1,"id":"a","chain":"ETH","testnet":true,"pending":{},"signed":1}"#, "member signed"),
    (#"{"v":1,"id":"a","chain":"ETH","testnet":true,"pending":{},"error":{"stage":"sign"}}"#, "member error"),
    (#"{"v":1,"id":"a","chain":"ETH","testnet":true,"testnet":false,"pending":{}}"#, "stands twice"),
  ])
  func refusesNamingTheMember(text: String, named: String) {
    #expect {
      try record(text)
    } throws: { "\($0)".contains(named) }
  }

  @Test func readsTheErrorThatEndedARecord() throws {
    var record = try record(line)
    #expect(record.error == nil)
    record.error = RecordError(.sign, .failed, .walletNotFound, "no wallet has the signature ID x")
    let again = try self.record(text(record).trimmingNewline)
    #expect(again.error == record.error)
    #expect(again.error?.outcome == .failed)
  }

  @Test func tellsChainNamesApartByBytes() {
    // U+212A KELVIN SIGN is canonically equivalent to K, but it is no chain of Tatum's.
    #expect(throws: RecordSyntaxError.self) {
      try record("{\"v\":1,\"id\":\"a\",\"chain\":\"\u{212A}LAY\",\"testnet\":true,\"pending\":{}}")
    }
  }
}

@Suite struct StageKeyTests {
  @Test(arguments: StageKey.Kind.allCases) func survivesThePipe(kind: StageKey.Kind) throws {
    let secret = try SecretBytes.random(count: 32)
    guard let key = StageKey(kind, secret), let again = try StageKey(line: key.line()) else {
      Issue.record("the key's line is none")
      return
    }
    #expect(again.kind == kind)
    #expect(again.secret == secret)
  }

  @Test(arguments: [
    "", "vault:", "vault:00", "view:" + String(repeating: "0", count: 63),
    "view:" + String(repeating: "0", count: 65),
    "other:" + String(repeating: "0", count: 64), "view:" + String(repeating: "g", count: 64),
    String(repeating: "0", count: 64), "view:0x" + String(repeating: "0", count: 62),
  ])
  func refusesOtherText(text: String) throws {
    let isKey = if try StageKey(line: SecretBytes(copying: Array(text.utf8))) != nil { true } else { false }
    #expect(!isKey)
  }
}

extension String {
  fileprivate var trimmingNewline: String { hasSuffix("\n") ? String(dropLast()) : self }
}

@Suite struct ChainNameTests {
  @Test(arguments: ["BTC", "MATIC", "OPTIMISM", "K2"]) func takesNames(text: String) {
    #expect(ChainNames.isName(text))
  }

  @Test(arguments: ["", "B", "btc", "B C", "BTC1234567X", "\u{212A}LAY", "USDT_TRON"])
  func takesNothingElse(text: String) {
    #expect(!ChainNames.isName(text))
  }

  @Test func comparesBytes() {
    #expect(testChains.contains("KLAY"))
    #expect(!testChains.contains("\u{212A}LAY") && !testChains.contains("klay"))
  }
}

/// The chains of these tests: records know none themselves.
let testChains = ChainNames(["BTC", "ETH", "KLAY", "SOL", "XRP"])
