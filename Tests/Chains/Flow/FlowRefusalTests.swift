internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

@Suite struct FlowRefusalTests {
  private func code(_ body: () throws -> some Any) -> ErrorCode? {
    do {
      _ = try body()
      return nil
    } catch { return (error as? ChainError)?.code }
  }

  private func context(_ path: [String], _ value: JSONValue?) -> JSONValue {
    var object = FlowVectors.context.object ?? JSONObject()
    if path.count == 2 {
      var inner = object[path[0]]?.object ?? JSONObject()
      inner[path[1]] = value
      object[path[0]] = .object(inner)
    } else {
      object[path[0]] = value
    }
    return .object(object)
  }

  static let paths: [[String]] = [
    ["referenceBlockId"], ["gasLimit"], ["proposer"], ["proposer", "address"], ["proposer", "keyId"],
    ["proposer", "sequenceNumber"], ["payer"], ["payer", "address"], ["payer", "keyId"], ["account"],
    ["account", "address"], ["account", "keyId"], ["account", "publicKey"],
  ]

  @Test(arguments: paths)
  func refusesAContextWithoutAMember(path: [String]) throws {
    let text = FlowVectors.samples[2]
    do {
      _ = try FlowVectors.sign(text, context: context(path, nil))
      Issue.record("signed without \(path)")
    } catch let error as ChainError {
      #expect(error.code == .contextMissing && error.message.contains(path.joined(separator: ".")))
    }
    for value: JSONValue in [true, "", "?", [1], "0x12", "-1", 1] where path != ["gasLimit"] {
      let code = code { try FlowVectors.sign(text, context: context(path, value)) }
      let isNumber = ["keyId", "sequenceNumber"].contains(path.last) && value == 1
      #expect(
        isNumber ? code == nil : code == .malformedTransaction || code == .contextMissing, "\(path) \(value)")
    }
  }

  @Test func refusesAnotherAccountOrKey() throws {
    let text = FlowVectors.samples[2]
    #expect(
      code { try FlowVectors.sign(text, context: context(["account", "address"], "0x21cbd745a4df66f1")) }
        == .contentMismatch)
    #expect(
      code {
        try FlowVectors.sign(text, context: context(["payer", "address"], .string(FlowVectors.account)))
      }
        == .contentMismatch)
    let stranger = try FlowVectors.material("1").address
    #expect(
      code { try FlowVectors.sign(text, context: context(["account", "publicKey"], .string(stranger))) }
        == .keyNotSender)
    var request = try FlowVectors.request(text, secret: "1")
    #expect(code { try FlowVectors.chain.sign(request) } == .keyNotSender)
    request.keys = []
    #expect(code { try FlowVectors.chain.sign(request) } == .walletNotFound)
  }

  @Test(arguments: [
    "", "null", "[]", "{}", #"{"type":2}"#, #"{"type":2,"body":[]}"#, #"{"body":{}}"#,
    #"{"type":-1,"body":{}}"#,
    #"{"type":"x","body":{}}"#, #"{"type":2.5,"body":{"account":"0x955cd3f17b2fd8ad"}}"#,
    #"{"type":2,"body":{}}"#,
    FlowVectors.text(2, ["to": "0x21cbd745a4df66f1", "amount": "1", "currency": "USDC"]),
    FlowVectors.text(2, ["to": "0x21cbd745a4df66f1", "amount": "1"]),
    FlowVectors.text(2, ["to": "0x21cbd745a4df66f1", "amount": "1.123456789", "currency": "FLOW"]),
    FlowVectors.text(2, ["to": "0x21cbd745a4df66f1", "currency": "FLOW"]),
    FlowVectors.text(2, ["to": "0x21", "amount": "1", "currency": "FLOW"]),
    FlowVectors.text(2, ["amount": "1", "currency": "FLOW"]),
    FlowVectors.text(0, ["publicKey": "00"]), FlowVectors.text(0, [:]),
    FlowVectors.text(1, ["publicKey": .string(String(repeating: "0", count: 128))]),
    FlowVectors.text(5, ["to": ["0x21cbd745a4df66f1"], "url": [], "contractAddress": "a"]),
    FlowVectors.text(5, ["to": [], "url": [], "contractAddress": "a"]),
    FlowVectors.text(5, ["to": "0x21cbd745a4df66f1", "url": "a", "contractAddress": "a"]),
    FlowVectors.text(6, ["tokenId": "-1", "contractAddress": "a"]), FlowVectors.text(6, ["tokenId": "1"]),
    FlowVectors.text(7, ["tokenId": "18446744073709551616", "to": "0x21cbd745a4df66f1"]),
    FlowVectors.text(8, [:]), FlowVectors.text(8, ["transaction": "", "args": [:]]),
    FlowVectors.text(8, ["transaction": "", "args": [1]]),
  ])
  func refusesTransactionsThatAreNone(text: String) throws {
    #expect(code { try FlowVectors.sign(text, allowCustomScripts: true) } == .malformedTransaction)
  }

  /// Decision 21. Addresses that no network gives out pass: there the chain says no.
  @Test func refusesAddressesOfTheOtherNetwork() throws {
    for sample in FlowVectors.samples {
      let other = FlowVectors.of(testnet: false, sample)
      #expect(code { try FlowVectors.sign(other) } == .malformedTransaction)
      #expect(code { try FlowVectors.sign(sample, testnet: false) } == .malformedTransaction)
    }
    let to = FlowVectors.text(2, ["to": "0xf919ee77447b7497", "amount": "1", "currency": "FLOW"])
    #expect(code { try FlowVectors.sign(to) } == .malformedTransaction)
    for testnet in [true, false] {
      let to = FlowVectors.text(2, ["to": "0x0000000000000001", "amount": "1", "currency": "FLOW"])
      #expect(
        try PendingFlowTransaction(parsing: FlowVectors.of(testnet: testnet, to), testnet: testnet).action
          == .transfer(
            .flow, EVMVectors.value(FlowAmount("1")), to: EVMVectors.value(FlowAddress("0x0000000000000001")))
      )
    }
  }

  static let strange: [JSONValue] = [
    .null, true, 0, -1, 1, "", " ", "0", "1.5", "1e3", "0x1", "\u{0}", "🙂", [], [[]], [:], ["a": 1],
    .string(String(repeating: "9", count: 5000)), .string(String(repeating: "a", count: 128)),
    "18446744073709551615", "0x21cbd745a4df66f1", "0x955cd3f17b2fd8ad", ["0x21cbd745a4df66f1"], "FLOW",
  ]

  /// The original writes the key into the body before it signs; what stands there counts for nothing here.
  @Test func usesNoKeyOfTheBody() throws {
    let text = FlowVectors.samples[2]
    let other = text.replacing("\"body\":{", with: "\"body\":{\"privateKey\":\"1\",\"mnemonic\":\"a\",")
    #expect(other != text)
    #expect(try FlowVectors.sign(other) == FlowVectors.sign(text))
  }

  /// Every member of every type and of the context: signed with what it says, or refused.
  @Test func everyMemberMayBeStrangeOrMissing() throws {
    let members = [
      "account", "publicKey", "to", "amount", "currency", "url", "contractAddress", "tokenId", "transaction",
      "args",
      "privateKey", "surprise",
    ]
    var signed = 0
    for sample in FlowVectors.samples + [FlowVectors.custom] {
      let json = try JSONValue(parsing: sample)
      for member in members {
        for value in [nil] + Self.strange.map(Optional.some) {
          var body = try EVMVectors.value(json["body"]?.object)
          body[member] = value
          var changed = try EVMVectors.value(json.object)
          changed["body"] = .object(body)
          let text = JSONValue.object(changed).text
          guard let result = try? FlowVectors.sign(text, allowCustomScripts: true) else { continue }
          let pending = try PendingFlowTransaction(parsing: text, testnet: true)
          let payload = try FlowVectors.payload(result.txData)
          #expect(payload.arguments == pending.script(testnet: true).arguments.map(\.json))
          signed += 1
        }
      }
    }
    #expect(signed > 1000)
    for path in Self.paths {
      for value in Self.strange {
        _ = try? FlowVectors.sign(FlowVectors.samples[2], context: context(path, value))
      }
    }
    for value in Self.strange { _ = try? FlowVectors.sign(FlowVectors.samples[2], context: value) }
  }

  @Test func everyByteOfTheTextMayChange() throws {
    var generator = SeededGenerator(state: 539)
    for _ in 0..<2500 {
      var bytes = Array(
        (FlowVectors.samples + [FlowVectors.custom]).randomElement(using: &generator)?.utf8 ?? "".utf8)
      for _ in 0...Int.random(in: 0...2, using: &generator) {
        let at = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0...2, using: &generator) {
        case 0: bytes[at] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.remove(at: at)
        default: bytes.insert(UInt8.random(in: 32...126, using: &generator), at: at)
        }
      }
      do { _ = try FlowVectors.sign(String(decoding: bytes, as: UTF8.self), allowCustomScripts: true) } catch
      {
        #expect(error is ChainError)
      }
    }
  }

  /// Truncated and flipped payloads: RLP is read without a trap, and only as what it encodes.
  @Test func payloadsSurviveDamage() throws {
    for sample in FlowVectors.samples {
      let bytes = try EVMVectors.value(Hex.decode(FlowVectors.sign(sample).txData))
      #expect(RLP.encode(try RLP.decode(bytes)) == bytes)
      for count in bytes.indices {
        #expect(throws: RLP.DecodingError.self) { try RLP.decode(Array(bytes[..<count])) }
      }
      for bit in stride(from: 0, to: 8 * bytes.count, by: 3) {
        var changed = bytes
        changed[bit / 8] ^= 1 << UInt8(bit % 8)
        if let item = try? RLP.decode(changed) { #expect(RLP.encode(item) == changed) }
      }
    }
  }
}
