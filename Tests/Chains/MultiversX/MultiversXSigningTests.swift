internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

@Suite struct MultiversXSigningTests {
  private let chain = SigningChain.multiversX

  /// What a vector's `context` says, in the members that kms-fetch writes.
  private static func context(_ vector: JSONValue) -> JSONValue {
    var context = JSONObject()
    let names = [
      ("sender", "from"), ("nonce", "nonce"), ("gasPrice", "gasPrice"), ("gasLimit", "gasLimit"),
      ("chainID", "chainId"), ("version", "version"),
    ]
    for (name, ours) in names {
      guard let value = vector["context"]?[name] else { continue }
      context[ours] = .string(value.string ?? value.number?.digits ?? "")
    }
    return .object(context)
  }

  /// Byte for byte, where the network is one that decision 10 knows. Without a pending transaction are those that sign
  /// for a sender who is not the key's (decision 3).
  @Test func signsTheVectors() throws {
    var signed = 0
    for vector in try EVMVectors.vectors("transactions/egld") {
      let label = Comment(rawValue: vector["name"]?.string ?? "")
      guard let pending = vector["pending"] else { continue }
      let request = try SigningTest.request(
        chain, pending: pending, testnet: vector["testnet"]?.bool == true, context: Self.context(vector),
        keys: [EVMVectors.value(vector["privateKeys"]?.array?.first?.string)])
      if vector["context"]?["chainID"]?.string == "local-testnet" {
        #expect(try SigningTest.refusal { _ = try chain.sign(request) } == .chainIDMismatch, label)
        continue
      }
      // The original signed -1 as 0, which is not what is shown.
      if vector["name"]?.string == "negative value in the request becomes 0" {
        #expect(try SigningTest.refusal { _ = try chain.sign(request) } == .malformedTransaction, label)
        continue
      }
      let result = try chain.sign(request)
      #expect(result.txData == vector["expected"]?["txData"]?.string, label)
      #expect(result.txID == vector["expected"]?["txId"]?.string, label)
      #expect(result.nonce == vector["context"]?["nonce"]?.uint64, label)
      #expect(result.from == .one(try EVMVectors.value(vector["unsigned"]?["sender"]?.string)), label)
      signed += 1
    }
    #expect(signed == 13)
  }

