internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

@Suite struct AlgorandSigningTests {
  private let chain = SigningChain.algorand

  /// Decision 6: the fee is final, also when flatFee is false. These vectors show it multiplied by the size.
  private static let overruled: Set = [
    "asset transfer whose flatFee is false: KMS multiplies the fee by the size again",
    "payment whose flatFee is false: KMS multiplies the fee by the size again",
  ]

  /// Good for 1001 rounds, one more than any node takes (`MaxTxnLife`); so they are refused.
  private static let tooLong: Set = ["test_serialize_asset_freeze", "test_serialize_asset_transfer"]

  /// The encoding, the signature and the id of every vector, those included that the original could not sign.
  @Test func encodesTheVectors() throws {
    var encoded = 0
    for vector in try EVMVectors.vectors("transactions/algo") {
      let name = try #require(vector["name"]?.string)
      if Self.overruled.contains(name) { continue }
      if Self.tooLong.contains(name) {
        try encodesOneRoundLess(vector)
        continue
      }
      let transaction = try AlgorandTransaction(parsing: AlgorandVectors.text(vector))
      #expect(
        Hex.encode(transaction.encoded) == vector["expected"]?["encodedUnsigned"]?.string,
        Comment(rawValue: name))
      let key = try chain.wallets.key(
        kind: .privateKey,
        secret: SigningTest.secret(EVMVectors.value(vector["privateKeys"]?.array?.first?.string)),
        index: nil, testnet: true)
      let signed = transaction.signed(with: try key.ed25519Signer())
      #expect(Hex.encode(signed.bytes) == vector["expected"]?["txData"]?.string, Comment(rawValue: name))
      #expect(signed.id == vector["expected"]?["txId"]?.string, Comment(rawValue: name))
      encoded += 1
    }
    #expect(encoded == 25)
  }

  /// A vector whose last round is one too late is refused, and encoded as it is but for that round when it ends in time.
  private func encodesOneRoundLess(_ vector: JSONValue) throws {
    let text = try AlgorandVectors.text(vector)
    #expect(
      try SigningTest.refusal { _ = try AlgorandTransaction(parsing: text) } == .malformedTransaction)
    var object = try #require(try JSONValue(parsing: text).object)
    #expect(object["lastRound"] == 323_576)
    object["lastRound"] = 323_575
    let expected = try #require(vector["expected"]?["encodedUnsigned"]?.string)
    // "lv" and the number in four bytes.
    let inTime = expected.replacing("a26c76ce0004eff8", with: "a26c76ce0004eff7")
    #expect(inTime != expected)
    let transaction = try AlgorandTransaction(parsing: JSONValue.object(object).text)
    #expect(Hex.encode(transaction.encoded) == inTime)
  }

  private func sign(_ vector: JSONValue, text: String, policy: SigningPolicy) throws -> SignedTransaction {
    let hash = vector["unsigned"]?["gh"]?.string
    let isTestnet = hash == "SGO1GKSzyE7IEPItTxCByw9x8FmnrCDexi9/cOUJOiI="
    return try chain.sign(
      SigningTest.request(
        chain, pending: SigningTest.pending(text, chain: chain), testnet: isTestnet,
        keys: [EVMVectors.value(vector["privateKeys"]?.array?.first?.string)], policy: policy))
  }

  /// Everything on the two networks that are known. The py-algorand-sdk vectors are said to be mainnet ones but have
  /// testnet's genesis hash, which decides.
  @Test func signsTheVectors() throws {
    var policy = SigningPolicy()
    policy.allowAccountControl = true
    policy.allowDelegatedKeys = true
    var signed = 0
    for vector in try EVMVectors.vectors("transactions/algo") {
      let name = try #require(vector["name"]?.string)
      if Self.overruled.contains(name) { continue }
      if Self.tooLong.contains(name) {
        #expect(
          try SigningTest.refusal {
            _ = try sign(vector, text: AlgorandVectors.text(vector), policy: policy)
          } == .malformedTransaction)
        continue
      }
      let text = try AlgorandVectors.text(vector)
      if vector["unsigned"]?["gen"]?.string == "devnet-v33.0" {
        #expect(
          try SigningTest.refusal { _ = try sign(vector, text: text, policy: policy) } == .chainIDMismatch)
        continue
      }
      let result = try sign(vector, text: text, policy: policy)
      #expect(result.txData == vector["expected"]?["txData"]?.string, Comment(rawValue: name))
      #expect(result.txID == vector["expected"]?["txId"]?.string, Comment(rawValue: name))
      #expect(result.from == .one(try EVMVectors.value(vector["unsigned"]?["snd"]?.string)))
      #expect(result.lastValidHeight == vector["unsigned"]?["lv"]?.uint64)
      signed += 1
    }
    #expect(signed == 23)
  }

  @Test func theFeeIsFinal() throws {
    for vector in try EVMVectors.vectors("transactions/algo") {
      guard Self.overruled.contains(vector["name"]?.string ?? "") else { continue }
      let transaction = try AlgorandTransaction(parsing: AlgorandVectors.text(vector))
      #expect(transaction.fee == 1000)
    }
    func fee(_ fee: JSONValue, flat: JSONValue?, group: [UInt8]? = nil) throws -> UInt64 {
      let changes: [String: JSONValue?] = [
        "fee": fee, "flatFee": flat, "group": group.map { AlgorandVectors.buffer($0) },
      ]
      return try AlgorandTransaction(parsing: AlgorandVectors.payment(changes)).fee
    }
    #expect(try fee(1234, flat: false) == 1234)
    #expect(try fee(1234, flat: nil) == 1234)
    #expect(try fee(1, flat: false) == 1)
    // A fee of 0 that is not final is missing; in a group another transaction may pay.
    #expect(try fee(0, flat: false) == 1000)
    #expect(try fee(0, flat: nil) == 1000)
    #expect(try fee(0, flat: true) == 0)
    #expect(try fee(0, flat: false, group: [UInt8](repeating: 1, count: 32)) == 0)
  }

  private func sign(
    _ changes: [String: JSONValue?] = [:], testnet: Bool = true, secret: String = AlgorandVectors.secret,
    _ configure: (inout SigningPolicy) -> Void = { _ in }
  ) throws -> SignedTransaction {
    var policy = SigningPolicy()
    configure(&policy)
    return try chain.sign(
      SigningTest.request(
        chain, pending: SigningTest.pending(AlgorandVectors.payment(changes), chain: chain), testnet: testnet,
        keys: [secret], policy: policy))
  }

  private func refusal(
    _ changes: [String: JSONValue?], testnet: Bool = true, secret: String = AlgorandVectors.secret,
    _ configure: (inout SigningPolicy) -> Void = { _ in }
  ) throws -> ErrorCode? {
    try SigningTest.refusal { _ = try sign(changes, testnet: testnet, secret: secret, configure) }
  }

  /// What the SDKs demand is not taken for zero, and no node takes what lives longer (`MaxTxnLife`).
  @Test func refusesWhatIsMissing() throws {
    for member in ["fee", "firstRound", "lastRound"] {
      #expect(try refusal([member: nil]) == .malformedTransaction, Comment(rawValue: member))
      #expect(try refusal([member: .null]) == .malformedTransaction, Comment(rawValue: member))
    }
    #expect(try refusal(["fee": nil, "flatFee": false]) == nil)
    #expect(try refusal(["firstRound": 0, "lastRound": 1000]) == nil)
    #expect(try refusal(["firstRound": 10, "lastRound": 1011]) == .malformedTransaction)
    for type: JSONValue in ["axfer", "afrz"] {
      let account = try AlgorandVectors.address(AlgorandVectors.receiver)
      var changes: [String: JSONValue?] = ["type": type]
      if type == "afrz" {
        for member in ["to", "amount"] { changes.updateValue(nil, forKey: member) }
        changes["freezeAccount"] = account
        changes["freezeState"] = true
      }
      #expect(try refusal(changes) == .malformedTransaction)
      changes["assetIndex"] = 0
      #expect(try refusal(changes) == .malformedTransaction)
      changes["assetIndex"] = 7
      #expect(try refusal(changes) == nil)
    }
  }

  @Test func keyOfAnotherAccountNeedsTheFlag() throws {
    let other = try #require(
      try EVMVectors.vectors("wallets/algo").first { $0["kind"]?.string == "addressFromSecret" }?["secret"]?
        .string)
    #expect(try refusal([:], secret: other) == .keyNotSender)
    let signed = try sign(secret: other) { $0.allowDelegatedKeys = true }
    #expect(signed.from == .one(AlgorandVectors.sender))
    #expect(signed.txData.hasPrefix("83a473676e72c420"))
    #expect(try sign().txData.hasPrefix("82a3736967c440"))
    #expect(try sign().txID == signed.txID)
  }

  @Test func rekeyAndCloseNeedTheFlag() throws {
    let address = try AlgorandVectors.address(AlgorandVectors.receiver)
    for member in ["reKeyTo", "closeRemainderTo"] {
      #expect(try refusal([member: address]) == .accountControlRefused)
      let signed = try sign([member: address]) { $0.allowAccountControl = true }
      #expect(try signed.txData != sign().txData)
      #expect(signed.txData.contains(member == "reKeyTo" ? "a572656b6579c420" : "a5636c6f7365c420"))
      // The zero account stands for none, as in the canonical encoding.
      let zero: JSONValue = ["publicKey": AlgorandVectors.bytes([UInt8](repeating: 0, count: 32))]
      #expect(try sign([member: zero]) == sign())
    }
    var asset: [String: JSONValue?] = ["type": "axfer", "assetIndex": 7, "closeRemainderTo": address]
    #expect(try refusal(asset) == .accountControlRefused)
    asset["closeRemainderTo"] = nil
    #expect(try refusal(asset) == nil)
  }

  @Test func networkIsPinned() throws {
    let mainnet: [String: JSONValue?] = [
      "genesisHash": AlgorandVectors.buffer(AlgorandVectors.mainnetHash), "genesisID": "mainnet-v1.0",
    ]
    #expect(try refusal([:], testnet: false) == .chainIDMismatch)
    #expect(try refusal(mainnet) == .chainIDMismatch)
    #expect(try refusal(mainnet, testnet: false) == nil)
    #expect(try refusal(["genesisID": "mainnet-v1.0"]) == .chainIDMismatch)
    #expect(try refusal(["genesisID": "betanet-v1.0"]) == .chainIDMismatch)
    #expect(try refusal(["genesisID": ""]) == nil)
    #expect(try refusal(["genesisID": nil]) == nil)
    #expect(try refusal(["genesisHash": nil]) == .malformedTransaction)
    #expect(try refusal(["genesisHash": [:]]) == .malformedTransaction)
    #expect(
      try refusal(["genesisHash": AlgorandVectors.buffer([UInt8](repeating: 9, count: 32))])
        == .chainIDMismatch)
  }

  @Test func nothingIsDropped() throws {
    let address = try AlgorandVectors.address(AlgorandVectors.receiver)
    // Members of other types, and members that nobody knows.
    let strangers: [String: JSONValue] = [
      "assetIndex": 1, "assetRevocationTarget": address, "assetManager": address, "appIndex": 1,
      "appArgs": [AlgorandVectors.bytes([1])],
      "voteKey": AlgorandVectors.bytes([UInt8](repeating: 1, count: 32)),
      "nonParticipation": true, "freezeAccount": address, "assetName": "x", "stateProof": [:], "surprise": 1,
      "appForeignApps": [0],
    ]
    for (member, value) in strangers where member != "stateProof" {
      #expect(try refusal([member: value]) == .malformedTransaction, Comment(rawValue: member))
    }
    // Empty ones change nothing.
    let empty: [JSONValue] = [.null, 0, false, "", [], [:]]
    for member in strangers.keys {
      for value in empty { #expect(try sign([member: value]) == sign(), Comment(rawValue: member)) }
    }
    // Lease and group are signed.
    for (member, key) in [("lease", "a26c78"), ("group", "a3677270")] {
      let signed = try sign([member: AlgorandVectors.bytes([UInt8](repeating: 3, count: 32))])
      #expect(signed.txData.contains(key + "c420" + String(repeating: "03", count: 32)))
      #expect(try sign([member: AlgorandVectors.bytes([UInt8](repeating: 0, count: 32))]) == sign())
    }
  }

  @Test func theServerDoesNotChooseWhatIsSigned() throws {
    for tag: JSONValue in [
      AlgorandVectors.buffer([77, 88]), AlgorandVectors.bytes([84, 88, 0]), [], [:], "TX", [84, 89],
    ] {
      #expect(try refusal(["tag": tag]) == .malformedTransaction)
    }
    #expect(try sign(["tag": nil]) == sign())
    #expect(try sign(["tag": AlgorandVectors.bytes([84, 88])]) == sign())
    #expect(try refusal(["name": "Bid"]) == .malformedTransaction)
    for type: JSONValue in ["stpf", "hb", "PAY", "", 1, .null] {
      #expect(try refusal(["type": type]) == .malformedTransaction)
    }
  }

  @Test func feesAboveTheLimitAreRefused() throws {
    #expect(try refusal(["fee": 1_000_000]) == nil)
    #expect(try refusal(["fee": 1_000_001]) == .feeTooHigh)
    #expect(try refusal(["fee": 1_000_001]) { _ = $0.setMaximumFee("1000001", of: "ALGO") } == nil)
    #expect(try refusal(["fee": 1001]) { _ = $0.setMaximumFee("1000", of: "ALGO") } == .feeTooHigh)
  }

  @Test func numbersAreExact() throws {
    let largest = try sign(["amount": "18446744073709551615"])
    #expect(largest.txData.contains("a3616d74cfffffffffffffffff"))
    #expect(try sign(["amount": "1000000"]) == sign())
    for bad: JSONValue in [
      .number(JSONNumber(UInt64(1) << 53)), .number(JSONNumber(UInt64.max)), "18446744073709551616", "1.0",
      "-1", -1,
      "0x1", "", " 1", true, [], [:],
    ] {
      #expect(try refusal(["amount": bad]) == .malformedTransaction)
    }
    #expect(try refusal(["lastRound": 9]) == .malformedTransaction)
    #expect(try refusal(["lastRound": nil]) == .malformedTransaction)
    #expect(try refusal(["to": nil]) == .malformedTransaction)
    #expect(try refusal(["from": nil]) == .malformedTransaction)
  }

  @Test func addressesMayBeTextAndTheirChecksumsAreChecked() throws {
    #expect(
      try sign(["from": .string(AlgorandVectors.sender), "to": .string(AlgorandVectors.receiver)]) == sign())
    var to = try #require(try AlgorandVectors.address(AlgorandVectors.receiver).object)
    #expect(try sign(["to": ["publicKey": to["publicKey"] ?? .null]]) == sign())
    to["checksum"] = AlgorandVectors.bytes([1, 2, 3, 4])
    #expect(try refusal(["to": .object(to)]) == .malformedTransaction)
    to["checksum"] = nil
    to["extra"] = 1
    #expect(try refusal(["to": .object(to)]) == .malformedTransaction)
    let wrong = "A" + AlgorandVectors.receiver.dropFirst()
    for bad: JSONValue in [.string(wrong), "", .string(AlgorandVectors.receiver.lowercased()), [:], 1] {
      #expect(try refusal(["to": bad]) == .malformedTransaction)
    }
  }

  @Test func asksForNothing() throws {
    let pending = try PendingTransaction(
      SigningTest.pending(AlgorandVectors.payment(), chain: chain), chain: "ALGO")
    #expect(try chain.needs(of: pending, wallet: nil, testnet: true).isEmpty)
    #expect(chain.currentHeight(in: [:]) == nil)
  }
}
