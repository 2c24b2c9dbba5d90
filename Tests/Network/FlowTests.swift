import FoundationEssentials
import KMSCrypto
import KMSRecords
import Synchronization
import Testing

@testable import KMSNetwork

/// FLOW: facts from API and access node, signatures of the API, submission.
@Suite(.timeLimit(.minutes(1))) struct FlowTests {
  // MARK: Vectors

  /// The vectors with payload, all signatures and the id: custom transactions, whose scripts are published.
  private func vectors(_ here: String = #filePath) throws -> [JSONValue] {
    let tests = URL(filePath: here).deletingLastPathComponent().deletingLastPathComponent()
    let file = tests.appending(path: "Chains/Vectors/transactions/flow.json")
    let all = try JSONValue(parsing: Data(contentsOf: file))["vectors"]?.array ?? []
    return all.filter { $0["expected"]?["envelope"] != nil && $0["pending"] != nil }
  }

  private static let tag = Hex.encode(
    Array("FLOW-V0.0-transaction".utf8) + [UInt8](repeating: 0, count: 11))

  private func text(_ json: JSONValue?) throws -> String { try #require(json?.string) }

  @Test func makesTheEnvelopesOfTheVectors() throws {
    let vectors = try vectors()
    #expect(vectors.count == 5)
    for vector in vectors {
      let expected = try #require(vector["expected"])
      let message = try text(expected["payload"])
      var flow = try #require(FlowTransaction(payload: String(message.dropFirst(64))))
      #expect(Hex.encode(flow.payloadMessage) == message)
      func signature(_ address: String, _ key: UInt64, _ member: String) throws -> FlowTransaction.Signature {
        FlowTransaction.Signature(
          address: address, keyID: key, bytes: try #require(Hex.decode(try text(expected[member]))))
      }
      let account = try text(
        JSONValue(parsing: text(vector["pending"]?["serializedTransaction"]))["body"]?["account"])
      #expect(flow.authorizers == [account] && flow.proposer == "0x87fe4ebd0cddde06")
      flow.payloadSignatures = [
        try signature(account, 0, "authorizerSignature"),
        try signature(flow.proposer, flow.proposerKeyID, "proposerSignature"),
      ]
      #expect(try Hex.encode(flow.envelopeMessage) == text(expected["envelope"]))
      flow.envelopeSignatures = [try signature(flow.payer, 0, "payerSignature")]
      #expect(try flow.id == text(expected["txId"]))
    }
  }

  @Test func noPayloadIsReadThatIsNone() throws {
    let hex = String(try text(vectors()[1]["expected"]?["payload"]).dropFirst(64))
    for count in stride(from: 0, to: hex.count, by: 2) {
      #expect(FlowTransaction(payload: String(hex.prefix(count))) == nil)
    }
    for text in [
      "c0", "80", "c8c0c0c0c0c0c0c0c0", "f8", "bf0000000000000000", "ff" + String(repeating: "f", count: 16),
    ] {
      #expect(FlowTransaction(payload: text) == nil)
    }
    let bytes = try #require(Hex.decode(hex))
    for bit in 0..<8 * bytes.count {
      var changed = bytes
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      if let flow = FlowTransaction(payload: Hex.encode(changed)) { #expect(flow.payload == changed) }
    }
    let nested = String(repeating: "c1", count: 10_000) + "80"
    #expect(FlowTransaction(payload: nested) == nil)
  }

  // MARK: Facts

  private static let node = "/flow"
  private static let publicKey = String(repeating: "ab", count: 64)

  private static func key(
    _ index: Int, _ publicKey: String, sequence: Int = 0, weight: Int = 1000, revoked: Bool = false,
    algorithm: String = "ECDSASecp256k1", hash: String = "SHA3_256"
  ) -> String {
    #"{"index":"\#(index)","public_key":"0x\#(publicKey)","signing_algorithm":"\#(algorithm)","#
      + #""hashing_algorithm":"\#(hash)","sequence_number":"\#(sequence)","weight":"\#(weight)","revoked":\#(revoked)}"#
  }

  private func find(
    _ needs: [[Need]], _ handler: @escaping @Sendable (TestServer.Request) -> TestServer.Reply
  ) throws -> (contexts: [Result<JSONValue, FactFailure>], requests: [TestServer.Request]) {
    let server = TestServer(handler)
    defer { server.stop() }
    let api = try makeAPI(server.url, timeout: .seconds(2))
    let nodes = PublicNodes(flow: WebAddress(server.url + Self.node + "/"))
    let resolver = FactResolver { FactSources.source(of: $0, testnet: true, api: api, nodes: nodes) }
    var contexts: [Result<JSONValue, FactFailure>] = []
    for list in needs { resolver.context(of: list, chain: "FLOW") { contexts.append($0) } }
    api.client.run()
    return (contexts, server.requests)
  }

  @Test func findsProposerPayerBlockAndKey() throws {
    let lent = Mutex(2)
    let block = String(repeating: "f0", count: 32)
    let other = String(repeating: "cd", count: 64)
    let keys = [
      Self.key(0, other), Self.key(1, Self.publicKey, revoked: true), Self.key(2, Self.publicKey, weight: 0),
      Self.key(3, Self.publicKey, algorithm: "ECDSAP256"), Self.key(4, Self.publicKey, hash: "SHA2_256"),
      Self.key(5, Self.publicKey),
    ].joined(separator: ",")
    let (contexts, requests) = try find([
      [.flowProposal, .flowAccount(address: "0x955cd3f17b2fd8ad", publicKey: Self.publicKey)],
      [.flowProposal, .flowAccount(address: "0x955cd3f17b2fd8ad", publicKey: nil)],
    ]) { request in
      switch request.path {
      case "/v3/flow/proposal/false":
        let id = lent.withLock {
          $0 += 1
          return $0
        }
        return .json(#"{"keyId":\#(id),"address":"0x87FE4EBD0CDDDE06"}"#)
      case "/v3/flow/proposal/true": return .json(#"{"keyId":0,"address":"87fe4ebd0cddde06"}"#)
      case "/flow/v1/blocks?height=final": return .json(#"[{"header":{"id":"\#(block)"}}]"#)
      case "/flow/v1/accounts/87fe4ebd0cddde06?block_height=sealed&expand=keys":
        return .json(#"{"keys":[\#(Self.key(3, other, sequence: 7)),\#(Self.key(4, other, sequence: 9))]}"#)
      case "/flow/v1/accounts/955cd3f17b2fd8ad?block_height=sealed&expand=keys":
        return .json(#"{"keys":[\#(keys)]}"#)
      default: return .answer(404, "{}")
      }
    }
    let found = try contexts.map { try $0.get() }
    let first = try #require(found.first { $0["account"]?["keyId"] == "5" })
    #expect(first["referenceBlockId"]?.string == block && first["gasLimit"] == "9999")
    #expect(first["payer"] == ["address": "0x87fe4ebd0cddde06", "keyId": "0"])
    #expect(
      first["account"] == [
        "address": "0x955cd3f17b2fd8ad", "keyId": "5", "publicKey": .string(Self.publicKey),
      ])
    // Each transaction has a proposal key of its own.
    #expect(Set(found.compactMap { $0["proposer"]?["keyId"]?.string }) == ["3", "4"])
    #expect(Set(found.compactMap { $0["proposer"]?["sequenceNumber"]?.string }) == ["7", "9"])
    #expect(found.contains { $0["account"]?["keyId"] == "0" }, "without a key the account's first one")
    #expect(requests.allSatisfy { ($0.headers["x-api-key"] != nil) == $0.path.hasPrefix("/v3/") })
  }

  @Test(arguments: ["{}", #"{"keyId":1,"address":"0x1"}"#, #"{"keyId":-1,"address":"0x87fe4ebd0cddde06"}"#])
  func doesNotGuessWhatTheAPIDidNotSay(proposal: String) throws {
    let (contexts, _) = try find([[.flowProposal]]) { _ in .json(proposal) }
    guard case .failure = contexts.first else {
      Issue.record("found something")
      return
    }
  }

  // MARK: Broadcast

  /// An API and a node that know one vector.
  private final class Network: Sendable {
    let vector: JSONValue
    let results: [String]
    let submission: TestServer.Reply?
    let state = Mutex((asked: 0, order: [String]()))

    init(_ vector: JSONValue, results: [String], submission: TestServer.Reply? = nil) {
      self.vector = vector
      self.results = results
      self.submission = submission
    }

    func answer(_ request: TestServer.Request) -> TestServer.Reply {
      let expected = vector["expected"]
      state.withLock { $0.order.append(request.path) }
      switch request.path {
      case "/v3/flow/sign":
        let isPayer = request.json?["isPayer"]?.bool == true
        guard request.json?["data"] == expected?[isPayer ? "envelope" : "payload"] else {
          return .answer(400, "{}")
        }
        let signature = expected?[isPayer ? "payerSignature" : "proposerSignature"]?.string ?? ""
        return .json(#"{"signature":"\#(signature)"}"#)
      case "/flow/v1/transactions":
        return submission ?? .answer(201, #"{"id":"\#(expected?["txId"]?.string ?? "")"}"#)
      case "/flow/v1/transaction_results/\(expected?["txId"]?.string ?? "")":
        let number = state.withLock {
          $0.asked += 1
          return $0.asked
        }
        return .json(results[min(number, results.count) - 1])
      case "/v3/flow/broadcast": return .json(#"{"txId":"x"}"#)
      default: return .answer(404, "{}")
      }
    }
  }

  private func record(_ vector: JSONValue, change: (inout JSONObject) -> Void = { _ in }) throws -> String {
    let expected = try #require(vector["expected"])
    let body = try JSONValue(parsing: text(vector["pending"]?["serializedTransaction"]))
    var signed = JSONObject()
    signed["txData"] = .string(String(try text(expected["payload"]).dropFirst(64)))
    signed["from"] = body["body"]?["account"]
    signed["payloadSignature"] = [
      "address": body["body"]?["account"] ?? .null, "keyId": "0",
      "signature": expected["authorizerSignature"] ?? .null,
    ]
    change(&signed)
    return recordLine(
      "5f", chain: "FLOW",
      more:
        #","context":{"proposer":{"keyId":"3"},"payer":{"address":"0x87fe4ebd0cddde06","keyId":"0"}},"signed":"#
        + JSONValue.object(signed).text)
  }

  private func run(
    _ line: String, _ network: Network, timeout: Duration = .seconds(4)
  ) throws -> (line: JSONValue?, requests: [TestServer.Request]) {
    let server = TestServer { network.answer($0) }
    defer { server.stop() }
    let api = try makeAPI(server.url, timeout: timeout)
    let nodes = PublicNodes(flow: WebAddress(server.url + Self.node + "/"))
    let lines = try pipeLines([line]) {
      try BroadcastRun(api: api, nodes: nodes, logger: LogCollector().logger).run(reader: $0, writer: $1)
    }.lines
    return (lines.first, server.requests)
  }

  private let sealed = #"{"status":"Sealed","status_code":0,"error_message":""}"#
  private let pending = #"{"status":"Pending","status_code":0,"error_message":""}"#

  @Test func collectsSignaturesSubmitsAndTellsTheAPI() throws {
    let vector = try vectors()[1]
    let network = Network(vector, results: [pending, sealed])
    let (line, requests) = try run(record(vector), network)
    let txID = try text(vector["expected"]?["txId"])
    #expect(line?["result"]?["txId"]?.string == txID)
    let submitted = try #require(requests.first { $0.path == "/flow/v1/transactions" })
    #expect(submitted.headers["x-api-key"] == nil)
    let body = try #require(submitted.json)
    #expect(
      body["script"]?.string.flatMap { Base64.decode($0) }
        == Array("transaction { execute { log(\"Hello, World!\") } }".utf8))
    #expect(
      body["arguments"]?.array?.first?.string.flatMap { Base64.decode($0) }
        == Array(#"{"type":"UInt64","value":"7"}"#.utf8))
    #expect(body["payer"] == "87fe4ebd0cddde06" && body["gas_limit"] == "9999")
    #expect(
      body["proposal_key"] == ["address": "87fe4ebd0cddde06", "key_index": "3", "sequence_number": "0"])
    #expect(body["payload_signatures"]?.array?.count == 2 && body["envelope_signatures"]?.array?.count == 1)
    // The key goes back, then the API learns the id.
    let told = requests.filter { $0.path == "/v3/flow/broadcast" }.map(\.body)
    #expect(
      Set(told) == [#"{"txData":"\#(txID)","proposalKey":3}"#, #"{"txData":"\#(txID)","signatureId":"5f"}"#])
  }

  @Test func failsWhatFailsOnTheChain() throws {
    let vector = try vectors()[0]
    let failed = #"{"status":"Sealed","status_code":1,"error_message":"[Error Code: 1101] panic"}"#
    let (line, requests) = try run(record(vector), Network(vector, results: [failed]))
    #expect(line?["error"]?["code"] == "broadcast-rejected" && line?["error"]?["outcome"] == "failed")
    #expect(requests.contains { $0.body == #"{"txData":"","proposalKey":3}"# })
    #expect(
      !requests.contains { $0.body.contains("signatureId\":\"5f\"") && $0.path == "/v3/flow/broadcast" })
  }

  /// Neither a lost answer nor a used sequence number says that nothing was paid.
  @Test func doesNotFailWhatMayHaveBeenExecuted() throws {
    let vector = try vectors()[0]
    let overtaken =
      #"{"status":"Sealed","status_code":1,"error_message":"[Error Code: 1007] invalid proposal key"}"#
    for (results, submission) in [
      ([pending], nil), ([overtaken], nil), ([pending], TestServer.Reply.hangUp),
      ([pending], .answer(201, #"{"id":"00"}"#)),
    ] as [([String], TestServer.Reply?)] {
      let (line, requests) = try run(
        record(vector), Network(vector, results: results, submission: submission), timeout: .seconds(1))
      #expect(line?["error"]?["outcome"] == "unknown")
      #expect(!requests.contains { $0.path == "/v3/flow/broadcast" })
    }
  }

  @Test func asksForTheResultWhenTheNodeRefuses() throws {
    let vector = try vectors()[0]
    let refusal = TestServer.Reply.answer(400, #"{"code":400,"message":"transaction already exists"}"#)
    let (line, _) = try run(record(vector), Network(vector, results: [sealed], submission: refusal))
    #expect(line?["result"] != nil)
  }

  @Test func sendsNothingWithoutEverySignature() throws {
    let vector = try vectors()[0]
    for change: (inout JSONObject) -> Void in [
      { $0["payloadSignature"] = nil }, { $0["txData"] = "c0" },
      { $0["payloadSignature"] = ["address": "0x0000000000000001", "keyId": "0", "signature": "00"] },
    ] {
      let (line, requests) = try run(record(vector, change: change), Network(vector, results: [sealed]))
      #expect(line?["error"]?["outcome"] == "failed")
      #expect(requests.map(\.path) == ["/v3/tatum/kms/batch"])
    }
    // The API does not sign: nothing was sent, and the same bytes come again.
    let other = try vectors()[1]
    let (line, requests) = try run(record(vector), Network(other, results: [sealed]))
    #expect(line?["error"] != nil)
    #expect(!requests.contains { $0.path == "/flow/v1/transactions" })
  }

  @Test func givesBackTheKeyOfWhatWasNotSigned() throws {
    let line = recordLine(
      "5f", chain: "FLOW",
      more:
        #","context":{"proposer":{"keyId":"9"}},"error":{"stage":"verify","outcome":"denied","code":"denied","message":"no"}"#
    )
    let (_, requests) = try run(line, Network([:], results: []))
    #expect(requests.map(\.body) == [#"{"txData":"","proposalKey":9}"#])
  }
}
