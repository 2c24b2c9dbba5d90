import KMSProcess
import KMSRecords
import Synchronization
import Testing

@testable import KMSChains
@testable import KMSNetwork

@Suite(.timeLimit(.minutes(20))) struct BroadcastRunTests {
  private static let hash = "ab" + String(repeating: "1", count: 62)

  private func run(
    _ lines: [String], url: String, timeout: Duration = .seconds(3), log: LogCollector = LogCollector()
  ) throws -> (status: KMSProcess.ExitStatus, lines: [JSONValue]) {
    let api = try makeAPI(url, timeout: timeout, log: log)
    let (status, lines) = try pipeLines(lines, log: log) {
      try BroadcastRun(api: api, logger: log.logger).run(reader: $0, writer: $1)
    }
    return (status, lines)
  }

  private func signed(
    _ id: String, chain: String = "ETH", txID: String? = "0x" + hash, from: String = #""0xaa""#,
    pending: String? = nil, reused: Bool = false, data: String = "0xf8"
  ) -> String {
    let txID = txID.map { #","txId":"\#($0)""# } ?? ""
    return recordLine(
      id, chain: chain, pending: pending,
      more: #","signed":{"txData":"\#(data)"\#(txID),"from":\#(from),"reused":\#(reused)}"#)
  }

  private func error(_ line: JSONValue?) -> String? {
    guard let error = line?["error"] else { return nil }
    return "\(error["outcome"]?.string ?? "") \(error["code"]?.string ?? "")"
  }

  private func accepted() -> TestServer {
    TestServer { _ in .json(#"{"txId":"0x\#(Self.hash)"}"#) }
  }

  @Test func sendsToTheEndpointOfEachChain() throws {
    for chain in ChainRegistry.names.all {
      let broadcast = try #require(ChainRegistry.broadcast(of: chain), "\(chain)")
      guard broadcast is PlainBroadcast || broadcast is EVMBroadcast else { continue }
      let server = accepted()
      defer { server.stop() }
      let (status, lines) = try run([signed("5f", chain: chain)], url: server.url)
      #expect(status == .ok)
      #expect(lines.first?["result"]?["txId"]?.string == "0x" + Self.hash)
      #expect(lines.first?["result"]?["at"]?.string?.hasSuffix("Z") == true)
      #expect(server.requests.map(\.path) == ["/v3/\(broadcast.name)/broadcast"], "\(chain)")
      #expect(server.requests.first?.body == #"{"txData":"0xf8","signatureId":"5f"}"#)
    }
  }

  @Test func sendsWithdrawalsToTheirEndpointWhereThereIsOne() throws {
    let server = accepted()
    defer { server.stop() }
    let pending = #"{"id":"5f","withdrawalId":"w1"}"#
    for chain in ["BTC", "BSC"] {
      _ = try run([signed("5f", chain: chain, pending: pending)], url: server.url)
    }
    #expect(server.requests.map(\.path) == ["/v3/offchain/withdrawal/broadcast", "/v3/bsc/broadcast"])
    #expect(
      server.requests.first?.body
        == #"{"currency":"BTC","txData":"0xf8","withdrawalId":"w1","signatureId":"5f"}"#)
  }

  @Test func comparesTheTransactionID() throws {
    let named = Mutex("")
    let server = TestServer { _ in .json(#"{"txId":"\#(named.withLock { $0 })"}"#) }
    defer { server.stop() }
    let log = LogCollector()
    func outcome(signed ours: String, named theirs: String) throws -> JSONValue? {
      named.withLock { $0 = theirs }
      return try run([signed("a", chain: "XRP", txID: ours)], url: server.url, log: log).lines.first
    }
    let upper = Self.hash.uppercased()
    for theirs in [upper, Self.hash, "0x" + Self.hash] {
      #expect(try outcome(signed: upper, named: theirs)?["result"]?["txId"]?.string == upper, "our own form")
    }
    #expect(log.lines.count { $0.contains("critical") } == 0)
    #expect(
      error(try outcome(signed: upper, named: String(repeating: "2", count: 64))) == "unknown txid-mismatch")
    // Base58 distinguishes cases.
    #expect(error(try outcome(signed: "AbCd", named: "abcd")) == "unknown txid-mismatch")
    #expect(log.lines.count { $0.contains("critical") } == 2)
    #expect(error(try outcome(signed: upper, named: "")) == "unknown answer-lost")
  }

  @Test func marksAsCompleteWhatTheAPICouldNot() throws {
    let server = TestServer { request in
      request.method == "PUT" ? .answer(204, "") : .json(#"{"txId":"0x\#(Self.hash)","failed":true}"#)
    }
    defer { server.stop() }
    let (status, lines) = try run([signed("5f00000000000000000000aa")], url: server.url)
    #expect(status == .ok)
    #expect(lines.first?["result"] != nil)
    #expect(server.requests.last?.path == "/v3/kms/5f00000000000000000000aa/0x\(Self.hash)")
  }

  /// Once a look-up agrees (decision 22).
  @Test(arguments: [
    ("ETH", "already known"), ("BSC", "AlreadyKnown, hash: 0x1"), ("KLAY", "known transaction: abc"),
    ("BTC", "-27: Transaction already in block chain"), ("LTC", "txn-already-in-mempool"),
    ("BCH", "txn-already-known"),
    ("BTC", "Transaction outputs already in utxo set"), ("TRON", "DUP_TRANSACTION_ERROR"),
    ("XRP", "tefALREADY: The exact transaction was already in this ledger."),
    ("XLM", #"{\"tx_status\":\"DUPLICATE\",\"hash\":\"ab\"}"#),
    ("ALGO", "TransactionPool.Remember: transaction already in ledger: X"),
  ]) func takesAlreadyThereForSuccess(chain: String, text: String) throws {
    let server = TestServer { request in
      switch request.method {
      case "PUT": .answer(204, "")
      case "GET": .json(#"{"hash":"0x\#(Self.hash)"}"#)
      default: .answer(403, #"{"errorCode":"x.broadcast.failed","message":"\#(text)"}"#)
      }
    }
    defer { server.stop() }
    let (status, lines) = try run([signed("a", chain: chain)], url: server.url)
    #expect(status == .ok)
    #expect(lines.first?["result"]?["txId"]?.string == "0x" + Self.hash)
    // Looked up, and marked as complete, or it would stay pending for ever.
    #expect(server.requests.map(\.method) == ["POST", "GET", "PUT"])
  }

  @Test(arguments: [
    "transaction type not supported", "insufficient funds for gas * price + value", "intrinsic gas too low",
  ])
  func failsWhatIsRefused(text: String) throws {
    let server = TestServer { request in
      request.path.hasSuffix("batch") ? .answer(204, "") : .answer(403, #"{"message":"\#(text)"}"#)
    }
    defer { server.stop() }
    let (status, lines) = try run([signed("a")], url: server.url)
    #expect(status == .ok)
    #expect(error(lines.first) == "failed broadcast-rejected")
    #expect(lines.first?["result"] == nil)
    #expect(
      server.requests.last?.body
        == #"{"errors":[{"signatureId":"a","error":"broadcast-rejected: \#(text)"}]}"#)
    #expect(server.requests.map(\.path) == ["/v3/ethereum/broadcast", "/v3/tatum/kms/batch"])
  }

  /// What a network keeps may still be applied: called failed, somebody would pay once more.
  @Test(arguments: [
    ("XRP", "terQUEUED: Held until escalated fee drops."),
    ("XRP", "terPRE_SEQ: Missing/inapplicable prior transaction."),
    ("XRP", "terNO_ACCOUNT: The source account does not exist."),
    ("XLM", "tx_status: TRY_AGAIN_LATER"),
  ])
  func neverCallsFailedWhatTheNetworkKeeps(chain: String, text: String) throws {
    let server = TestServer { _ in .answer(403, #"{"message":"\#(text)"}"#) }
    defer { server.stop() }
    for isReused in [false, true] {
      let (status, lines) = try run([signed("a", chain: chain, reused: isReused)], url: server.url)
      #expect(status == .ok)
      #expect(error(lines.first) == "unknown held-by-network")
    }
    #expect(!server.requests.contains { $0.path.hasSuffix("batch") }, "nothing is reported")
  }

  /// What only sounds like "already there" is not looked up; what nobody knows is no verdict (decision 22).
  @Test(arguments: ["Duplicate field detected", "bitterness", "unknown transaction", ""])
  func leavesUnknownWhatOnlySoundsLikeIt(text: String) throws {
    let server = TestServer { _ in .answer(403, #"{"message":"\#(text)"}"#) }
    defer { server.stop() }
    let (_, lines) = try run([signed("a", chain: "XRP")], url: server.url)
    #expect(error(lines.first) == "unknown answer-lost")
    #expect(server.requests.map(\.path) == ["/v3/xrp/broadcast"])
  }

  /// "nonce too low" comes for our own mined transaction as for another's.
  @Test(arguments: [(200, "result"), (404, "unknown answer-lost"), (500, "unknown answer-lost")])
  func looksUpWhatWasPerhapsSentBefore(status: Int, outcome: String) throws {
    let server = TestServer { request in
      if request.path == "/v3/ethereum/transaction/0x\(Self.hash)" {
        return .answer(status, #"{"hash":"x"}"#)
      }
      if request.method == "PUT" || request.path.hasSuffix("batch") { return .answer(204, "") }
      return .answer(403, #"{"message":"nonce too low"}"#)
    }
    defer { server.stop() }
    let (_, lines) = try run([signed("a")], url: server.url, timeout: .milliseconds(300))
    #expect((error(lines.first) ?? "result") == outcome)
  }

  @Test func looksUpWhateverIsRefusedOfReusedBytes() throws {
    let server = TestServer { request in
      if request.method == "GET" { return .answer(200, #"{"hash":"x"}"#) }
      return request.method == "PUT" ? .answer(204, "") : .answer(403, #"{"message":"some new wording"}"#)
    }
    defer { server.stop() }
    let (_, lines) = try run([signed("a", reused: true)], url: server.url)
    #expect(lines.first?["result"] != nil)
  }

  @Test func neverCallsALostAnswerFailed() throws {
    let replies: [(TestServer.Reply, KMSProcess.ExitStatus)] = [
      (.hangUp, .temporary), (.reset, .temporary),
      (.raw("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{\"txId\""), .temporary),
      (.answer(500, "{}"), .temporary), (.answer(502, ""), .temporary), (.answer(408, ""), .temporary),
      (.answer(200, "not json"), .temporary), (.answer(302, ""), .temporary),
      (.after(milliseconds: 4000, .json("{}")), .temporary),
    ]
    for (reply, exit) in replies {
      let server = TestServer { _ in reply }
      defer { server.stop() }
      let (status, lines) = try run([signed("a")], url: server.url, timeout: .seconds(2))
      #expect(error(lines.first) == "unknown answer-lost", "\(reply)")
      #expect(status == exit, "\(reply)")
      #expect(server.requests.count == 1, "sent once, and no batch report: \(reply)")
    }
  }

  @Test func sendsNothingMoreWhenTheAPICanNotBeReached() throws {
    let start = ContinuousClock.now
    let url = "http://127.0.0.1:\(TestServer.unusedPort())"
    let (status, lines) = try run((0..<2000).map { signed("\($0)") }, url: url, timeout: .seconds(1))
    #expect(status == .unavailable)
    #expect(lines.count == 2000)
    #expect(lines.allSatisfy { error($0) == "unknown api-unreachable" })
    // 24 at once, a second each, would take 83.
    #expect(ContinuousClock.now - start < .seconds(60))
  }

  @Test func triesAgainAfter429() throws {
    let count = Mutex(0)
    let server = TestServer { _ in
      count.withLock {
        $0 += 1; return $0
      } == 1 ? .answer(429, "") : .json(#"{"txId":"0x\#(Self.hash)"}"#)
    }
    defer { server.stop() }
    let (status, lines) = try run([signed("a")], url: server.url)
    #expect(status == .ok)
    #expect(lines.first?["result"] != nil)
  }

  @Test func stopsWhenTheKeyIsNotAccepted() throws {
    let server = TestServer { _ in .answer(401, #"{"message":"no subscription"}"#) }
    defer { server.stop() }
    let lines = (0..<20).map { signed("\($0)") }
    let (status, out) = try run(lines, url: server.url)
    #expect(status == .noPermission)
    #expect(out.allSatisfy { error($0) == "unknown api-error" })
    #expect(server.requests.count <= 4, "what was under way at once, and nothing after it")
  }

  @Test func keepsTheOrderOfOneSenderAndRunsOthersInParallel() throws {
    let server = TestServer { _ in .after(milliseconds: 60, .json(#"{"txId":"0x\#(Self.hash)"}"#)) }
    defer { server.stop() }
    let lines = (0..<24).map { signed("\($0)", chain: "XRP", from: #""0x\#($0 % 3)""#) }
    let (_, out) = try run(lines, url: server.url)
    func of(_ sender: Int, _ ids: [String]) -> [Int] {
      ids.compactMap { Int($0) }.filter { $0 % 3 == sender }
    }
    for sender in 0..<3 {
      let sent = of(sender, server.requests.compactMap { $0.json?["signatureId"]?.string })
      #expect(sent == sent.sorted() && sent.count == 8)
      let written = of(sender, out.compactMap { $0["id"]?.string })
      #expect(written == written.sorted() && written.count == 8)
    }
    #expect((2...3).contains(server.mostUnderWay))
  }

  @Test func sendsTransactionsWithACommonInputAddressInOrder() throws {
    let server = TestServer { _ in .after(milliseconds: 60, .json(#"{"txId":"0x\#(Self.hash)"}"#)) }
    defer { server.stop() }
    let inputs = [#"["a","b"]"#, #"["b","c"]"#, #"["c","a"]"#, #"["d","d"]"#]
    _ = try run(inputs.enumerated().map { signed("\($0)", chain: "BTC", from: $1) }, url: server.url)
    let ids = server.requests.compactMap { $0.json?["signatureId"]?.string }
    #expect(ids.filter { $0 != "3" } == ["0", "1", "2"])
    #expect(server.mostUnderWay == 2)
  }

  @Test func reportsWhatFailedInOneCallAndNothingElse() throws {
    let server = accepted()
    defer { server.stop() }
    func ended(_ id: String, _ outcome: String, _ message: String = "m") -> String {
      recordLine(
        id,
        more: #","error":{"stage":"sign","outcome":"\#(outcome)","code":"some-code","message":"\#(message)"}"#
      )
    }
    let long = String(repeating: "y", count: 1000)
    let lines = [
      ended("1", "failed"), ended("2", "denied"), ended("3", "unknown"),
      ended("4", "failed", "key \(testKey) " + long),
      recordLine("5"), signed("6"),
    ]
    let log = LogCollector()
    let (status, out) = try run(lines, url: server.url, log: log)
    #expect(status == .ok)
    #expect(out.prefix(4).map(\.text) == Array(lines.prefix(4)), "ended records pass untouched")
    #expect(error(out.first { $0["id"] == "5" }) == "failed not-signed")
    #expect(out.first { $0["id"] == "6" }?["result"] != nil)
    let reports = server.requests.filter { $0.path == "/v3/tatum/kms/batch" }
    #expect(reports.count == 1)
    let errors = reports.first?.json?["errors"]?.array ?? []
    #expect(errors.compactMap { $0["signatureId"]?.string } == ["1", "4", "5"])
    #expect(errors.first?["error"]?.string == "some-code: m")
    let text = errors.dropFirst().first?["error"]?.string ?? ""
    #expect(text.count <= 300)
    #expect(text.contains("<api key>") && !text.contains(testKey))
  }

  @Test func goesOnWhenTheReportFails() throws {
    let server = TestServer { request in
      request.path.hasSuffix("batch")
        ? .answer(400, "{}") : .answer(403, #"{"message":"intrinsic gas too low"}"#)
    }
    defer { server.stop() }
    let (status, lines) = try run([signed("a")], url: server.url)
    #expect(status == .unavailable)
    #expect(error(lines.first) == "failed broadcast-rejected")
  }

  @Test func leavesResultsAloneAndDoesNothingWithoutInput() throws {
    let server = accepted()
    defer { server.stop() }
    let line = recordLine("a", more: #","signed":{"txData":"0x","from":"b"},"result":{"txId":"x","at":"y"}"#)
    let (status, lines) = try run([line], url: server.url)
    #expect(status == .ok)
    #expect(lines.map(\.text) == [line])
    #expect(try run([], url: server.url).status == .ok)
    #expect(server.requests.isEmpty)
  }

  @Test func sendsNothingInADryRun() throws {
    let lines = [signed("a"), recordLine("b")]
    let (status, out) = try pipeLines(lines) {
      try BroadcastRun.dryRun(reader: $0, writer: $1, base: try TatumOptions.check("http://127.0.0.1:1"))
    }
    #expect(status == .ok)
    #expect(out.map(\.text) == lines)
  }
}

/// ADA: the transaction goes into an envelope.
@Suite(.timeLimit(.minutes(20))) struct CardanoBroadcastTests {
  private func ada(signatures: String) -> String {
    recordLine(
      "5f", chain: "ADA",
      more: #","context":{"ttl":"1","unsignedTransaction":"a4","payloads":[{"address":"addr1","hex":"ff"}]},"#
        + #""signed":{"txData":"84","txId":"\#(String(repeating: "1", count: 64))","from":["addr1"],"signatures":\#(signatures)}"#
    )
  }

  @Test func putsCardanoSignaturesIntoTheEnvelope() throws {
    let server = TestServer { request in
      request.path.hasSuffix("/combine")
        ? .json(#"{"signed_transaction":"8279"}"#)
        : .json(#"{"txId":"\#(String(repeating: "1", count: 64))"}"#)
    }
    defer { server.stop() }
    let line = try broadcast(
      ada(signatures: #"[{"address":"addr1","publicKey":"aa","signature":"bb"}]"#), server)
    #expect(line?["result"] != nil)
    #expect(server.requests.first?.path == "/v3/blockchain/node/cardano-preprod/construction/combine")
    #expect(
      server.requests.first?.json?["signatures"]?.text
        == #"[{"signing_payload":{"account_identifier":{"address":"addr1"},"hex_bytes":"\#(String(repeating: "1", count: 64))","signature_type":"ed25519"},"#
        + #""public_key":{"hex_bytes":"aa","curve_type":"edwards25519"},"signature_type":"ed25519","hex_bytes":"bb"}]"#
    )
    #expect(server.requests.last?.body == #"{"txData":"8279","signatureId":"5f"}"#)
  }

  /// The context of a record that comes back has a transaction with a later time to live, which was not signed.
  @Test func putsSignaturesIntoTheEnvelopeOfTheirOwnTransaction() throws {
    let server = TestServer { _ in .json(#"{"signed_transaction":"8279"}"#) }
    defer { server.stop() }
    let line = ada(signatures: #"[{"address":"addr1","publicKey":"aa","signature":"bb"}]"#)
      .replacing(#""txData":"84""#, with: #""txData":"84","reused":true,"unsignedTransaction":"a5""#)
    _ = try broadcast(line, server)
    let combined = server.requests.first { $0.path.hasSuffix("/combine") }?.json
    #expect(combined?["unsigned_transaction"] == "a5")
    #expect(
      combined?["signatures"]?.array?.first?["signing_payload"]?["hex_bytes"]?.string
        == String(repeating: "1", count: 64))
  }

  @Test func sendsNothingWhenACardanoSignatureIsMissing() throws {
    let server = TestServer { _ in .json("{}") }
    defer { server.stop() }
    let line = try broadcast(
      ada(signatures: #"[{"address":"addr2","publicKey":"aa","signature":"bb"}]"#), server)
    #expect(line?["error"]?["outcome"]?.string == "failed")
    #expect(server.requests.map(\.path) == ["/v3/tatum/kms/batch"])
  }
}
