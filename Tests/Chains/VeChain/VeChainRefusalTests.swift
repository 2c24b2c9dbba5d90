internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

@Suite struct VeChainRefusalTests {
  static let base =
    #"{"from":0,"to":"0x3535353535353535353535353535353535353535","value":"1000","gas":"30000"}"#

  func refusal(_ changes: String, context: JSONValue = VeChainVectors.context) throws -> ErrorCode? {
    var object = try #require(try JSONValue(parsing: Self.base).object)
    for member in try #require(try JSONValue(parsing: changes).object).members {
      object[member.name] = member.value
    }
    return VeChainVectors.refusal(JSONValue.object(object).text, context: context)
  }

  @Test(arguments: [
    // Delegation of fees (VIP-191) and dynamic fees (VIP-251).
    #"{"reserved":{"features":1}}"#, #"{"delegator":"0x3535353535353535353535353535353535353535"}"#,
    #"{"isDelegated":true}"#, #"{"maxFeePerGas":"1"}"#, #"{"maxPriorityFeePerGas":"1"}"#, #"{"type":81}"#,
    #"{"surprise":1}"#, #"{"gasPrice":"1"}"#, #"{"gasLimit":"30000"}"#, #"{"signature":"0x"}"#,
    #"{"to":null}"#, #"{"to":""}"#, #"{"to":"0x35"}"#, #"{"to":5}"#,
    #"{"to":"0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"}"#, #"{"from":1}"#, #"{"from":"me"}"#,
    #"{"value":"-1"}"#, #"{"value":1.5}"#, #"{"value":9007199254740992}"#, #"{"value":[]}"#,
    #"{"value":"1e3"}"#,
    #"{"data":"0x123"}"#, #"{"data":7}"#, #"{"data":"0x01","input":"0x01"}"#, #"{"gas":-1}"#,
    #"{"gas":20999}"#,
    #"{"gas":"18446744073709551616"}"#, #"{"chainTag":256}"#, #"{"chainTag":"x"}"#, #"{"blockRef":"0x01"}"#,
    #"{"blockRef":1}"#, #"{"blockRef":"best"}"#, #"{"expiration":4294967296}"#, #"{"expiration":-1}"#,
    #"{"gasPriceCoef":256}"#, #"{"dependsOn":"0x01"}"#, #"{"dependsOn":1}"#, #"{"nonce":-1}"#,
    #"{"nonce":"zz"}"#,
    #"{"nonce":"10000000000000000"}"#, #"{"nonce":[]}"#, #"{"clauses":[]}"#,
    #"{"clauses":[{"to":"0x3535353535353535353535353535353535353535"}]}"#,
    #"{"to":null,"value":null,"clauses":[]}"#, #"{"to":null,"value":null,"clauses":{}}"#,
    #"{"to":null,"value":null,"clauses":[5]}"#, #"{"to":null,"value":null,"clauses":[{}]}"#,
    #"{"to":null,"value":null,"clauses":[{"to":"0x3535353535353535353535353535353535353535","gas":1}]}"#,
  ])
  func refusesWhatWouldChangeTheMeaning(changes: String) throws {
    #expect(try refusal(changes) == .malformedTransaction)
  }

  @Test(arguments: ["", "null", "[]", "\"{}\"", "{}", #"{"value":"5"}"#, #"{"data":""}"#, #"{"data":"0x"}"#])
  func refusesTextThatIsNoTransaction(text: String) {
    #expect(VeChainVectors.refusal(text) == .malformedTransaction)
  }

  @Test func theBaseSigns() throws { #expect(try refusal("{}") == nil) }

  @Test func pinsTheChainTag() throws {
    #expect(VeChain.chainTag(testnet: false) == 74 && VeChain.chainTag(testnet: true) == 39)
    let plain: JSONValue = ["blockRef": "0x00ab12cd34ef5678", "nonce": "0x01"]
    for testnet in [false, true] {
      for tag in 0...255 {
        let isPinned = tag == (testnet ? 39 : 74)
        var context = try #require(plain.object)
        context["chainTag"] = .string(String(tag))
        #expect(
          (VeChainVectors.refusal(Self.base, context: .object(context), testnet: testnet) == nil) == isPinned)
        let text = Self.base.dropLast() + ",\"chainTag\":\(tag)}"
        let expected: ErrorCode? = isPinned ? nil : .chainIDMismatch
        #expect(VeChainVectors.refusal(String(text), context: plain, testnet: testnet) == expected)
      }
      // Nobody names it: the pinned one.
      let signed = try VeChainVectors.sign(Self.base, context: plain, testnet: testnet)
      #expect(try VeChainVectors.read(signed.txData).fields[0] == .bytes([testnet ? 39 : 74]))
    }
  }

  @Test func refusesTheKeyOfAnotherSender() throws {
    let other = #""0x3535353535353535353535353535353535353535""#
    #expect(try refusal("{\"from\":\(other)}") == .keyNotSender)
    #expect(try refusal("{\"from\":\"\(VeChainVectors.testAddress)\"}") == nil)
    var context = try #require(VeChainVectors.context.object)
    context["from"] = "0x3535353535353535353535353535353535353535"
    #expect(try refusal("{}", context: .object(context)) == .keyNotSender)
    var request = try VeChainVectors.request(Self.base)
    request.keys = []
    #expect { try VeChainVectors.chain.sign(request) } throws: {
      ($0 as? ChainError)?.code == .walletNotFound
    }
  }

  @Test(arguments: ["blockRef", "gas", "nonce"])
  func namesTheMemberOfTheContextThatIsMissing(member: String) throws {
    var context = try #require(VeChainVectors.context.object)
    context[member] = nil
    #expect(throws: ChainError.contextMissing(member)) {
      try VeChainVectors.sign(
        #"{"to":"0x3535353535353535353535353535353535353535"}"#, context: .object(context))
    }
  }

  @Test func refusesAFeeAboveTheLimit() throws {
    // 1000 VTHO are a million gas at the base price; with the highest coefficient half of that.
    #expect(try refusal(#"{"gas":1000000}"#) == nil)
    #expect(try refusal(#"{"gas":1000001}"#) == .feeTooHigh)
    #expect(try refusal(#"{"gas":500000,"gasPriceCoef":255}"#) == nil)
    #expect(try refusal(#"{"gas":500001,"gasPriceCoef":255}"#) == .feeTooHigh)
    #expect(try refusal(#"{"gas":"18446744073709551615"}"#) == .feeTooHigh)
    var policy = SigningPolicy()
    _ = policy.setMaximumFee("30000000000000000000", of: "VET")
    #expect(VeChainVectors.refusal(Self.base, policy: policy) == nil)
    _ = policy.setMaximumFee("29999999999999999999", of: "VET")
    #expect(VeChainVectors.refusal(Self.base, policy: policy) == .feeTooHigh)
    _ = policy.setMaximumFee("a lot", of: "VET")
    #expect(VeChainVectors.refusal(Self.base, policy: policy) == .feeTooHigh)
  }

  @Test func refusesWhatTheNetworkDoesNotTakeAnyMore() throws {
    // The context is at block 0x00ab12cd.
    #expect(try refusal(#"{"blockRef":"0x00ab12cc00000000","expiration":0}"#) == .expired)
    #expect(try refusal(#"{"blockRef":"0x00ab12cc00000000","expiration":1}"#) == nil)
    #expect(try refusal(#"{"blockRef":"0xffffffffffffffff","expiration":4294967295}"#) == nil)
  }

  @Test func countsIntrinsicGas() {
    func gas(_ clauses: [VeChainClause]) -> UInt64? { VeChainGas.intrinsic(clauses) }
    let to = EVMAddress(bytes: [UInt8](repeating: 1, count: 20))
    // docs.vechain.org, "Transaction calculation".
    #expect(gas([]) == 21_000)
    #expect(gas([.init(to: to, value: .zero, data: [])]) == 21_000)
    #expect(gas([.init(to: nil, value: .zero, data: [])]) == 53_000)
    #expect(gas([.init(to: to, value: .zero, data: [0, 1, 0])]) == 21_076)
    #expect(gas([.init(to: to, value: .zero, data: []), .init(to: nil, value: .zero, data: [1])]) == 69_068)
  }

  // MARK: Needs

  func needs(_ text: String, wallet: WalletView?, index: Int? = nil) throws -> [Need] {
    let request = try VeChainVectors.request(text, index: index)
    return try VeChainVectors.chain.needs(of: request.pending, wallet: wallet, testnet: true)
  }

  @Test func asksForWhatIsMissingOnly() throws {
    let wallet = WalletView(
      signatureID: "id", chain: "VET", testnet: true, kind: .privateKey, address: VeChainVectors.testAddress)
    let facts = VeChainFacts(testnet: true)
    let from = Need.constant(member: "from", value: .string(VeChainVectors.testAddress))
    let to = "0x3535353535353535353535353535353535353535"
    let call = ContractCall(from: VeChainVectors.testAddress, to: to, value: "255", data: "0x01")
    #expect(
      try needs("{\"to\":\"\(to)\",\"value\":\"0xff\",\"data\":\"0x01\",\"gas\":\"0\"}", wallet: wallet)
        == [from, facts.blockReference, facts.gas(of: call), VeChainFacts.nonce])
    #expect(
      try needs(
        "{\"to\":\"\(to)\",\"gas\":21000,\"blockRef\":\"0x0000000000000001\",\"nonce\":0}", wallet: wallet)
        == [
          from
        ])
    #expect(try needs("{\"to\":\"\(to)\"}", wallet: nil) == [facts.blockReference, VeChainFacts.nonce])
    #expect(throws: ChainError.self) {
      try needs("{\"clauses\":[{\"to\":\"\(to)\"},{\"to\":\"\(to)\"}]}", wallet: wallet)
    }
    let mnemonic = WalletView(
      signatureID: "id", chain: "VET", testnet: true, kind: .mnemonic,
      xpub:
        "xpub6FMiQpA54nciqs52guGVdWQ5TonZt5XtGsFpurgtttL7H3mSfaJDXv5aBdThjX6tW9HYaJSQ8wZVnLm1ixaQUu1MRQCwvwZ6U2cX6mwWT25"
    )
    #expect(
      try needs("{\"to\":\"\(to)\",\"gas\":30000}", wallet: mnemonic, index: 1)
        == [from, facts.blockReference, VeChainFacts.nonce])
    #expect { try needs("{\"to\":\"\(to)\"}", wallet: mnemonic) } throws: {
      ($0 as? ChainError)?.code == .indexMissing
    }
  }

  // MARK: Whatever comes in

  @Test func everyMemberMayBeStrangeOrMissing() throws {
    let base = try #require(try JSONValue(parsing: Self.base).object)
    let context = try #require(VeChainVectors.context.object)
    var signed = 0
    for value in [nil] + EVMMutationTests.strange.map(Optional.some) {
      for member in [
        "from", "to", "value", "data", "input", "gas", "chainTag", "blockRef", "expiration", "gasPriceCoef",
        "dependsOn", "nonce", "clauses", "reserved",
      ] {
        var changed = base
        changed[member] = value
        signed += try exercise(JSONValue.object(changed).text, VeChainVectors.context)
      }
      for member in ["from", "chainTag", "blockRef", "gas", "nonce"] {
        var changed = context
        changed[member] = value
        signed += try exercise(
          #"{"to":"0x3535353535353535353535353535353535353535"}"#, .object(changed))
      }
      if let value { signed += try exercise(Self.base, value) }
    }
    #expect(signed > 100)
  }

  @Test func everyByteOfTheTextMayChange() throws {
    var generator = SeededGenerator(state: 9)
    let base = Array((Self.base.dropLast() + #","nonce":"0x1","dependsOn":"","data":"0x00"}"#).utf8)
    var signed = 0
    for _ in 0..<2000 {
      var bytes = base
      let at = Int.random(in: 0..<bytes.count, using: &generator)
      switch Int.random(in: 0...2, using: &generator) {
      case 0: bytes[at] = UInt8.random(in: 0...255, using: &generator)
      case 1: bytes.remove(at: at)
      default: bytes.insert(UInt8.random(in: 32...126, using: &generator), at: at)
      }
      signed += try exercise(String(decoding: bytes, as: UTF8.self), VeChainVectors.context)
    }
    #expect(signed > 30)
  }

  /// 1 when it is signed, then by the key; 0 when it is refused with a message.
  func exercise(_ text: String, _ context: JSONValue) throws -> Int {
    let request = try VeChainVectors.request(text, context: context)
    do throws(ChainError) {
      _ = try VeChainVectors.chain.needs(of: request.pending, wallet: nil, testnet: true)
      let signed = try VeChainVectors.chain.sign(request)
      let sender = try? VeChainVectors.read(signed.txData).sender.hexText
      #expect(sender == VeChainVectors.testAddress, Comment(rawValue: text))
      return 1
    } catch {
      #expect(!error.message.isEmpty)
      return 0
    }
  }
}
