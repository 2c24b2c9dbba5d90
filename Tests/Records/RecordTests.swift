import KMSCrypto
import KMSRecords
import Testing

@Suite struct RecordTests {
  private let line =
    #"{ "v":1,"later":{"x":1.50,"y":[1e2, 3]},"id":"5f","chain":"ETH","testnet":true,"pending":{"id":"5f","#
    + #""index": 7,"big":123456789012345678901234567890,"text":"\u00e9\/"},"context":{"nonce":"0"}, "z":null }"#

  private func record(_ text: String) throws -> Record { try Record(parsing: Array(text.utf8)[...]) }

  private func text(_ record: Record) -> String {
    var out: [UInt8] = []
    record.write(to: &out)
    return String(decoding: out, as: UTF8.self)
  }

  @Test func passesOnEveryMemberByteForByte() throws {
    var record = try record(line)
    record["signed"] = ["txData": "00"]
    #expect(
      text(record)
        == #"{"v":1,"later":{"x":1.50,"y":[1e2, 3]},"id":"5f","chain":"ETH","testnet":true,"pending":{"id":"5f","#
        + #""index": 7,"big":123456789012345678901234567890,"text":"\u00e9\/"},"context":{"nonce":"0"},"z":null,"#
        + #""signed":{"txData":"00"}}"# + "\n")
  }

  @Test func replacesAMemberInItsPlaceAndRemovesOne() throws {
    var record = try record(line)
    record["context"] = ["nonce": "1"]
    record["later"] = nil
    #expect(record["later"] == nil)
    #expect(text(record).contains(#""context":{"nonce":"1"},"z":null}"#))
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
    let key = try #require(try StageKey(kind, SecretBytes.random(count: 32)))
    let line = try key.line()
    let again = try #require(try StageKey(line: line))
    #expect(again.kind == kind)
    #expect(again.secret == key.secret)
  }

  @Test(arguments: [
    "", "vault:", "vault:00", "view:" + String(repeating: "0", count: 63),
    "view:" + String(repeating: "0", count: 65),
    "other:" + String(repeating: "0", count: 64), "view:" + String(repeating: "g", count: 64),
    String(repeating: "0", count: 64), "view:0x" + String(repeating: "0", count: 62),
  ])
  func refusesOtherText(text: String) throws {
    #expect(try StageKey(line: SecretBytes(copying: Array(text.utf8))) == nil)
  }
}

extension String {
  fileprivate var trimmingNewline: String { hasSuffix("\n") ? String(dropLast()) : self }
}

@Suite struct ChainNameTests {
  @Test func hintsAtWhatIsMeant() {
    for (typed, name) in [
      ("POL", "MATIC"), ("KAIA", "KLAY"), ("trx", "TRON"), ("XBT", "BTC"), ("polygon", "MATIC"),
    ] {
      #expect(ChainName.hint(for: typed).contains("\(name)?"))
      #expect(ChainName.all.contains(name))
    }
    #expect(ChainName.hint(for: "NOPE").isEmpty)
    for name in ChainName.all { #expect(ChainName.hint(for: name).isEmpty) }
  }
}