  /// The form of every vector, those included whose network or sender is not for us.
  @Test func encodesTheVectors() throws {
    var encoded = 0
    for vector in try EVMVectors.vectors("transactions/egld") {
      let label = Comment(rawValue: vector["name"]?.string ?? "")
      let fields = try #require(vector["unsigned"])
      func number(_ name: String) throws -> UInt64 { try #require(fields[name]?.uint64) }
      func text(_ name: String) throws -> String { try #require(fields[name]?.string) }
      let transaction = MultiversXTransaction(
        nonce: try number("nonce"), value: try EVMVectors.value(UInt256(decimal: text("value"))),
        receiver: try MultiversXAddress(text("receiver"), member: "receiver"),
        sender: try MultiversXAddress(text("sender"), member: "sender"), gasPrice: try number("gasPrice"),
        gasLimit: try number("gasLimit"), data: Array((fields["data"]?.string ?? "").utf8),
        chainID: try text("chainID"), version: UInt32(try number("version")),
        options: UInt32(fields["options"]?.uint64 ?? 0))
      #expect(
        String(decoding: transaction.signedBytes, as: UTF8.self)
          == vector["expected"]?["signedMessage"]?.string,
        label)
      let key = try chain.wallets.key(
        kind: .privateKey,
        secret: SigningTest.secret(EVMVectors.value(vector["privateKeys"]?.array?.first?.string)), index: nil,
        testnet: false)
      let signed = transaction.signed(with: try key.ed25519Signer())
      #expect(signed.text == vector["expected"]?["txData"]?.string, label)
      #expect(signed.id == vector["expected"]?["txId"]?.string, label)
      encoded += 1
    }
    #expect(encoded == 25)
  }

  // MARK: One transaction, changed

  static let key = "1da12bfa82725be308f79b2c313358be5a215ca6b405b00f28750560a1febb90"
  static let sender = "erd17kyxnqn8hma5kdd5hd4mx08ynjvaz9q47tw7w2htygwmalt3959s2wvqmr"
  static let receiver = "erd1pnvwvgtmfgscspactrlm2zzg8nwd4kah5ggevunlwe99zznfyasq5m7fz2"
  static let context: JSONValue = [
    "from": .string(sender), "nonce": "7", "gasPrice": "1000000000", "gasLimit": "50000", "chainId": "T",
    "version": "1",
  ]

  static func pending(_ changes: [String: JSONValue?] = [:]) -> JSONValue {
    var object = JSONObject()
    object["to"] = .string(receiver)
    object["value"] = "1"
    for (name, value) in changes.sorted(by: { $0.key < $1.key }) { object[name] = value }
    return SigningTest.pending(JSONValue.object(object).text, chain: SigningChain.multiversX)
  }

  static func context(without names: String...) -> JSONValue {
    var object = context.object ?? JSONObject()
    for name in names { object[name] = nil }
    return .object(object)
  }

  static func context(_ name: String, _ value: JSONValue) -> JSONValue {
    var object = context.object ?? JSONObject()
    object[name] = value
    return .object(object)
  }

  private func sign(
    _ changes: [String: JSONValue?] = [:], context: JSONValue = Self.context, testnet: Bool = true,
    key: String = Self.key, _ configure: (inout SigningPolicy) -> Void = { _ in }
  ) throws -> SignedTransaction {
    var policy = SigningPolicy()
    configure(&policy)
    return try chain.sign(
      SigningTest.request(
        chain, pending: Self.pending(changes), testnet: testnet, context: context, keys: [key], policy: policy
      ))
  }

  private func refusal(
    _ changes: [String: JSONValue?] = [:], context: JSONValue = Self.context, testnet: Bool = true,
    key: String = Self.key, _ configure: (inout SigningPolicy) -> Void = { _ in }
  ) throws -> ErrorCode? {
    try SigningTest.refusal {
      _ = try sign(changes, context: context, testnet: testnet, key: key, configure)
    }
  }

  private func member(_ name: String, of signed: SignedTransaction) throws -> JSONValue? {
    try JSONValue(parsing: signed.txData)[name]
  }

  @Test func theTransactionWinsOverTheContext() throws {
    let signed = try sign([
      "nonce": 0, "gasPrice": 2_000_000_000, "gasLimit": "60000", "version": 2, "chainID": "T", "from": 0,
    ])
    #expect(signed.nonce == 0)
    #expect(
      signed.txData.hasPrefix(
        #"{"nonce":0,"value":"1000000000000000000","receiver":"\#(Self.receiver)","sender":"\#(Self.sender)","#
          + #""gasPrice":2000000000,"gasLimit":60000,"chainID":"T","version":2,"signature":""#))
    for zero: JSONValue in [0, "0", "0x0", "", .null] {
      #expect(try sign(["gasPrice": zero, "gasLimit": zero, "gas": zero]) == sign())
    }
    #expect(try sign(["gas": 60000]) == sign(["gasLimit": 60000]))
    #expect(try refusal(["gas": 60000, "gasLimit": 60001]) == .malformedTransaction)
  }

  @Test func namesWhatTheContextLacks() throws {
    for name in ["nonce", "gasPrice", "gasLimit", "chainId", "version", "from"] {
      #expect(
        throws: ChainError.contextMissing(name),
        performing: { try sign(context: Self.context(without: name)) })
      if name == "nonce" || name == "chainId" || name == "from" { continue }
      #expect(
        throws: ChainError.contextMissing(name), performing: { try sign(context: Self.context(name, "0")) })
    }
    // Decision 10: somebody must name the sender.
    #expect(try sign(["from": .string(Self.sender)], context: Self.context(without: "from")) == sign())
  }

