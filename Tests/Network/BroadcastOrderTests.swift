import Glibc
import KMSProcess
import KMSRecords
import Synchronization
import Testing

@testable import KMSChains
@testable import KMSNetwork

/// Which transactions go out at once, which wait for which, and what becomes of those after one that did not get in.
@Suite(.timeLimit(.minutes(20))) struct BroadcastOrderTests {
  private func id(_ i: Int) -> String { String(repeating: "0", count: 60) + String(10_000 + i).suffix(4) }

  private func signed(_ i: Int, chain: String = "ETH", from: String = "0xaa") -> String {
    recordLine(
      "\(i)", chain: chain,
      more:
        #","signed":{"txData":"0xf8","txId":"\#(id(i))","from":"\#(from)","nonce":"\#(i)","reused":false}"#)
  }

  private func run(
    _ lines: [String], _ server: TestServer, timeout: Duration = .seconds(20),
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

  private func number(_ request: TestServer.Request) -> Int? {
    request.json?["signatureId"]?.string.flatMap { Int($0) }
  }

  private func accepted(_ request: TestServer.Request) -> TestServer.Reply {
    if request.path.hasSuffix("/batch") || request.method == "PUT" { return .answer(204, "") }
    return .json(#"{"txId":"\#(id(number(request) ?? 0))"}"#)
  }

  // MARK: Several at once

  /// The first answers come once sixteen are there: one after the other would never get so far.
  @Test(arguments: ["ETH", "CELO", "EGLD"]) func sendsSeveralOfOneSenderWhereNodesQueueByNonce(chain: String)
    throws
  {
    let arrived = Mutex(0)
    let server = TestServer { request in
      arrived.withLock { $0 += 1 }
      // The first four answers open more places, and so on.
      var rounds = 0
      let wanted = number(request).map { $0 < 4 ? 4 : $0 < 16 ? 8 : 16 } ?? 0
      while arrived.withLock({ $0 }) < wanted, rounds < 1000 {
        usleep(10_000)
        rounds += 1
      }
      return rounds < 1000 ? accepted(request) : .answer(500, "")
    }
    defer { server.stop() }
    let (_, lines) = try run((0..<40).map { signed($0, chain: chain) }, server)
    #expect(lines.map { $0["id"]?.string } == (0..<40).map { "\($0)" })
    #expect(lines.allSatisfy { outcome($0) == "sent" })
  }

  @Test(arguments: ["XRP", "XLM", "BNB", "BTC", "SOL", "TRON", "VET", "ALGO"])
  func sendsOneAfterTheOtherElsewhere(chain: String) throws {
    guard case .queuedByNonce = ChainRegistry.broadcast(of: chain)?.order else { return }
    Issue.record("\(chain) has no queue by nonce")
  }

  // MARK: Gaps

  /// The fourth is refused: those after it are held, told apart, and neither lost nor reported.
  @Test func holdsWhatFollowsARefusedOne() throws {
    let server = TestServer { request in
      number(request) == 3 && request.method == "POST"
        ? .answer(403, #"{"message":"intrinsic gas too low"}"#) : accepted(request)
    }
    defer { server.stop() }
    let lines = (0..<100).map { signed($0) } + [signed(100, from: "0xbb")]
    let (status, out) = try run(lines, server)
    #expect(status == .ok)
    #expect(out.count == 101)
    func line(_ i: Int) -> JSONValue? { out.first { $0["id"]?.string == "\(i)" } }
    for i in 0..<3 { #expect(outcome(line(i)) == "sent") }
    #expect(outcome(line(3)) == "failed broadcast-rejected")
    #expect(outcome(line(100)) == "sent", "another sender")
    let later = (4..<100).map { outcome(line($0)) }
    // A few were under way already.
    #expect(later.allSatisfy { ["sent", "unknown held-for-earlier"].contains($0) })
    #expect(later.suffix(60).allSatisfy { $0 == "unknown held-for-earlier" })
    let reports = server.requests.filter { $0.path.hasSuffix("/batch") }
    #expect(reports.count == 1)
    #expect(reports.first?.json?["errors"]?.array?.compactMap { $0["signatureId"]?.string } == ["3"])
    // The next poll: the refused one is gone, and the held ones go out.
    let held = (4..<100).filter { outcome(line($0)) == "unknown held-for-earlier" }
    let (_, again) = try run(held.map { signed($0) }, server)
    #expect(again.count == held.count && again.allSatisfy { outcome($0) == "sent" })
  }

  /// A nonce that another transaction has used leaves no gap.
  @Test func goesOnAfterANonceThatIsUsed() throws {
    let server = TestServer { request in
      if request.path.contains("/node/") { return .json(#"{"result":null}"#) }
      if request.method == "GET" {
        return .answer(404, #"{"errorCode":"tx.not.found","message":"not found or pending"}"#)
      }
      return number(request) == 0 ? .answer(403, #"{"message":"nonce too low"}"#) : accepted(request)
    }
    defer { server.stop() }
    let (_, out) = try run((0..<40).map { signed($0) }, server)
    #expect(outcome(out.first) == "failed broadcast-rejected")
    #expect(out.dropFirst().allSatisfy { outcome($0) == "sent" })
  }

  /// A node that queues takes what follows a lost one; elsewhere the refusal of the next one would be no verdict.
  @Test func holdsWhatFollowsALostOneWhereNodesDoNotQueue() throws {
    for (chain, expected) in [("XRP", "unknown held-for-earlier"), ("ETH", "sent"), ("TRON", "sent")]
      as [(String, String)]
    {
      let server = TestServer { request in
        number(request) == 0 && request.method == "POST" ? .answer(500, "{}") : accepted(request)
      }
      defer { server.stop() }
      let (_, out) = try run((0..<5).map { signed($0, chain: chain) }, server, timeout: .seconds(2))
      #expect(outcome(out.first) == "unknown answer-lost")
      #expect(out.dropFirst().allSatisfy { outcome($0) == expected }, "\(chain)")
    }
  }

  /// What the network holds may wait for one that comes later in the list: that is sent, but its refusal is no verdict.
  @Test func sendsWhatAHeldOneMayWaitFor() throws {
    let server = TestServer { request in
      guard request.method == "POST" else {
        return .answer(404, #"{"errorCode":"tx.not.found","message":"not found"}"#)
      }
      switch number(request) {
      case 0: return .answer(403, #"{"message":"terPRE_SEQ: Missing/inapplicable prior transaction."}"#)
      case 2: return .answer(403, #"{"message":"temBAD_AMOUNT: Malformed: Bad amount."}"#)
      default: return accepted(request)
      }
    }
    defer { server.stop() }
    let (_, out) = try run((0..<4).map { signed($0, chain: "XRP") }, server)
    #expect(
      out.map { outcome($0) } == [
        "unknown held-by-network", "sent", "unknown held-for-earlier", "unknown held-for-earlier",
      ])
    #expect(!server.requests.contains { $0.path.hasSuffix("/batch") })
  }

  /// What spends the change of one that was not sent is not refused for good.
  @Test func doesNotFailWhatSpendsTheOutputOfALostOne() throws {
    let server = TestServer { request in
      if request.method == "GET" {
        return .answer(403, #"{"message":"No such mempool or blockchain transaction."}"#)
      }
      return number(request) == 0
        ? .answer(500, "{}") : .answer(403, #"{"message":"bad-txns-inputs-missingorspent"}"#)
    }
    defer { server.stop() }
    let (_, out) = try run((0..<2).map { signed($0, chain: "BTC") }, server, timeout: .seconds(2))
    #expect(out.allSatisfy { $0["error"]?["outcome"]?.string == "unknown" })
    #expect(!server.requests.contains { $0.path.hasSuffix("/batch") })
  }

  // MARK: A chain that hangs

  /// Its endpoints answer once all others are sent: would anything wait for them, nothing went on.
  @Test(arguments: ["ETH", "BTC", "SOL", "ADA", "FLOW", "XRP"]) func aChainThatHangsHoldsNoOther(hung: String)
    throws
  {
    let others = ["ETH", "BTC", "TRON", "VET", "XRP"].filter { $0 != hung }
    let sent = Mutex(0)
    let hungPath = try #require(ChainRegistry.broadcast(of: hung)).name
    let server = TestServer { request in
      let isHung =
        request.path.hasPrefix("/v3/\(hungPath)/")
        || request.path.contains("/node/\(hung == "ADA" ? "cardano" : "solana")")
      guard isHung else {
        if number(request) != nil { sent.withLock { $0 += 1 } }
        return accepted(request)
      }
      var rounds = 0
      while sent.withLock({ $0 }) < 200, rounds < 2000 {
        usleep(10_000)
        rounds += 1
      }
      return .answer(500, "")
    }
    defer { server.stop() }
    // Five hundred of the hung chain stand before everything else.
    let first = (0..<500).map { signed($0, chain: hung, from: "0x\($0)") }
    let rest = (0..<200).map { signed(1000 + $0, chain: others[$0 % others.count], from: "0x\($0 % 50)") }
    let (_, out) = try run(first + rest, server)
    #expect(out.count == 700)
    #expect(out.filter { $0["chain"]?.string != hung }.allSatisfy { outcome($0) == "sent" })
    #expect(out.filter { $0["chain"]?.string == hung }.allSatisfy { outcome($0) != "sent" })
    #expect(Set(out.compactMap { $0["id"]?.string }).count == 700)
  }

  /// More records of a hung chain than the stage holds: once it is silent for a while they go, unsent, and the others of
  /// this poll are read and sent.
  @Test func aFullWindowDoesNotStopTheOthers() throws {
    let server = TestServer { request in
      guard request.path == "/v3/xrp/broadcast" else { return accepted(request) }
      return .after(milliseconds: 8000, .answer(500, ""))
    }
    defer { server.stop() }
    let hung = (0..<LaneStage.maximumCount + 500).map { signed($0, chain: "XRP", from: "r\($0 % 3)") }
    let (_, out) = try run(hung + (0..<20).map { signed(9000 + $0) }, server, timeout: .seconds(30))
    #expect(out.count == hung.count + 20)
    #expect(out.filter { $0["chain"] == "ETH" }.allSatisfy { outcome($0) == "sent" })
    #expect(out.filter { $0["chain"] == "XRP" }.allSatisfy { outcome($0).hasPrefix("unknown ") })
    #expect(!server.requests.contains { $0.path.hasSuffix("/batch") })
    #expect(server.requests.count { $0.path == "/v3/xrp/broadcast" } <= 4)
  }
}
