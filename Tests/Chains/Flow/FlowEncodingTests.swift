internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

@Suite struct FlowEncodingTests {
  private func bytes(_ json: JSONValue?) throws -> [UInt8] {
    try EVMVectors.value(Hex.decodePrefixed(json?.string ?? ""))
  }

  /// Sources pad addresses and block ids on the left.
  private func padded(_ bytes: [UInt8], to count: Int) -> [UInt8] {
    [UInt8](repeating: 0, count: max(0, count - bytes.count)) + bytes
  }

  private func address(_ json: JSONValue?) throws -> FlowAddress {
    try EVMVectors.value(FlowAddress(Hex.encode(padded(bytes(json), to: 8))))
  }

  /// fcl-js and flow-go-sdk.
  @Test func encodesThePayloadsOfTheSDKs() throws {
    var count = 0
    for vector in try EVMVectors.vectors("transactions/flow") {
      guard let expected = vector["expected"]?["payload"]?.string, let unsigned = vector["unsigned"],
        let cadence = unsigned["cadence"]?.string
      else { continue }
      let key = try EVMVectors.value(unsigned["proposalKey"])
      let payload = FlowPayload(
        script: Array(cadence.utf8),
        arguments: try EVMVectors.value(unsigned["arguments"]?.array).map {
          Array(($0.string ?? $0.text).utf8)
        },
        referenceBlockID: padded(try bytes(unsigned["refBlock"]), to: 32),
        gasLimit: try EVMVectors.value(unsigned["computeLimit"]?.uint64),
        proposer: try address(key["address"]), proposerKeyID: try EVMVectors.value(key["keyId"]?.uint64),
        sequenceNumber: try EVMVectors.value(key["sequenceNum"]?.uint64),
        payer: try address(unsigned["payer"]),
        authorizers: try EVMVectors.value(unsigned["authorizers"]?.array).map { try address($0) })
      let message = FlowPayload.message(payload.encoded)
      #expect(Hex.encode(message) == expected, "\(vector["name"]?.string ?? "")")
      if let hash = vector["expected"]?["payloadHash"]?.string {
        #expect(Hex.encode(Hash.sha3_256(message)) == hash)
      }
      count += 1
    }
    #expect(count >= 13)
  }

  /// tatum-js v2.
  @Test func makesTheSignaturesOfTheOriginal() throws {
    var count = 0
    for vector in try EVMVectors.vectors("transactions/flow") where vector["flag"] == "signatureOnly" {
      let message = try bytes(vector["unsigned"]?["messageHex"])
      let key = try Secp256k1PrivateKey(
        FlowVectors.material(EVMVectors.value(vector["privateKeys"]?.array?.first?.string)).secret)
      let signature = try FlowPayload.signature(of: message, key: key)
      #expect(Hex.encode(signature) == vector["expected"]?["signature"]?.string)
      count += 1
    }
    #expect(count == 2)
  }

  /// fcl-js util-encode-key: the same keys with our two weights.
  @Test func encodesAccountKeys() throws {
    var count = 0
    for vector in try EVMVectors.value(
      try EVMVectors.file("Chains/Vectors/transactions/flow.json")["encodeKey"]?.array)
    where vector["signatureAlgorithm"]?.uint64 == 3 && vector["hashAlgorithm"]?.uint64 == 3 {
      let encoded = FlowKey.encoded(
        try bytes(vector["publicKey"]), weight: try EVMVectors.value(vector["weight"]?.uint64))
      #expect(Hex.encode(encoded) == vector["encoded"]?.string)
      count += 1
    }
    #expect(count >= 1)
  }

  @Test(arguments: [
    ("0", "0.00000000"), ("1", "1.00000000"), ("0.001", "0.00100000"), ("12.5", "12.50000000"),
    ("00012.50", "12.50000000"), ("0.00000001", "0.00000001"), ("0.123456780000", "0.12345678"),
    ("184467440737.09551615", "184467440737.09551615"), ("0.1", "0.10000000"), ("0.3", "0.30000000"),
    ("123456789.12345678", "123456789.12345678"), (".5", "0.50000000"), ("1.", "1.00000000"),
    ("+1.5", "1.50000000"), ("00000000000000000000001", "1.00000000"),
  ])
  func readsAmountsExactly(text: String, expected: String) {
    #expect(FlowAmount(text)?.text == expected)
  }

