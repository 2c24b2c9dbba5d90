internal import KMSCrypto
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

@Suite struct BNBRefusalTests {
  /// All values of `json`, each replaced by others, one at a time.
  func variants(of json: JSONValue) -> [JSONValue] {
    switch json {
    case .object(let object):
      var all: [JSONValue] = [[], "", .null]
      for member in object.members {
        for variant in variants(of: member.value) {
          var changed = object
          changed[member.name] = variant
          all.append(.object(changed))
        }
      }
      var more = object
      more["surprise"] = 1
      return all + [.object(more)]
    case .array(let items):
      var all: [JSONValue] = [
        .array(items + items), .array(items.dropLast()), [:], .null, .array(items + [.null]),
      ]
      for i in items.indices {
        for variant in variants(of: items[i]) {
          var changed = items
          changed[i] = variant
          all.append(.array(changed))
        }
      }
      return all
    case .string(let text):
      return [
        .null, "", .string(text + "1"), .string(text.lowercased() + "q"), .string(String(text.dropLast())), 7,
      ]
    case .number(let number):
      return [
        .null, 0, -1, .string(number.digits), .number(JSONNumber((number.uint64 ?? 0) + 1)),
        .number(JSONNumber((number.uint64 ?? 0) + 256)), .number(JSONNumber(UInt64.max)), true,
      ]
    default: return [0, ""]
    }
  }

  /// Defect F21: what is shown is what is signed.
  @Test func everyMemberOfOneSideCounts() throws {
    let object = try BNBVectors.object()
    var codes: [ErrorCode: Int] = [:]
    for side in ["msg", "signMsg"] {
      for variant in variants(of: try #require(object[side])) {
        var changed = object
        changed[side] = variant
        let code = BNBVectors.refusal(JSONValue.object(changed).text)
        #expect(code != nil, Comment(rawValue: variant.text))
        if let code { codes[code, default: 0] += 1 }
      }
    }
    #expect(codes[.contentMismatch, default: 0] > 30)
    #expect(codes[.malformedTransaction, default: 0] > 200)
    #expect(codes.count == 2)
  }

  @Test(arguments: ["", "null", "[]", "\"{}\"", "{}", #"{"msg":{}}"#, #"{"msg":{},"signMsg":{}}"#])
  func refusesTextThatIsNoTransfer(text: String) {
    #expect(BNBVectors.refusal(text) == .malformedTransaction)
  }

  @Test func refusesOtherMembersAndMemos() throws {
    let strange: [(String, JSONValue)] = [
      ("surprise", 1), ("source", 1), ("memo", 7), ("memo", ["a"]), ("memo", "a<b"), ("memo", "a&b"),
      ("memo", "a>b"), ("memo", "\n"), ("memo", "\u{0}"), ("memo", "\u{2028}"), ("memo", "\u{2029}"),
      ("memo", .string(String(repeating: "a", count: 129))),
      ("memo", .string(String(repeating: "é", count: 65))),
    ]
    for (member, value) in strange {
      var object = try BNBVectors.object()
      object[member] = value
      #expect(
        BNBVectors.refusal(JSONValue.object(object).text) == .malformedTransaction,
        Comment(rawValue: value.text))
    }
    for memo: JSONValue in [.null, "", "été ☺ \"\\/", "\u{7F}", .string(String(repeating: "a", count: 128))] {
      var object = try BNBVectors.object()
      object["memo"] = memo
      #expect(BNBVectors.refusal(JSONValue.object(object).text) == nil, Comment(rawValue: memo.text))
    }
  }

  /// Changes both sides of the test transaction, so that they stay equal.
  func both(_ change: (inout JSONObject) -> Void) throws -> String {
    var object = try BNBVectors.object()
    for side in ["msg", "signMsg"] {
      var inner = try #require(object[side]?.object)
      change(&inner)
      object[side] = .object(inner)
    }
    return JSONValue.object(object).text
  }

  @Test func refusesSeveralSendersAndOtherSums() throws {
    let doubled = try both { inner in
      for side in ["inputs", "outputs"] {
        let items = inner[side]?.array ?? []
        inner[side] = .array(items + items)
      }
    }
    #expect(BNBVectors.refusal(doubled) == .malformedTransaction)
    let unequal = try both { inner in
      let items = inner["outputs"]?.array ?? []
      inner["outputs"] = .array(items + items)
    }
    #expect(BNBVectors.refusal(unequal) == .malformedTransaction)
  }

  @Test func refusesTheKeyOfAnotherSender() throws {
    let text = JSONValue.object(try BNBVectors.object()).text
    #expect {
      try BNBVectors.chain.sign(
        BNBVectors.request(
          text, context: BNBSigningTests.with("from", nil), secret: String(repeating: "46", count: 32))
      )
    } throws: { ($0 as? ChainError)?.code == .keyNotSender }
    let other = BNBSigningTests.with("from", "tbnb1hlly02l6ahjsgxw9wlcswnlwdhg4xhx3kzt4qx")
    #expect(BNBVectors.refusal(text, context: other) == .keyNotSender)
    var request = try BNBVectors.request(text)
    request.keys = []
    #expect { try BNBVectors.chain.sign(request) } throws: { ($0 as? ChainError)?.code == .walletNotFound }
  }

