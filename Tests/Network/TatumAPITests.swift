import Glibc
import KMSProcess
import KMSRecords
import Testing

@testable import KMSNetwork

@Suite(.timeLimit(.minutes(20))) struct TatumAPITests {
  @Test(arguments: [
    "http://api.tatum.io", "https://me@api.tatum.io", "https://api.tatum.io/?a=b", "api.tatum.io",
    "http://10.0.0.1/",
  ])
  func refusesAURLThatEndangersTheKey(url: String) {
    #expect(throws: ProgramFailure.self) { try TatumOptions.check(url) }
  }

  @Test func acceptsHTTPSAndThisMachine() throws {
    for url in [
      "https://api.tatum.io", "https://gateway.example.net/tatum/", "http://127.0.0.1:3000",
      "http://localhost:1",
    ] {
      _ = try TatumOptions.check(url)
    }
  }

  @Test func putsTheKeyIntoTheHeaderAndNowhereElse() throws {
    let server = TestServer { _ in .answer(400, #"{"message":"bad key \#(testKey)","statusCode":400}"#) }
    defer { server.stop() }
    let log = LogCollector()
    let api = try makeAPI(server.url + "/prefix/", log: log)
    var failure: APIFailure?
    api.callJSON(
      .post, "/v3/blockchain/node/klaytn-baobab", body: ["method": "klay_gasPrice"],
      cost: Spending.Cost(purpose: .facts, credits: 2)
    ) { result in
      if case .failure(let why) = result { failure = why }
    }
    api.client.run()
    let request = try #require(server.requests.first)
    #expect(request.path == "/prefix/v3/blockchain/node/klaytn-baobab")
    #expect(request.headers["x-api-key"] == testKey)
    #expect(!request.body.contains(testKey))
    #expect(failure == .refused(status: 400, code: nil, text: "bad key <api key>"))
    #expect(!log.text.contains(testKey))
  }

  @Test func pollsWithIdsVersionAndKey() throws {
    let server = TestServer { _ in
      .answer(200, "[{\"id\":\"a\"}]", headers: ["x-ttm-kms-latest-version": "9.0.0;WARN;please\u{7} update"])
    }
    defer { server.stop() }
    let log = LogCollector()
    let api = try makeAPI(server.url, log: log)
    var items: [String] = []
    for _ in 0..<2 {
      let list = PendingList { piece in
        if case .item(let text, _) = piece { items.append(String(decoding: text, as: UTF8.self)) }
      }
      api.pollPending(chain: "BTC", signatureIDs: ["one", "two"], into: list) {
        #expect((try? $0.get()) != nil)
      }
    }
    api.client.run()
    #expect(items == [#"{"id":"a"}"#, #"{"id":"a"}"#])
    let request = try #require(server.requests.first)
    #expect(request.method == "POST")
    #expect(request.path == "/v3/kms/pending/BTC")
    #expect(request.body == #"{"signatureIds":["one","two"]}"#)
    #expect(request.headers["x-ttm-kms-client-version"] == "8.0.1")
    #expect(request.headers["content-type"] == "application/json")
    let notices = log.lines.filter { $0.contains("9.0.0") }
    #expect(notices.count == 1, "said once a run")
    #expect(notices.first?.contains(#"please\u{7} update"#) == true)
  }

  @Test(arguments: [
    (
      401, #"{"message":"Unable to find valid subscription","statusCode":401}"#,
      KMSProcess.ExitStatus.noPermission
    ),
    (402, "{}", .unavailable), (403, #"{"errorCode":"x.y","message":"no"}"#, .unavailable),
    (429, "", .temporary),
    (500, "", .temporary), (302, "", .unavailable), (200, "not json", .unavailable),
  ]) func tellsFailuresApart(status: Int, body: String, exit: KMSProcess.ExitStatus) throws {
    let server = TestServer { _ in .answer(status, body) }
    defer { server.stop() }
    let api = try makeAPI(server.url, timeout: .milliseconds(100))
    var failure: APIFailure?
    api.callJSON(.get, "/v3/x", cost: Spending.Cost(purpose: .facts, credits: 1)) {
      if case .failure(let why) = $0 { failure = why }
    }
    api.client.run()
    #expect(failure?.exitStatus == exit)
  }

  @Test func namesTheCausesOfAValidationError() throws {
    let body =
      #"{"errorCode":"validation.failed","message":"Request validation failed.","statusCode":400,"data":[{"property":"txData","constraints":{"maxLength":"txData is too long"}}]}"#
    let answer = APIAnswer(HTTPResponse(status: 400, body: Array(body.utf8)))
    #expect(
      answer.failure(url: "")
        == .invalid("validation.failed: Request validation failed.: txData is too long"))
  }

  @Test func cleansTextOfServers() {
    #expect(ServerText.clean("a\nb\u{1b}[31mc\u{202e}d\u{2028}e\r\n") == "a b\\u{1b}[31mc\\u{202e}d e")
    let long = ServerText.clean(String(repeating: "é", count: 100_000))
    #expect(long.count == ServerText.maximumLength)
    #expect(long.hasSuffix("…"))
    #expect(ServerText.clean(String(repeating: "x", count: 300)).count == 300)
  }

  @Test func scrubsTheKeyWhereverItStands() throws {
    var text = Array(" abc\n".utf8)
    let key = try APIKey(&text)
    #expect(text.allSatisfy { $0 == 0 })
    #expect(key.scrubbed("abc xabcabcy ab c abc") == "<api key> x<api key><api key>y ab c <api key>")
    #expect(key.scrubbed("ab") == "ab")
  }

  @Test(arguments: ["", "  \n", "a b", "a\u{7}b", "schlüssel", String(repeating: "k", count: 513)])
  func refusesWhatIsNoKey(text: String) {
    var bytes = Array(text.utf8)
    #expect(throws: ProgramFailure.self) { try APIKey(&bytes) }
  }

  @Test func refusesAKeyFileThatEveryoneCanRead() throws {
    let path = "/tmp/kms-network-test-\(getpid())-key"
    defer { unlink(path) }
    let file = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0o600)
    write(file, "secret-key\n", 11)
    close(file)
    chmod(path, 0o600)
    #expect(try APIKey.read(file: path).scrubbed("secret-key") == "<api key>")
    for mode: mode_t in [0o604, 0o620, 0o602] {
      chmod(path, mode)
      #expect(throws: ProgramFailure.self) { try APIKey.read(file: path) }
    }
    #expect(throws: ProgramFailure.self) { try APIKey.read(file: path + ".missing") }
  }

  @Test func takesTheKeyOutOfTheEnvironment() throws {
    setenv("TATUM_API_KEY", "from-environment", 1)
    #expect(try APIKey.takeFromEnvironment()?.scrubbed("from-environment") == "<api key>")
    #expect(getenv("TATUM_API_KEY") == nil)
    #expect(try APIKey.takeFromEnvironment() == nil)
  }

  @Test(arguments: [
    ("8.0.2;WARN;update", "8.0.2", false), ("9.0.0; error ;x;y", "9.0.0", true), ("8.1.0", "8.1.0", false),
    ("10.0.0+build;INFO;", "10.0.0+build", false),
  ]) func readsTheVersionHeader(header: String, version: String, isError: Bool) {
    let notice = VersionNotice(header)
    #expect(notice?.version == version)
    #expect(notice?.isError == isError)
  }

  @Test(arguments: [
    "", "8.0.1;WARN;same", "7.9.9;ERROR;old", "banana;WARN;x", "9.0;WARN;x", "9.0.0-beta;WARN;x",
    "9.0.99999999999;W;x", ";;",
  ])
  func ignoresOtherVersionHeaders(header: String) { #expect(VersionNotice(header) == nil) }
}