  @Test func keyMustBeTheSenders() throws {
    #expect(try refusal(["from": .string(Self.receiver)]) == .keyNotSender)
    #expect(try refusal(context: Self.context("from", .string(Self.receiver))) == .keyNotSender)
    #expect(try refusal(key: String(repeating: "1", count: 64)) == .keyNotSender)
    #expect(try refusal(["from": "x"]) == .malformedTransaction)
    #expect(try refusal(["from": .string(Self.sender.dropLast() + "q")]) == .malformedTransaction)
  }

  @Test func networkIsPinned() throws {
    #expect(try refusal(testnet: false) == .chainIDMismatch)
    #expect(try refusal(context: Self.context("chainId", "1")) == .chainIDMismatch)
    #expect(try refusal(context: Self.context("chainId", "1"), testnet: false) == nil)
    #expect(try refusal(context: Self.context("chainId", "D")) == nil)
    #expect(try refusal(["chainID": "D"]) == .chainIDMismatch)
    #expect(try refusal(["chainID": "1"]) == .chainIDMismatch)
    #expect(try refusal(["chainID": "D"], context: Self.context(without: "chainId")) == nil)
    #expect(try refusal(["chainID": "T", "chainId": "D"]) == .malformedTransaction)
    #expect(try refusal(["chainID": 1]) == .malformedTransaction)
  }

  @Test func signsOverTheHashWhenTheOptionsSaySo() throws {
    let plain = try sign(["version": 1, "options": 1])
    let hashed = try sign(["version": 2, "options": 1])
    for (signed, byHash) in [(plain, false), (hashed, true)] {
      let json = try #require(try JSONValue(parsing: signed.txData).object)
      var unsigned = json
      unsigned["signature"] = nil
      let text = JSONValue.object(unsigned).encoded()
      let signature = try #require(Hex.decode(EVMVectors.value(json["signature"]?.string)))
      let address = try MultiversXAddress(Self.sender, member: "")
      #expect(Ed25519.verify(signature, byHash ? Hash.keccak256(text) : text, publicKey: address.bytes))
      #expect(json["options"] == 1)
    }
    for options: JSONValue in [2, 3, 4, 4_294_967_295] {
      #expect(try refusal(["version": 2, "options": options]) == .malformedTransaction)
    }
    #expect(try refusal(["options": 4_294_967_296]) == .malformedTransaction)
    #expect(try refusal(["version": 0]) == .malformedTransaction)
    #expect(try sign(["options": 0]) == sign())
  }

  /// No node takes less than `MinGasLimit`.
  @Test func gasLimitMustCoverATransfer() throws {
    #expect(try refusal(["gasLimit": 49_999]) == .malformedTransaction)
    #expect(try refusal(["gasLimit": 50_000]) == nil)
    #expect(try refusal(context: Self.context("gasLimit", "49999")) == .malformedTransaction)
  }