  @Test func refusesTheAddressesOfAnotherNetwork() throws {
    let text = JSONValue.object(try BNBVectors.object()).text
    #expect(BNBVectors.refusal(text, testnet: false) == .malformedTransaction)
  }

  @Test func pinsTheChainID() throws {
    #expect(BNBChain.chainID(testnet: false) == "Binance-Chain-Tigris")
    let text = JSONValue.object(try BNBVectors.object()).text
    for id: JSONValue in ["Binance-Chain-Tigris", "Binance-Chain-Nile", "", 714, "binance-chain-ganges"] {
      #expect(
        BNBVectors.refusal(text, context: BNBSigningTests.with("chainId", id)) == .chainIDMismatch)
    }
    #expect(BNBVectors.refusal(text, context: BNBSigningTests.with("chainId", nil)) == nil)
  }

  @Test func namesTheMemberOfTheContextThatIsMissing() throws {
    let text = JSONValue.object(try BNBVectors.object()).text
    for member in ["accountNumber", "sequence"] {
      #expect(throws: ChainError.contextMissing(member)) {
        try BNBVectors.chain.sign(BNBVectors.request(text, context: BNBSigningTests.with(member, nil)))
      }
      for value: JSONValue in [-1, "x", "", "9223372036854775808", "1.5", [:]] {
        #expect(
          BNBVectors.refusal(text, context: BNBSigningTests.with(member, value)) == .malformedTransaction)
      }
    }
    for context in EVMMutationTests.strange { _ = BNBVectors.refusal(text, context: context) }
  }

  @Test func everyByteOfTheTextMayChange() throws {
    var generator = SeededGenerator(state: 12)
    let base = Array(JSONValue.object(try BNBVectors.object()).text.utf8)
    let memo = try #require(try BNBVectors.object()["memo"])
    for _ in 0..<2000 {
      var bytes = base
      let at = Int.random(in: 0..<bytes.count, using: &generator)
      switch Int.random(in: 0...2, using: &generator) {
      case 0: bytes[at] = UInt8.random(in: 0...255, using: &generator)
      case 1: bytes.remove(at: at)
      default: bytes.insert(UInt8.random(in: 32...126, using: &generator), at: at)
      }
      let text = String(decoding: bytes, as: UTF8.self)
      guard BNBVectors.refusal(text) == nil else { continue }
      // Only the memo stands once; white space and leading zeros do not matter.
      var changed = try #require(try JSONValue(parsing: text).object)
      changed["memo"] = memo
      let isSame =
        JSONValue.object(changed).text.lowercased() == String(decoding: base, as: UTF8.self).lowercased()
      #expect(isSame, Comment(rawValue: text))
    }
  }
}
