internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

@Suite struct CardanoRefusalTests {
  private func refusal(_ body: () throws -> some Any) -> ChainError? {
    do {
      _ = try body()
      return nil
    } catch { return error as? ChainError }
  }

  private func expect(
    _ code: ErrorCode, _ words: String = "", _ location: SourceLocation = #_sourceLocation,
    _ body: () throws -> some Any
  ) {
    let error = refusal(body)
    #expect(error?.code == code, "\(error?.description ?? "signed")", sourceLocation: location)
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")", sourceLocation: location)
  }

  @Test func theSampleIsSigned() throws {
    #expect(refusal { try CardanoVectors.sign(body: CBORText.body()) } == nil)
  }

  /// One difference between body and operations at a time.
  @Test func refusesABodyThatIsNotTheOperations() throws {
    let change = try CBORText.output(CardanoVectors.address, CBORText.uint(1_800_000))
    let paid = try CBORText.output(CardanoVectors.other, CBORText.uint(8_000_000))
    for body in [
      try CBORText.body(fee: 200_001), try CBORText.body(fee: 199_999), try CBORText.body(fee: 0),
      try CBORText.body(ttl: 50_000_001), try CBORText.body(ttl: 49_999_999),
      try CBORText.body(inputs: CBORText.array([CBORText.coin(0x12, 0)])),
      try CBORText.body(inputs: CBORText.array([CBORText.coin(0x11, 1)])),
      try CBORText.body(inputs: CBORText.array([CBORText.coin(0x11, 0), CBORText.coin(0x11, 0)])),
      try CBORText.body(inputs: CBORText.array([CBORText.coin(0x11, 0), CBORText.coin(0x12, 0)])),
      try CBORText.body(inputs: CBORText.array([])),
      try CBORText.body(outputs: CBORText.array([change, paid])),
      try CBORText.body(outputs: CBORText.array([paid])),
      try CBORText.body(outputs: CBORText.array([paid, change, change])),
      try CBORText.body(
        outputs: CBORText.array([try CBORText.output(CardanoVectors.other, CBORText.uint(8_000_001)), change])
      ),
      try CBORText.body(
        outputs: CBORText.array([
          try CBORText.output(CardanoVectors.address, CBORText.uint(8_000_000)), change,
        ])),
    ] {
      expect(.contentMismatch) { try CardanoVectors.sign(body: body) }
    }
  }

  @Test(arguments: UInt64(4)...30)
  func refusesEverythingElseInABody(member: UInt64) throws {
    for value in [CBORText.array([]), CBORText.uint(0), CBORText.map([])] {
      expect(.contentMismatch, "operations do not show") {
        try CardanoVectors.sign(body: CBORText.body(more: [(member, value)]))
      }
    }
  }

  @Test func refusesDataAndScriptsInOutputs() throws {
    let address = try CardanoAddress(CardanoVectors.other, testnet: true, member: "").bytes
    let change = try CBORText.output(CardanoVectors.address, CBORText.uint(1_800_000))
    let hash = CBORText.bytes([UInt8](repeating: 1, count: 32))
    let parts = [CBORText.bytes(address), CBORText.uint(8_000_000)]
    let members = [(CBORText.uint(0), parts[0]), (CBORText.uint(1), parts[1])]
    for output in [
      CBORText.array(parts + [hash]), CBORText.map(members + [(CBORText.uint(2), hash)]),
      CBORText.map(members + [(CBORText.uint(3), hash)]),
    ] {
      expect(.contentMismatch, "data or a script") {
        try CardanoVectors.sign(body: CBORText.body(outputs: CBORText.array([output, change])))
      }
    }
  }

  @Test func refusesTransactionsThatHoldMoreThanABody() throws {
    let body = try CBORText.body()
    let hex = Hex.encode(body)
    for text in [
      // Witnesses of somebody else, invalid, metadata; before Alonzo the same.
      "84\(hex)a10080f5f6", "84\(hex)a0f4f6", "84\(hex)a0f5a0", "83\(hex)a0a0", "83\(hex)a10080f6",
    ] {
      expect(.contentMismatch, "witnesses or auxiliary data") {
        try CardanoVectors.sign(body: body) { $0.set("unsignedTransaction", .string(text)) }
      }
    }
    #expect(
      refusal {
        try CardanoVectors.sign(body: body) { $0.set("unsignedTransaction", .string("83\(hex)a0f6")) }
      }
        == nil)
  }

  @Test(arguments: [
    "", "0", "zz", "00", "80", "82", "f6", "8160", "8260f6", "82617af6", "8261f6", "826161", "82626161f6",
    "8262613ff6f6",
    "85a0a0f5f6f6", "84a0a0f5", "9fa0ff", "a1", "a0", "a10080", "a4008001800200f603", "a40080018002000300ff",
    "40",
  ])
  func refusesUnsignedTransactionsThatAreNone(text: String) throws {
    let body = try CBORText.body()
    let code = refusal {
      try CardanoVectors.sign(body: body) { $0.set("unsignedTransaction", .string(text)) }
    }?.code
    #expect(code == .malformedTransaction || code == .contentMismatch)
  }

  @Test func refusesBodiesOfTheWrongShape() throws {
    let bytes = CBORText.bytes([1])
    for body in [
      try CBORText.body(inputs: bytes), try CBORText.body(outputs: bytes),
      try CBORText.body(inputs: CBORText.array([bytes])), try CBORText.body(outputs: CBORText.array([bytes])),
      try CBORText.body(outputs: CBORText.array([CBORText.array([bytes])])),
      try CBORText.body(outputs: CBORText.array([CBORText.array([bytes, bytes])])),
      try CBORText.body(
        outputs: CBORText.array([CBORText.array([bytes, CBORText.array([CBORText.uint(1)])])])),
      try CBORText.body(
        outputs: CBORText.array([
          CBORText.array([bytes, CBORText.array([CBORText.uint(1), CBORText.map([(bytes, bytes)])])])
        ])), try CBORText.body(inputs: CBORText.tag(259, CBORText.array([]))),
      CBORText.map([]), CBORText.map([(CBORText.bytes([0]), bytes)]),
      CBORText.map([(CBORText.uint(0), CBORText.array([])), (CBORText.uint(1), CBORText.array([]))]),
    ] {
      expect(.malformedTransaction, "unsignedTransaction") { try CardanoVectors.sign(body: body) }
    }
    let withoutTTL = CBORText.map([
      (CBORText.uint(0), CBORText.array([CBORText.coin(0x11, 0)])), (CBORText.uint(1), CBORText.array([])),
      (CBORText.uint(2), CBORText.uint(1)),
    ])
    expect(.contentMismatch, "ttl") { try CardanoVectors.sign(body: withoutTTL) }
  }

  @Test(arguments: ["ttl", "unsignedTransaction", "payloads"])
  func refusesAContextWithoutAMember(member: String) throws {
    expect(.contextMissing, member) {
      try CardanoVectors.sign(body: CBORText.body()) { $0.set(member, nil) }
    }
    for value: JSONValue in [true, ["a": 1], .string("?")] {
      #expect(
        refusal { try CardanoVectors.sign(body: CBORText.body()) { $0.set(member, value) } }?.code
          == .malformedTransaction)
    }
  }

  @Test func refusesPayloadsThatAreNotTheTransaction() throws {
    let body = try CBORText.body()
    let id = JSONValue.string(Hex.encode(Hash.blake2b(body, count: 32)))
    let address = JSONValue.string(CardanoVectors.address)
    let zeros = JSONValue.string(String(repeating: "0", count: 64))
    for payloads: JSONValue in [
      [["address": address, "hex": zeros]], [["address": .string(CardanoVectors.other), "hex": id]],
      [["address": address, "hex": id], ["address": address, "hex": zeros]],
      [["address": address, "hex": id], ["address": .string(CardanoVectors.other), "hex": id]], [],
    ] {
      expect(.contentMismatch, "context.payloads") {
        try CardanoVectors.sign(body: body) { $0.set("payloads", payloads) }
      }
    }
    for payloads: JSONValue in [[[:]], [1], [["address": address]], [["hex": id]]] {
      expect(.malformedTransaction, "context.payloads") {
        try CardanoVectors.sign(body: body) { $0.set("payloads", payloads) }
      }
    }
  }

  @Test func refusesKeysOfOthersAndInputsWithoutKey() throws {
    let body = try CBORText.body()
    let stranger = try CardanoWallets().generatePrivateKey(testnet: true).secret
    let material = try CardanoWallets().key(kind: .privateKey, secret: stranger, index: nil, testnet: true)
    expect(.keyNotSender) {
      try CardanoVectors.sign(body: body) {
        $0.keys = [SigningKey(reference: KeyReference(signatureID: "", index: nil), privateKey: material)]
      }
    }
    expect(.walletNotFound, "11:0") { try CardanoVectors.sign(body: body) { $0.keys = [] } }
    // Two inputs of two keys, one key.
    let vector = try EVMVectors.value(
      try CardanoVectors.pending().first { $0["name"] == "two inputs of two keys, mainnet" })
    var request = try CardanoVectors.request(vector)
    request.keys.removeLast()
    expect(.walletNotFound, "2222:3") { try CardanoVectors.chain.sign(request) }
  }

  @Test func refusesHighFees() throws {
    for fee in [10_000_000, 10_000_001] as [UInt64] {
      var sample = CardanoVectors.Sample()
      sample.inputs[0].value = "-\(9_800_000 + fee)"
      let error = refusal { try CardanoVectors.sign(sample.operations, body: CBORText.body(fee: fee)) }
      #expect(error?.code == (fee > 10_000_000 ? .feeTooHigh : nil))
    }
    var policy = SigningPolicy()
    _ = policy.setMaximumFee("199999", of: "ADA")
    expect(.feeTooHigh, "199999") { try CardanoVectors.sign(body: CBORText.body(), policy: policy) }
    _ = policy.setMaximumFee("200000", of: "ADA")
    #expect(refusal { try CardanoVectors.sign(body: CBORText.body(), policy: policy) } == nil)
    // What is no limit is not taken, and changes none.
    _ = policy.setMaximumFee("199999", of: "ADA")
    let isTaken = policy.setMaximumFee("1 ada", of: "ADA")
    #expect(!isTaken)
    expect(.feeTooHigh, "199999") { try CardanoVectors.sign(body: CBORText.body(), policy: policy) }
  }

  @Test func refusesTheOlderFormWithAClearWord() throws {
    expect(.malformedTransaction, "older versions") {
      try RosettaOperations(
        parsing: #"{"fee":"1","changeAddress":"a","txData":{"to":[]},"privateKeysToSign":[]}"#, testnet: true)
    }
  }

  @Test func refusesOperationsThatAreNone() throws {
    let text = CardanoVectors.Sample().operations.text
    let id = Hex.encode([UInt8](repeating: 0x11, count: 32))
    for (old, new) in [
      ("\"type\":\"input\"", "\"type\":\"stakeDelegation\""),
      ("\"type\":\"output\"", "\"type\":\"withdrawal\""),
      ("\"-10000000\"", "\"10000000\""), ("\"-10000000\"", "\"-\""), ("\"-10000000\"", "\"--1\""),
      ("\"-10000000\"", "\"-18446744073709551616\""), ("\"-10000000\"", "\"-9799999\""),
      ("\"8000000\"", "\"-8000000\""),
      ("\"8000000\"", "\"8.0\""), ("\"8000000\"", "\"18446744073709551615\""), ("\"8000000\"", "null"),
      ("\"ADA\"", "\"LOVELACE\""), ("\"decimals\":6", "\"decimals\":5"), (CardanoVectors.other, "addr1"),
      (CardanoVectors.other, "addr1v8kyjg2c9nzgtvlcqldjhaua65s5n6zcetsl679hzyxdvkgpg0ewp"),
      ("\(id):0", "\(id):"),
      ("\(id):0", "\(id):-1"), ("\(id):0", "\(id)"), ("\(id):0", "11:0"), ("\(id):0", "\(id):0:0"),
      ("coin_identifier", "coin"), ("\"account\"", "\"sender\""), ("\"amount\"", "\"value\""),
      ("\"metadata\":{}}]", "\"metadata\":{\"tokenBundle\":{}}}]"),
      ("\"metadata\":{}}]", "\"metadata\":{\"tokenBundle\":[{}]}}]"),
    ] {
      let changed = text.replacing(old, with: new)
      #expect(changed != text, "\(old)")
      #expect(
        refusal { try RosettaOperations(parsing: changed, testnet: true) }?.code == .malformedTransaction,
        "\(old) → \(new)")
    }
    for text in ["", "null", "1", "\"\"", "[]", "[1]", "[null]", "[{}]", "{}", "[[]]"] {
      #expect(
        refusal { try RosettaOperations(parsing: text, testnet: true) }?.code == .malformedTransaction)
    }
    var twice = CardanoVectors.Sample()
    twice.inputs.append(twice.inputs[0])
    expect(.malformedTransaction, "twice") {
      try RosettaOperations(parsing: twice.operations.text, testnet: true)
    }
  }
}

extension SigningCase {
  /// Sets or removes a member of the context.
  mutating func set(_ member: String, _ value: JSONValue?) {
    var object = context.object ?? JSONObject()
    object[member] = value
    context = .object(object)
  }
}
