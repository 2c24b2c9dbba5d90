import KMSCrypto
import KMSPrimitives
import KMSRecords
import SigningDoor
import Testing

@testable import KMSChains
@testable import KMSSigning

@Suite struct XRPCodecTests {
  /// From the ledger's documentation (amount fields) and computed by hand from it.
  @Test(arguments: [
    ("1", "D4838D7EA4C68000"), ("0", "8000000000000000"), ("0.000", "8000000000000000"),
    ("1.0", "D4838D7EA4C68000"), ("001", "D4838D7EA4C68000"), ("10e-1", "D4838D7EA4C68000"),
    ("0.1E+1", "D4838D7EA4C68000"), ("9999999999999999e80", "EC6386F26FC0FFFF"),
    ("1000000000000000e-96", "C0438D7EA4C68000"), ("1e-81", "C0438D7EA4C68000"),
  ])
  func encodesIssuedValues(_ text: String, _ hex: String) throws {
    #expect(Hex.encode(try #require(XRPAmount.encode(issued: text))).uppercased() == hex)
  }

  @Test(arguments: [
    "", ".", "1.", ".5", "-1", "-0", "+1", "1 ", "1,5", "0x1", "1e", "1e+", "1e99999", "12345678901234567",
    "1.2345678901234567", "1e96", "1e-82", "9999999999999999e81", "999e-97", "NaN", "Infinity", "１",
    "1e9223372036854775808",
  ])
  func refusesIssuedValues(_ text: String) { #expect(XRPAmount.encode(issued: text) == nil) }

  /// From XLS-33.
  @Test(arguments: [
    ("0", "600000000000000000"), ("100", "600000000000000064"),
    ("9223372036854775807", "607FFFFFFFFFFFFFFF"),
  ])
  func encodesMultiPurposeValues(_ text: String, _ hex: String) throws {
    let amount: JSONValue = [
      "mpt_issuance_id": "00002403c84a0a28e0190e208e982c352bbd5006600555cf", "value": .string(text),
    ]
    let signed = try XRPSigning.sign(XRPSigning.changed([("Amount", amount)])).txData
    #expect(signed.contains("61" + hex + "00002403C84A0A28E0190E208E982C352BBD5006600555CF68"))
  }

  @Test(arguments: [
    "", "-1", "+1", "01", "1.0", "1e3", "0x10", "9223372036854775808", "18446744073709551616",
  ])
  func refusesMultiPurposeValues(_ text: String) {
    #expect(XRPAmount.encode(multiPurpose: text) == nil)
  }

  @Test func refusesAmountsOfNoKind() {
    let id: JSONValue = "00002403C84A0A28E0190E208E982C352BBD5006600555CF"
    let issuer: JSONValue = .string(XRPSigning.other)
    for amount: JSONValue in [
      ["mpt_issuance_id": id], ["mpt_issuance_id": id, "value": 1],
      ["mpt_issuance_id": id, "value": "1", "issuer": issuer],
      ["mpt_issuance_id": "00", "value": "1"], ["mpt_issuance_id": .null, "value": "1"],
      ["currency": "USD", "value": "1"], ["currency": "USD", "value": 1, "issuer": issuer],
      ["currency": "USD", "value": "1", "issuer": issuer, "x": 1], 1, [], ["value": "1"],
    ] {
      #expect(
        refusal { try XRPSigning.sign(XRPSigning.changed([("Amount", amount)])) } == .malformedTransaction,
        "\(amount)")
      #expect(
        refusal { try XRPSigning.sign(XRPSigning.changed([("Fee", amount)])) } == .malformedTransaction)
    }
  }

  @Test func takesEmptyBlobsWhereTheyMeanSomething() throws {
    let memo: JSONValue = [["Memo": ["MemoData": "", "MemoType": "AB"]]]
    #expect(try XRPSigning.sign(XRPSigning.changed([("Memos", memo)])).txData.hasSuffix("F9EA7C01AB7D00E1F1"))
    let account: [(String, JSONValue?)] = [
      ("TransactionType", "AccountSet"), ("Destination", nil), ("Amount", nil),
    ]
    #expect(try XRPSigning.sign(XRPSigning.changed(account + [("Domain", "")])).txData.contains("7700"))
    let mint: [(String, JSONValue?)] = [
      ("TransactionType", "NFTokenMint"), ("Destination", nil), ("Amount", nil), ("NFTokenTaxon", 0),
      ("URI", ""),
    ]
    #expect(refusal { try XRPSigning.sign(XRPSigning.changed(mint)) } == .malformedTransaction)
  }

  @Test func checksDrops() {
    #expect(XRPAmount.drops("0") == 0)
    #expect(XRPAmount.drops("100000000000000000") == XRPAmount.maximumDrops)
    for text in [
      "", "100000000000000001", "18446744073709551616", "-1", "+1", "01", "1.0", "1e3", " 1", "0x1",
    ] {
      #expect(XRPAmount.drops(text) == nil, "\(text)")
    }
  }

  @Test func checksCurrencies() {
    #expect(XRPCurrency.issued("USD").map(Hex.encode) == "0000000000000000000000005553440000000000")
    for text in [
      "XRP", "xrp", "", "US", "USDT", "U D", "ÄÖÜ", String(repeating: "0", count: 40),
      "0000000000000000000000005852500000000000", String(repeating: "g", count: 40),
      String(repeating: "0", count: 41),
    ] {
      #expect(XRPCurrency.issued(text) == nil, "\(text)")
    }
  }

  @Test(arguments: [
    (0, "00"), (192, "c0"), (193, "c100"), (12_480, "f0ff"), (12_481, "f10000"), (918_744, "fed417"),
  ])
  func prefixesLengths(_ count: Int, _ prefix: String) throws {
    let encoded = try XRPEncoder.prefixed([UInt8](repeating: 7, count: count), "x")
    #expect(Hex.encode(encoded.prefix(encoded.count - count)) == prefix)
  }

  @Test func refusesLongerValues() {
    #expect(
      refusal { try XRPEncoder.prefixed([UInt8](repeating: 7, count: 918_745), "x") } == .malformedTransaction
    )
  }

  @Test func knowsEveryFieldOfEveryFormatOnce() throws {
    var orders: [UInt16: String] = [:]
    let formats =
      Array(XRPFormat.transactions.values) + [XRPFormat.common] + XRPFormat.elements.values.map(\.format)
    for name in Set(formats.flatMap { $0.required + $0.optional }) {
      let field = try #require(XRPField.named(name), "\(name)")
      #expect(orders.updateValue(name, forKey: field.order) == nil)
    }
    #expect(Set(XRPFormat.transactions.values.map(\.code)).count == XRPFormat.transactions.count)
  }

  /// From XLS-5: `r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59`.
  static let extended: [(String, UInt32?, Bool)] = [
    ("X7AcgcsBL6XDcUb289X4mJ8djcdyKaB5hJDWMArnXr61cqZ", nil, false),
    ("X7AcgcsBL6XDcUb289X4mJ8djcdyKaGZMhc9YTE92ehJ2Fu", 1, false),
    ("T719a5UwUCnEs54UsxG9CJYYDhwmFCqkr7wxCcNcfZ6p5GZ", nil, true),
    ("T719a5UwUCnEs54UsxG9CJYYDhwmFCvbJNZbi37gBGkRkbE", 1, true),
  ]

  @Test(arguments: extended)
  func readsXAddresses(_ text: String, _ tag: UInt32?, _ testnet: Bool) throws {
    let address = try #require(XRPAccount.Extended(text))
    #expect(address.account.address == "r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59")
    #expect(address.tag == tag)
    #expect(address.isTestnet == testnet)
    #expect(XRPAccount.Extended(text + "r") == nil)
    #expect(XRPAccount.Extended(String(text.dropLast())) == nil)
  }

  @Test func refusesXAddressesOfUnknownForm() {
    func text(_ flag: UInt8, _ tag: [UInt8], _ prefix: [UInt8] = [0x05, 0x44]) -> String {
      Base58Check.encode(prefix + [UInt8](repeating: 1, count: 20) + [flag] + tag, alphabet: .ripple)
    }
    #expect(XRPAccount.Extended(text(1, [1, 0, 0, 0x80, 0, 0, 0, 0]))?.tag == 0x8000_0001)
    #expect(XRPAccount.Extended(text(0, [1, 0, 0, 0, 0, 0, 0, 0])) == nil)
    #expect(XRPAccount.Extended(text(1, [0, 0, 0, 0, 1, 0, 0, 0])) == nil)
    #expect(XRPAccount.Extended(text(2, [0, 0, 0, 0, 1, 0, 0, 0])) == nil)
    #expect(XRPAccount.Extended(text(1, [0, 0, 0, 0, 0, 0, 0])) == nil)
    #expect(XRPAccount.Extended(text(1, [0, 0, 0, 0, 0, 0, 0, 0], [0x05, 0x45])) == nil)
  }

  @Test func expandsXAddresses() throws {
    let tagged: [(String, JSONValue?)] = [
      ("Destination", "T719a5UwUCnEs54UsxG9CJYYDhwmFCvbJNZbi37gBGkRkbE")
    ]
    let classic: [(String, JSONValue?)] = [
      ("Destination", "r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59"), ("DestinationTag", 1),
    ]
    let expected = try XRPSigning.sign(XRPSigning.changed(classic))
    #expect(try XRPSigning.sign(XRPSigning.changed(tagged)) == expected)
    #expect(try XRPSigning.sign(XRPSigning.changed(tagged + [("DestinationTag", 1)])) == expected)
    #expect(
      refusal { try XRPSigning.sign(XRPSigning.changed(tagged + [("DestinationTag", 2)])) }
        == .malformedTransaction)
    #expect(
      refusal { try XRPSigning.sign(XRPSigning.changed(tagged), testnet: false) } == .malformedTransaction)
    // No tag can be given for an issuer.
    let issued: JSONValue = [
      "currency": "USD", "value": "1", "issuer": "T719a5UwUCnEs54UsxG9CJYYDhwmFCvbJNZbi37gBGkRkbE",
    ]
    #expect(
      refusal { try XRPSigning.sign(XRPSigning.changed([("Amount", issued)])) } == .malformedTransaction)
  }

  @Test func takesThePathsThatServersShow() throws {
    let account = JSONValue.string(XRPSigning.other)
    func path(_ step: JSONValue) -> JSONValue { XRPSigning.changed([("Paths", [[step]])]) }
    let signed = try XRPSigning.sign(path(["account": account]))
    #expect(
      try XRPSigning.sign(path(["account": account, "type": 1, "type_hex": "0000000000000001"])) == signed)
    for step: JSONValue in [
      ["account": account, "type": 16], ["account": account, "type_hex": "0000000000000010"],
      ["account": account, "currency": "USD"], ["type": 0], ["account": account, "x": 1],
    ] {
      #expect(refusal { try XRPSigning.sign(path(step)) } == .malformedTransaction, "\(step)")
    }
  }
}
