import Glibc
import KMSChains
import KMSCrypto
import KMSPrimitives
import KMSProcess
import KMSRecords
import Synchronization
import Testing

@testable import KMSNetwork

@Suite(.timeLimit(.minutes(20))) struct ApprovalTests {
  private func record(_ line: String) throws -> Record {
    try Record(parsing: Array(line.utf8)[...], chains: ChainRegistry.names)
  }

  private func approved(_ line: String, key: borrowing StageKey) throws -> Record {
    var record = try record(line)
    record["approval"] = try Approval(
      of: record, url: "https://a/b", method: "GET", status: 200, at: "2026-11-22T21:00:00Z", key: key
    ).json
    return record
  }

  private func code(_ record: Record, _ key: borrowing StageKey) -> ErrorCode? {
    do throws(RecordError) {
      try Approval.verify(record: record, key: key)
      return nil
    } catch {
      #expect(error.stage == .sign)
      #expect(error.outcome == .denied)
      return error.code
    }
  }

  private let line = recordLine("a1", more: #","context":{"nonce":"7","gas":1e2},"extra":1"#)

  @Test func acceptsWhatWasApproved() throws {
    let record = try approved(line, key: try approveKey())
    #expect(code(record, try approveKey()) == nil)
    var text: [UInt8] = []
    record.write(to: &text)
    #expect(code(try self.record(String(decoding: text.dropLast(), as: UTF8.self)), try approveKey()) == nil)
  }

  @Test func isMissingWithoutApproval() throws {
    #expect(code(try record(line), try approveKey()) == .approvalMissing)
    #expect(code(try record(recordLine("a", more: #","approval":{}"#)), try approveKey()) == .approvalInvalid)
  }

  @Test func isInvalidWithAnotherKey() throws {
    let record = try approved(line, key: try approveKey())
    #expect(code(record, try approveKey(8)) == .approvalInvalid)
    let view = try viewKey()
    #expect(code(record, view) == .approvalInvalid)
    #expect(throws: RecordError.self) {
      try Approval(of: record, url: "", method: "", status: 200, at: "", key: view)
    }
  }

  @Test func isInvalidWhenAnythingChanges() throws {
    let key = try approveKey()
    let good = try approved(line, key: key)
    func changed(_ change: (inout Record) -> Void) -> ErrorCode? {
      var record = good
      change(&record)
      return code(record, key)
    }
    #expect(changed { $0["pending"] = ["id": "a1", "chain": "BTC"] } == .approvalInvalid)
    #expect(changed { $0["pending"] = ["chain": "ETH", "id": "a1"] } == .approvalInvalid)
    #expect(changed { $0["context"] = ["nonce": "8", "gas": 100] } == .approvalInvalid)
    #expect(changed { $0["context"] = ["nonce": "7", "gas": 100] } == .approvalInvalid)
    #expect(changed { $0["context"] = nil } == .approvalInvalid)
    for name in ["url", "method", "status", "at", "mac"] {
      let value: JSONValue =
        name == "status" ? 201 : name == "mac" ? .string(String(repeating: "0", count: 64)) : "x"
      let why = changed { record in
        guard var approval = record["approval"]?.object else { return }
        approval[name] = value
        record["approval"] = .object(approval)
      }
      #expect(why == .approvalInvalid, "\(name)")
    }
    // A member that signing does not look at may come and go.
    #expect(changed { $0["extra"] = nil } == nil)
    // Id, chain and network of another record.
    for other in [
      recordLine("a2", pending: #"{"id":"a1","chain":"ETH"}"#, more: #","context":{"nonce":"7","gas":1e2}"#),
      recordLine(
        "a1", chain: "BSC", pending: #"{"id":"a1","chain":"ETH"}"#,
        more: #","context":{"nonce":"7","gas":1e2}"#),
      recordLine("a1", testnet: false, more: #","context":{"nonce":"7","gas":1e2}"#),
    ] {
      var record = try record(other)
      record["approval"] = good["approval"]
      #expect(code(record, key) == .approvalInvalid, "\(other)")
    }
  }

  /// Length prefixes keep a byte from moving between neighbours.
  @Test func doesNotConfuseNeighbouringParts() throws {
    let key = try approveKey()
    let record = try record(line)
    let a = try Approval(of: record, url: "u", method: "GETG", status: 200, at: "x", key: key)
    let b = try Approval(of: record, url: "uG", method: "ETG", status: 200, at: "x", key: key)
    #expect(a.mac != b.mac)
  }
}

@Suite(.timeLimit(.minutes(20))) struct VerifyRunTests {
  private func run(
    _ lines: [String], url: String?, method: VerifyRun.Method = .get, timeout: Duration = .seconds(3),
    concurrency: Int = 8, headers: RequestHeaders = RequestHeaders(), log: LogCollector = LogCollector(),
    summary: @escaping VerifyRun.Summary = { _ in nil }
  ) throws -> (status: KMSProcess.ExitStatus, lines: [JSONValue]) {
    let server = try url.map {
      VerifyRun.Server(
        address: try #require(WebAddress($0)), method: method, timeout: timeout, key: try approveKey(),
        headers: headers)
    }
    var settings = HTTPClient.Settings()
    settings.concurrency = concurrency
    let verify = VerifyRun(
      server: server, client: HTTPClient(settings, isStopping: { false }), logger: log.logger,
      summary: summary)
    let (status, lines) = try pipeLines(lines, log: log) {
      try verify.run(reader: $0, writer: $1)
    }
    return (status, lines)
  }

  private func code(_ line: JSONValue?) -> String? { line?["error"]?["code"]?.string }

  @Test func approvesOn2xxAndDeniesElse() throws {
    let server = TestServer { request in .answer(Int(request.path.dropFirst(3)) ?? 0, "") }
    defer { server.stop() }
    let statuses = [200, 201, 204, 299, 300, 304, 400, 401, 403, 404, 429, 500, 502, 503, 504]
    let (status, lines) = try run(statuses.map { recordLine("\($0)") }, url: server.url + "/v/")
    #expect(status == .ok)
    for (line, status) in zip(lines, statuses) {
      #expect(line["id"]?.string == "\(status)")
      if status < 300 {
        let record = try Record(parsing: line.encoded()[...], chains: ChainRegistry.names)
        let approval = try Approval.verify(record: record, key: try approveKey())
        #expect(approval.url == "\(server.url)/v/\(status)")
        #expect(approval.method == "GET")
        #expect(approval.status == status)
      } else {
        #expect(line["approval"] == nil)
        #expect(line["error"]?["stage"]?.string == "verify")
        #expect(line["error"]?["outcome"]?.string == "denied")
        #expect(
          code(line) == ([502, 503, 504].contains(status) ? "verifier-unreachable" : "denied"), "\(status)")
        #expect(line["error"]?["message"]?.string?.contains("\(status)") == true)
      }
    }
    #expect(server.requests.count == statuses.count, "an answer is never asked for twice")
  }

  @Test func keepsOrderAlthoughAnswersComeOutOfOrder() throws {
    let server = TestServer { request in
      let number = Int(request.path.dropFirst()) ?? 0
      return .after(milliseconds: number % 5 * 20, .json(""))
    }
    defer { server.stop() }
    let (_, lines) = try run((0..<100).map { recordLine("\($0)") }, url: server.url)
    #expect(lines.compactMap { $0["id"]?.string } == (0..<100).map { "\($0)" })
    #expect(server.mostUnderWay <= 8)
    #expect(server.mostUnderWay > 1)
  }

  /// The server answers about one wallet's first record once it was asked about all others: what waited for it would
  /// never be asked about.
  @Test func anAnswerThatDoesNotComeHoldsItsSenderOnly() throws {
    let asked = Mutex(0)
    let server = TestServer { request in
      guard request.path == "/0" else {
        asked.withLock { $0 += 1 }
        return .json("")
      }
      var rounds = 0
      while asked.withLock({ $0 }) < 99, rounds < 2000 {
        usleep(10_000)
        rounds += 1
      }
      return .json("")
    }
    defer { server.stop() }
    let lines = (0..<100).map { i in
      recordLine("\(i)", pending: #"{"id":"\#(i)","chain":"ETH","hashes":["w\#(i % 10)"],"index":\#(i % 2)}"#)
    }
    let (_, out) = try run(lines, url: server.url, timeout: .seconds(30))
    let ids = out.compactMap { $0["id"]?.string }.compactMap { Int($0) }
    #expect(ids.count == 100 && Set(ids).count == 100)
    for wallet in 0..<10 {
      let own = ids.filter { $0 % 10 == wallet }
      #expect(own == own.sorted())
    }
    // When it is answered, at most eight others have no answer yet, and nine wait behind it.
    #expect((ids.firstIndex(of: 0) ?? 0) >= 99 - 8 - 9)
    #expect(out.allSatisfy { $0["approval"] != nil })
  }

  /// As many as may be asked at once, and more, hang: the other chain's records pass.
  @Test func aChainWhoseAnswersHangHoldsNoOther() throws {
    let asked = Mutex(0)
    let server = TestServer { request in
      guard request.path.hasPrefix("/a") else {
        asked.withLock { $0 += 1 }
        return .json("")
      }
      var rounds = 0
      while asked.withLock({ $0 }) < 20, rounds < 2000 {
        usleep(10_000)
        rounds += 1
      }
      return .json("")
    }
    defer { server.stop() }
    let lines = (0..<20).map { recordLine("a\($0)", chain: "BTC") } + (0..<20).map { recordLine("b\($0)") }
    let (_, out) = try run(lines, url: server.url, timeout: .seconds(30), concurrency: 2)
    #expect(out.count == 40 && out.allSatisfy { $0["approval"] != nil })
    // When the first of the hung ones is answered, at most two of the others have no answer yet.
    #expect(out.prefix(18).allSatisfy { $0["id"]?.string?.hasPrefix("b") == true })
  }

  @Test func showsAllThatWouldBeSignedWhenAskedTo() throws {
    let server = TestServer { _ in .json("{}") }
    defer { server.stop() }
    let pending = #"{"id":"a","amount":1.50000000000000000000000001e2,"big":123456789012345678901234567890}"#
    let line = recordLine("a", pending: pending, more: #","context":{"nonce":"7","gas":1e2}"#)
    let (_, lines) = try run([line], url: server.url, method: .post)
    let digest = Hex.encode(
      Approval.digest(of: try Record(parsing: Array(line.utf8)[...], chains: ChainRegistry.names)))
    #expect(server.requests.first?.method == "POST")
    #expect(
      server.requests.first?.body
        == #"{"id":"a","chain":"ETH","testnet":true,"pending":\#(pending),"#
        + #""context":{"nonce":"7","gas":1e2},"digest":"\#(digest)"}"#)
    #expect(lines.first?["approval"]?["method"]?.string == "POST")
  }

  /// What the transaction would do stands beside it, for people; it is no part of the digest.
  @Test func saysWhatTheTransactionWouldDo() throws {
    let server = TestServer { _ in .json("{}") }
    defer { server.stop() }
    let log = LogCollector()
    _ = try run([recordLine("a")], url: server.url, method: .post, log: log) {
      "lets \($0.id) dispose of \"all\" tokens"
    }
    _ = try run([recordLine("a")], url: server.url, method: .post)
    let bodies = server.requests.map(\.body)
    #expect(bodies.first?.hasSuffix(#"","summary":"lets a dispose of \"all\" tokens"}"#) == true)
    #expect(
      bodies.first?.replacing(#","summary":"lets a dispose of \"all\" tokens""#, with: "") == bodies.last)
    #expect(log.text.contains("dispose of"))
  }

  @Test func needsAServerOnMainnetOnly() throws {
    let (status, lines) = try run([recordLine("t"), recordLine("m", testnet: false)], url: nil)
    #expect(status == .configuration)
    #expect(lines.first?["error"] == nil)
    #expect(lines.first?["approval"] == nil)
    #expect(code(lines.last) == "approval-missing")
    #expect(lines.last?["error"]?["outcome"]?.string == "denied")
  }

  @Test func tellsAnUnreachableServerFromANo() throws {
    let log = LogCollector()
    let (status, lines) = try run(
      [recordLine("a")], url: "http://127.0.0.1:\(TestServer.unusedPort())", log: log)
    #expect(code(lines.first) == "verifier-unreachable")
    #expect(lines.first?["error"]?["outcome"]?.string == "denied")
    #expect(status == .ok)
    let slow = TestServer { _ in .after(milliseconds: 2000, .json("")) }
    defer { slow.stop() }
    let (_, late) = try run([recordLine("a")], url: slow.url, timeout: .milliseconds(200))
    #expect(code(late.first) == "verifier-unreachable")
    #expect(slow.requests.count == 1, "a time-out is not asked again")
  }

  @Test func asksOnceMoreWhenTheConnectionBreaks() throws {
    let count = Mutex(0)
    let server = TestServer { request in
      let number = count.withLock {
        $0 += 1; return $0
      }
      return number == 1 || request.path == "/never" ? .reset : .json("")
    }
    defer { server.stop() }
    let (_, lines) = try run([recordLine("a")], url: server.url)
    #expect(lines.first?["approval"] != nil)
    let (_, never) = try run([recordLine("never")], url: server.url)
    #expect(code(never.first) == "verifier-unreachable")
    #expect(server.requests.count == 4)
  }

  /// A login page of the same server that answers 200 is no yes.
  @Test(arguments: [301, 302, 303, 307, 308]) func followsNoRedirect(status: Int) throws {
    let server = TestServer { request in
      request.path == "/login" ? .json("welcome") : .answer(status, "", headers: ["Location": "/login"])
    }
    defer { server.stop() }
    let (_, lines) = try run([recordLine("a")], url: server.url)
    #expect(code(lines.first) == "denied")
    #expect(lines.first?["approval"] == nil)
    #expect(server.requests.map(\.path) == ["/a"])
  }

  @Test func asksForNoIDThatCouldMeanAnotherOne() throws {
    let server = TestServer { _ in .json("") }
    defer { server.stop() }
    let ids = ["a?b", "a#b", "a/b", "..", "a%00", "a;v=1", "a ", "a/", "", String(repeating: "a", count: 65)]
    let (status, lines) = try run(ids.map { recordLine($0, pending: #"{"id":"x"}"#) }, url: server.url)
    #expect(status == .data && lines.isEmpty)
    #expect(server.requests.isEmpty)
  }

  @Test func sendsHeadersThatStandInNoRecordAndNoLog() throws {
    let server = TestServer { request in
      request.headers["authorization"] == "Bearer s3cret" ? .json("") : .answer(401, "")
    }
    defer { server.stop() }
    let log = LogCollector()
    let headers = try RequestHeaders(
      SecretBytes(copying: "Authorization: Bearer s3cret\r\n\nX-Who: kms\n".utf8))
    let (_, lines) = try run([recordLine("a")], url: server.url, headers: headers, log: log)
    #expect(lines.first?["approval"]?["url"]?.string == server.url + "/a")
    #expect(server.requests.first?.headers["x-who"] == "kms")
    #expect(!lines.map(\.text).joined().contains("s3cret") && !log.text.contains("s3cret"))
  }

  @Test(arguments: [
    "", "\n", "no colon", ": x", "A b: c", "A:", "A: \u{e9}", "A: b\u{1}", "Host: evil", "content-length: 3",
    String(repeating: "A: b\n", count: 17),
  ]) func refusesHeaderLinesThatAreNone(text: String) {
    #expect(throws: RequestHeaders.Problem.self) { try RequestHeaders(SecretBytes(copying: text.utf8)) }
  }

  @Test func passesOnSignedAnswersAndTakesASignedNoForOne() throws {
    @Sendable func jws(_ approved: Bool) -> String {
      let claims =
        #"{"digest":"\#(String(repeating: "ab", count: 32))","approved":\#(approved),"iat":1,"exp":2}"#
      return [#"{"alg":"EdDSA"}"#, claims].map { Base64URL.encode(Array($0.utf8)) }.joined(separator: ".")
        + "."
        + Base64URL.encode([UInt8](repeating: 0, count: 64))
    }
    let server = TestServer { request in
      switch request.path {
      case "/jose": .answer(200, jws(true), headers: ["Content-Type": "application/jose; charset=x"])
      case "/json": .json(#"{"jws":"\#(jws(true))"}"#)
      case "/two": .json(#"{"jws":["\#(jws(true))","\#(jws(true))"]}"#)
      case "/no": .json(#"{"jws":"\#(jws(false))"}"#)
      case "/none": .json(#"{"jws":"x.y.z"}"#)
      case "/number": .json(#"{"jws":[7]}"#)
      default: .json(#"{"approved":true}"#)
      }
    }
    defer { server.stop() }
    let ids = ["jose", "json", "two", "no", "none", "number", "plain"]
    let (_, lines) = try run(ids.map { recordLine($0) }, url: server.url)
    let found = Dictionary(uniqueKeysWithValues: lines.map { ($0["id"]?.string ?? "", $0) })
    #expect(found["jose"]?["approval"]?["jws"]?.string == jws(true))
    #expect(found["json"]?["approval"]?["jws"]?.string == jws(true))
    #expect(found["two"]?["approval"]?["jws"]?.array?.count == 2)
    #expect(code(found["no"]) == "denied")
    #expect(code(found["none"]) == "approval-invalid")
    #expect(code(found["number"]) == "approval-invalid")
    #expect(found["plain"]?["approval"] != nil && found["plain"]?["approval"]?["jws"] == nil)
  }

  @Test func leavesErrorsAloneAndReplacesOldApprovals() throws {
    let server = TestServer { request in request.path == "/no" ? .answer(404, "") : .json("") }
    defer { server.stop() }
    let failed = recordLine(
      "e", more: #","error":{"stage":"fetch","outcome":"failed","code":"c","message":"m"}"#)
    let old = #","approval":{"url":"old","method":"GET","status":200,"at":"x","mac":"00"}"#
    let (_, lines) = try run(
      [failed, recordLine("a", more: old), recordLine("no", more: old)], url: server.url)
    #expect(lines[0].text == failed)
    #expect(lines[1]["approval"]?["url"]?.string == server.url + "/a")
    #expect(lines[2]["approval"] == nil)
    #expect(server.requests.map(\.path).sorted() == ["/a", "/no"])
  }

  @Test func goesOnAfterALineThatIsNoRecord() throws {
    let server = TestServer { _ in .json("") }
    defer { server.stop() }
    let (status, lines) = try run(["nonsense", recordLine("a"), #"{"v":2}"#], url: server.url)
    #expect(status == .data)
    #expect(lines.count == 1)
  }
}