  @Test func feesAboveTheLimitAreRefused() throws {
    #expect(try refusal(["gasLimit": 1_000_000_000]) == nil)
    #expect(try refusal(["gasLimit": 1_000_000_001]) == .feeTooHigh)
    #expect(
      try refusal(["gasLimit": 1_000_000_001]) { _ = $0.setMaximumFee("2000000000000000000", of: "EGLD") }
        == nil)
    #expect(try refusal { _ = $0.setMaximumFee("1", of: "EGLD") } == .feeTooHigh)
    #expect(
      try refusal(["gasLimit": "18446744073709551615"]) {
        _ = $0.setMaximumFee(String(repeating: "9", count: 60), of: "EGLD")
      } == nil)
  }

  @Test(arguments: [
    ("0", "0"), ("1", "1000000000000000000"), ("0.001", "1000000000000000"),
    ("0.000000000000000001", "1"), ("123456789000", "123456789000000000000000000000"),
    ("00.10", "100000000000000000"), ("1e-18", "1"), ("-0", "0"), ("1.5e2", "150000000000000000000"),
    ("1E+1", "10000000000000000000"),
    ("0.1234567890123456780", "123456789012345678"), ("-0.00", "0"), ("10e-19", "1"),
    ("0e-999", "0"), (".5", "500000000000000000"), ("5.", "5000000000000000000"),
    ("+2", "2000000000000000000"), (".5e1", "5000000000000000000"),
  ])
  func readsAmountsExactly(text: String, expected: String) throws {
    #expect(try member("value", of: sign(["value": .string(text)])) == .string(expected))
    if let number = try? JSONValue(parsing: text) {
      #expect(try member("value", of: sign(["value": number])) == .string(expected))
    }
  }

  @Test(arguments: [
    // What is shown is what is signed: the original signed negative amounts as 0.
    "-1", "-0.5", "-.5", "-1e-18",
    "", ".", "+", "-", "-.", "+-1", "-+1", ".e1", "1.e", " 1", "1 ", "1,5", "0x10", "NaN", "Infinity", "1e",
    "1e+", "1e-19",
    "1.0000000000000000001",
    "1e1000", "1e999", "--1", "1..2", "1e1.5", "１",
    "1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
  ])
  func refusesWhatIsNoAmount(text: String) throws {
    #expect(try refusal(["value": .string(text)]) == .malformedTransaction)
  }

  @Test func everyMemberMayBeStrangeOrMissing() throws {
    var signed = 0
    for name in [
      "from", "to", "value", "data", "nonce", "gasPrice", "gasLimit", "gas", "chainID", "chainId", "version",
      "options",
      "guardian", "surprise",
    ] {
      for value in [nil] + SigningTest.strange.map(Optional.some) {
        if try refusal([name: value]) == nil { signed += 1 }
      }
    }
    #expect(signed > 40)
    for name in ["from", "nonce", "gasPrice", "gasLimit", "chainId", "version"] {
      for value in SigningTest.strange { _ = try refusal(context: Self.context(name, value)) }
    }
    for context in SigningTest.strange { _ = try refusal(context: context) }
    for name in ["to", "value"] { #expect(try refusal([name: .some(.null)]) == .malformedTransaction) }
    for name in ["guardian", "sender", "receiver", "surprise"] {
      #expect(try refusal([name: 1]) == .malformedTransaction)
    }
  }

  @Test func asksForWhatIsMissing() throws {
    let view = WalletView(
      signatureID: "", chain: "EGLD", testnet: true, kind: .privateKey, address: Self.sender)
    func needs(_ changes: [String: JSONValue?], wallet: WalletView?, index: Int? = nil) throws -> [Need] {
      var json = try #require(Self.pending(changes).object)
      json["index"] = index.map { .number(JSONNumber($0)) }
      return try chain.needs(
        of: PendingTransaction(.object(json), chain: "EGLD"), wallet: wallet, testnet: true)
    }
    let facts = MultiversXFacts(testnet: true)
    let from = Need.constant(member: "from", value: .string(Self.sender))
    let call = ContractCall(
      from: Self.sender, to: Self.receiver, value: "50000000000000000", data: "issue@74", gasPrice: nil,
      nonce: nil)
    #expect(
      try needs(["value": 0.05.json, "data": "issue@74"], wallet: view)
        == [from, facts.configuration, facts.nonce(of: Self.sender), facts.gasLimit(of: call)])
    #expect(
      try needs(["nonce": 1, "gasLimit": 50000], wallet: view) == [from, facts.configuration])
    // Nobody knows the sender: the operator may name it.
    #expect(try needs([:], wallet: nil) == [facts.configuration])
    var mnemonic = view
    mnemonic.kind = .mnemonic
    #expect(try needs([:], wallet: mnemonic, index: 1) == [facts.configuration])
    #expect(try needs([:], wallet: mnemonic, index: 0).first == from)
    #expect(try needs(["from": .string(Self.sender)], wallet: nil).first == from)
    #expect(try SigningTest.refusal { _ = try needs([:], wallet: mnemonic) } == .indexMissing)
  }
}

extension Double {
  /// As JavaScript writes it.
  fileprivate var json: JSONValue { (try? JSONValue(parsing: "\(self)")) ?? .null }
}
