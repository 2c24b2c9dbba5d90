import KMSProcess
import KMSRecords
import Synchronization
import Testing

@testable import KMSNetwork

/// A 4xx is not the network's verdict (decisions 22 and 23): what the API's own trouble makes of a broadcast.
@Suite(.timeLimit(.minutes(20))) struct BroadcastTroubleTests {
  private static let hash = String(repeating: "ab", count: 32)

  private func signed(
    _ id: String, chain: String = "ETH", from: String = "0xaa", nonce: Int? = nil, reused: Bool = false
  ) -> String {
    let txID = chain == "ETH" ? "0x" + Self.hash : Self.hash
    let nonce = nonce.map { #","nonce":"\#($0)""# } ?? ""
    return recordLine(
      id, chain: chain,
      more:
        #","signed":{"txData":"0xf8","txId":"\#(txID)","from":"\#(from)"\#(nonce),"reused":\#(reused)}"#)
  }

  private func run(
    _ lines: [String], _ server: TestServer, timeout: Duration = .seconds(2),
    log: LogCollector = LogCollector()
  ) throws -> (status: KMSProcess.ExitStatus, lines: [JSONValue]) {
    let api = try makeAPI(server.url, timeout: timeout, log: log)
    let (status, lines) = try pipeLines(lines, log: log) {
      try BroadcastRun(api: api, logger: log.logger).run(reader: $0, writer: $1)
    }
    return (status, lines)
  }

  private func outcome(_ line: JSONValue?) -> String {
    guard let error = line?["error"] else { return line?["result"] == nil ? "nothing" : "sent" }
    return "\(error["outcome"]?.string ?? "") \(error["code"]?.string ?? "")"
  }

  private static func refusal(_ message: String, code: String = "x.broadcast.failed", status: Int = 403)
    -> TestServer.Reply
  {
    let body: JSONValue = [
      "statusCode": .number(JSONNumber(status)), "errorCode": .string(code), "message": .string(message),
    ]
    return .answer(status, body.text)
  }

  // MARK: What is no verdict

  @Test(arguments: [
    ("ETH", "Unable to broadcast transaction due to CONNECTION TIMEOUT: timeout of 30000 ms achived."),
    ("ETH", "Unable to broadcast transaction due to CONNECTION ERROR: Couldn't connect to node."),
    ("BSC", #"Unable to broadcast transaction due to Invalid JSON RPC response: ""."#),
    ("VET", "Unable to communicate with blockchain. timeout of 30000ms exceeded"),
    ("TRON", "Unable to communicate with blockchain. connect ECONNREFUSED 10.0.0.1:8090"),
    ("XLM", "Unable to communicate with blockchain. Request failed with status code 504"),
    ("MATIC", "Unable to broadcast transaction due to txpool is full."),
    ("ONE", "Unexpected error occurred. Reason: timeout"),
    ("BTC", "Unable to broadcast transaction due to 503."),
    ("XRP", "noNetwork: Not synced to the network."), ("DOGE", "something that nobody has ever seen"),
    ("ALGO", ""), ("KLAY", "request entity too large"),
  ])
  func leavesUnknownWhatIsNoVerdict(chain: String, text: String) throws {
    let server = TestServer { request in
      request.method == "GET" ? .answer(500, "") : Self.refusal(text)
    }
    defer { server.stop() }
    for isReused in [false, true] {
      let (_, lines) = try run([signed("a", chain: chain, reused: isReused)], server)
      #expect(outcome(lines.first).hasPrefix("unknown "), "\(chain) \(text)")
    }
    #expect(!server.requests.contains { $0.path.hasSuffix("/batch") })
  }

  /// The address is wrong, not the transaction, and the message has to say which address.
  @Test func namesTheAddressThatDoesNotExist() throws {
    let server = TestServer { request in
      .answer(404, #"{"statusCode":404,"message":"Cannot POST \#(request.path)","error":"Not Found"}"#)
    }
    defer { server.stop() }
    let (status, lines) = try run([signed("a")], server)
    #expect(lines.first?["error"]?["outcome"]?.string == "unknown")
    #expect(lines.first?["error"]?["message"]?.string?.contains("/v3/ethereum/broadcast") == true)
    #expect(status == .unavailable)
    #expect(!server.requests.contains { $0.path.hasSuffix("/batch") })
  }

  @Test func leavesUnknownWhatTheAPIDoesNotTakeAsItIs() throws {
    let invalid =
      #"{"errorCode":"validation.failed","message":"Request validation failed.","statusCode":400}"#
    for reply in [TestServer.Reply.answer(400, invalid), .answer(413, "<html>too large</html>")] {
      let server = TestServer { _ in reply }
      defer { server.stop() }
      let (_, lines) = try run([signed("a")], server)
      #expect(lines.first?["error"]?["outcome"]?.string == "unknown")
      #expect(server.requests.count == 1)
    }
  }

  // MARK: Look-ups that prove nothing

  /// A refused look-up is no proof of absence, whatever the refusal of the broadcast.
  @Test(arguments: [
    "Unable to communicate with blockchain.",
    "Transaction not found. Possible not exists or is still pending.", "Forbidden", "Cannot GET /v3/x",
  ])
  func takesNoRefusedLookUpForProof(text: String) throws {
    for sent in ["nonce too low", "insufficient funds for gas * price + value"] {
      let server = TestServer { request in
        if request.path.hasSuffix("/broadcast") { return Self.refusal(sent) }
        return request.path.contains("/node/")
          ? .answer(404, "{}") : Self.refusal(text, code: "x", status: 404)
      }
      defer { server.stop() }
      let (_, lines) = try run([signed("a", reused: true)], server)
      #expect(outcome(lines.first) == "unknown answer-lost", "\(text)")
      #expect(!server.requests.contains { $0.path.hasSuffix("/batch") })
    }
  }

  /// Nor is one that was not answered, or that says nothing of the transaction.
  @Test(arguments: [
    TestServer.Reply.answer(500, ""), .answer(502, ""), .hangUp, .reset, .json("{}"), .json("[]"),
    .json(#"{"status":"ok"}"#), .json(#"{"hash":"0x\#(String(repeating: "c", count: 64))"}"#),
    .raw("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{\"hash\""),
  ])
  func takesNothingButAnAnswerForProof(reply: TestServer.Reply) throws {
    let server = TestServer { request in
      request.path.hasSuffix("/broadcast") ? Self.refusal("nonce too low") : reply
    }
    defer { server.stop() }
    let (_, lines) = try run([signed("a")], server, timeout: .milliseconds(700))
    #expect(outcome(lines.first) == "unknown answer-lost", "\(reply)")
  }

  /// The API can't tell what does not exist from what waits; a node can.
  @Test(arguments: [("null", "failed broadcast-rejected"), (#"{"hash":"0x\#(hash)"}"#, "sent")])
  func asksANodeOfAnEVMNetwork(found: String, expected: String) throws {
    let server = TestServer { request in
      if request.path.hasSuffix("/broadcast") { return Self.refusal("nonce too low") }
      if request.path.hasPrefix("/v3/blockchain/node/ethereum-sepolia") {
        #expect(request.json?["method"]?.string == "eth_getTransactionByHash")
        return .json(#"{"jsonrpc":"2.0","id":1,"result":\#(found)}"#)
      }
      if request.method == "PUT" || request.path.hasSuffix("/batch") { return .answer(204, "") }
      return Self.refusal(
        "Transaction not found. Possible not exists or is still pending.", code: "tx.not.found", status: 404)
    }
    defer { server.stop() }
    #expect(outcome(try run([signed("a")], server).lines.first) == expected)
  }

  /// "OldNonce" also comes for the own transaction that is on the chain (Nethermind).
  @Test func takesForSentWhatIsOnTheChain() throws {
    let server = TestServer { request in
      if request.path.hasSuffix("/broadcast") {
        return Self.refusal(
          "Unable to broadcast transaction due to OldNonce, Current nonce: 5, nonce of rejected tx: 3.")
      }
      return request.method == "PUT" ? .answer(204, "") : .json(#"{"transactionHash":"0x\#(Self.hash)"}"#)
    }
    defer { server.stop() }
    #expect(outcome(try run([signed("a")], server).lines.first) == "sent")
  }

  // MARK: What ends the run

  private static let credits =
    "You have reached the limit of 10000 credits with your free plan. Please upgrade your plan."

  @Test(arguments: [
    (402, #"{"message":"Payment required"}"#, KMSProcess.ExitStatus.unavailable),
    (403, #"{"message":"\#(credits)","statusCode":403}"#, .unavailable),
    (401, #"{"message":"Unauthorized","statusCode":401}"#, .noPermission),
    (403, #"{"message":"Forbidden","statusCode":403}"#, .noPermission),
    (
      403, #"{"errorCode":"subscription.expired","message":"Subscription expired","statusCode":403}"#,
      .noPermission
    ),
  ])
  func sendsAndReportsNothingMore(status: Int, body: String, exit: KMSProcess.ExitStatus) throws {
    let server = TestServer { _ in .after(milliseconds: 100, .answer(status, body)) }
    defer { server.stop() }
    let log = LogCollector()
    let failed = recordLine(
      "f", more: #","error":{"stage":"sign","outcome":"failed","code":"wallet-not-found","message":"m"}"#)
    let chains = ["ETH", "BTC", "XLM"]
    let lines = [failed] + (0..<300).map { signed("\($0)", chain: chains[$0 % 3], from: "0x\($0)") }
    let (code, out) = try run(lines, server, log: log)
    #expect(code == exit)
    #expect(out.count == 301)
    #expect(out.filter { $0["id"]?.string != "f" }.allSatisfy { outcome($0).hasPrefix("unknown ") })
    #expect(server.requests.count <= 12, "what was under way, four of each chain, and nothing after it")
    #expect(!server.requests.contains { $0.path.hasSuffix("/batch") || $0.method != "POST" })
    #expect(log.lines.count { $0.contains("nothing more is sent in this run") } == 1)
    #expect(log.lines.contains { $0.contains("1 failures are not reported") })
  }

  @Test func asksNothingMoreWhenALookUpHasUsedTheLastCredit() throws {
    let server = TestServer { _ in .answer(403, #"{"message":"\#(Self.credits)","statusCode":403}"#) }
    defer { server.stop() }
    let (code, lines) = try run([signed("a", reused: true), signed("b", from: "0xbb")], server)
    #expect(code == .unavailable)
    #expect(lines.allSatisfy { outcome($0) == "unknown out-of-credits" })
    #expect(server.requests.count <= 2)
  }

  // MARK: What was sent before

  @Test func looksUpBeforeSendingAgain() throws {
    let server = TestServer { request in
      request.method == "GET" ? .json(#"{"hash":"0x\#(Self.hash)"}"#) : .answer(204, "")
    }
    defer { server.stop() }
    #expect(outcome(try run([signed("a", reused: true)], server).lines.first) == "sent")
    #expect(server.requests.map(\.method) == ["GET", "PUT"], "found, marked as complete, and not sent again")
  }

  /// "Already known" may be said of what never gets into a block: a look-up has to agree.
  @Test func waitsUntilALookUpAgrees() throws {
    let isThere = Mutex(false)
    let server = TestServer { request in
      if request.path.hasSuffix("/broadcast") { return Self.refusal("already known") }
      if request.method == "PUT" { return .answer(204, "") }
      if isThere.withLock({ $0 }) { return .json(#"{"hash":"0x\#(Self.hash)"}"#) }
      return request.path.contains("/node/")
        ? .json(#"{"result":null}"#) : Self.refusal("Transaction not found.", code: "tx.not.found")
    }
    defer { server.stop() }
    #expect(outcome(try run([signed("a")], server).lines.first) == "unknown answer-lost")
    isThere.withLock { $0 = true }
    #expect(outcome(try run([signed("a")], server).lines.first) == "sent")
    #expect(!server.requests.contains { $0.path.hasSuffix("/batch") })
  }
}