  @Test(arguments: [
    "", ".", "+", "+.", "-1", "++1", "+-1", "1+", "1e3", "1,5", " 1", "1 ", "0x1", "1.2.3", "0.000000001",
    "184467440737.09551616",
    "184467440738", "٣", "NaN", "Infinity",
  ])
  func refusesAmountsThatAreNotExact(text: String) { #expect(FlowAmount(text) == nil) }

  @Test(arguments: [
    "", "0x", "955cd3f17b2fd8a", "0x955cd3f17b2fd8ad0", "0x955cd3f17b2fd8ag", "0X955cd3f17b2fd8ad",
    "+955cd3f17b2fd8a",
    "-955cd3f17b2fd8a", "0x+55cd3f17b2fd8ad", " 955cd3f17b2fd8a",
  ])
  func refusesAddressesThatAreNone(text: String) { #expect(FlowAddress(text) == nil) }

  /// Published accounts of each network: core contracts, the API's contract, accounts of the API's documentation.
  @Test func tellsTheNetworkOfAnAddress() throws {
    for (text, testnet) in [
      ("1654653399040a61", false), ("f233dcee88fe0abe", false), ("3c5959b568896393", false),
      ("1d7e57aa55817448", false), ("354e6721564ccd2c", false), ("e467b9dd11fa00df", false),
      ("7e60df042a9c0868", true), ("9a0766d93b6608b7", true), ("e223d8a629e49c68", true),
      ("631e88ae7f1d7c20", true), ("87fe4ebd0cddde06", true), ("955cd3f17b2fd8ad", true),
    ] {
      let address = try EVMVectors.value(FlowAddress(text))
      #expect(address.isValid(testnet: testnet) && !address.isValid(testnet: !testnet))
      for bit in 0..<64 {
        let wrong = try EVMVectors.value(FlowAddress(hex16(address.number ^ 1 << UInt64(bit))))
        #expect(!wrong.isValid(testnet: testnet))
      }
    }
    // The local emulator's.
    let other = try EVMVectors.value(FlowAddress("f8d6e0586b0a20c7"))
    #expect(!other.isValid(testnet: true) && !other.isValid(testnet: false))
  }

  private func hex16(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }

  @Test func writesAddresses() {
    #expect(FlowAddress("955CD3F17b2fd8ad")?.text == "0x955cd3f17b2fd8ad")
    #expect(FlowAddress("0x0000000000000001")?.text == "0x0000000000000001")
    #expect(FlowAddress("0x0000000000000001")?.bytes == [0, 0, 0, 0, 0, 0, 0, 1])
  }

  @Test(arguments: [
    (#"{"type":"Bool","value":true}"#, #"{"type":"Bool","value":true}"#),
    (#"{"type":"Character","value":"a"}"#, #"{"type":"Character","value":"a"}"#),
    (#"{"type":"Int","value":"-5"}"#, #"{"type":"Int","value":"-5"}"#),
    (#"{"type":"Word64","value":5}"#, #"{"type":"Word64","value":"5"}"#),
    (#"{"type":"Fix64","value":"-1.5"}"#, #"{"type":"Fix64","value":"-1.50000000"}"#),
    (#"{"type":"UFix64","value":"1"}"#, #"{"type":"UFix64","value":"1.00000000"}"#),
    (#"{"type":"UInt8","value":"255"}"#, #"{"type":"UInt8","value":"255"}"#),
    (#"{"type":"Int8","value":"-128"}"#, #"{"type":"Int8","value":"-128"}"#),
    (
      #"{"type":"Fix64","value":"-92233720368.54775808"}"#,
      #"{"type":"Fix64","value":"-92233720368.54775808"}"#
    ),
    (
      #"{"type":"Int256","value":"-57896044618658097711785492504343953926634992332820282019728792003956564819968"}"#,
      #"{"type":"Int256","value":"-57896044618658097711785492504343953926634992332820282019728792003956564819968"}"#
    ),
    (#"{"type":"Array","subType":"Address","value":[]}"#, #"{"type":"Array","value":[]}"#),
    (
      #"{"type":"String","value":"\u0001\"\\/\n\u20ac🙂"}"#,
      "{\"type\":\"String\",\"value\":\"\\u0001\\\"\\\\/\\n€🙂\"}"
    ),
  ])
  func writesCustomArguments(text: String, expected: String) throws {
    let argument = try FlowArgument(custom: try JSONValue(parsing: text), member: "argument")
    #expect(String(decoding: argument.bytes, as: UTF8.self) == expected)
  }

  @Test(arguments: [
    "1", "{}", #"{"type":"Int"}"#, #"{"value":"1"}"#, #"{"type":"Int","value":"1.5"}"#,
    #"{"type":"UInt8","value":"-1"}"#,
    #"{"type":"Int","value":""}"#, #"{"type":"Int","value":"-"}"#, #"{"type":"Bool","value":"true"}"#,
    #"{"type":"String","value":1}"#, #"{"type":"Address","value":"0x1"}"#,
    #"{"type":"UFix64","value":"-1.0"}"#, #"{"type":"UInt8","value":"256"}"#,
    #"{"type":"Int8","value":"128"}"#, #"{"type":"Int8","value":"-129"}"#,
    #"{"type":"Word64","value":"18446744073709551616"}"#, #"{"type":"Fix64","value":"92233720368.54775808"}"#,
    #"{"type":"Fix64","value":"-92233720368.54775809"}"#, #"{"type":"Character","value":"ab"}"#,
    #"{"type":"Character","value":""}"#, #"{"type":"Int","value":"+1"}"#,
    #"{"type":"Int256","value":"57896044618658097711785492504343953926634992332820282019728792003956564819968"}"#,
    #"{"type":"Array","value":[]}"#, #"{"type":"Array","subType":"Array","value":[[]]}"#,
    #"{"type":"Array","subType":"Int","value":"1"}"#, #"{"type":"Dictionary","value":[]}"#,
    #"{"type":"Resource","value":{}}"#, #"{"type":"Optional","value":null}"#,
  ])
  func refusesCustomArguments(text: String) throws {
    let json = try JSONValue(parsing: text)
    #expect(throws: ChainError.self) { try FlowArgument(custom: json, member: "argument") }
  }
}
