import Glibc
import KMSCrypto
import Synchronization
import Testing

@testable import KMSNetwork

@Suite(.timeLimit(.minutes(20))) struct HTTPClientTests {
  /// Variables that other programs share may be anybody's (trust.md, finding 18).
  @Test func takesNoCertificatesOfOtherPrograms() {
    let environment = [
      "SSL_CERT_FILE": "/other.pem", "https_proxy": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1",
    ]
    let settings = HTTPClient.Settings { environment[$0] }
    #expect(settings.certificateFile == nil && settings.proxy == nil)
    let chosen = HTTPClient.Settings {
      ["TATUM_CA_FILE": "/ours.pem", "TATUM_PROXY": "http://127.0.0.1:1"][$0]
    }
    #expect(chosen.certificateFile == "/ours.pem" && chosen.proxy == "http://127.0.0.1:1")
  }

  private func client(concurrency: Int = 24) -> HTTPClient {
    var settings = HTTPClient.Settings()
    settings.concurrency = concurrency
    return HTTPClient(settings, isStopping: { false })
  }

  private func get(_ url: String, timeout: Duration = .seconds(3), retry: RetryPolicy = .never) -> HTTPRequest
  {
    HTTPRequest(.get, url, isRepeatable: true, timeout: timeout, retry: retry)
  }

  private func post(_ url: String, repeatable: Bool = false, retry: RetryPolicy = .never) -> HTTPRequest {
    HTTPRequest(
      .post, url, body: Array("{}".utf8), isRepeatable: repeatable, timeout: .seconds(2), retry: retry)
  }

  private func kind(_ result: HTTPResult) -> HTTPFailure.Kind? {
    if case .failure(let failure) = result { failure.kind } else { nil }
  }

  @Test func sendsMethodHeadersAndBody() throws {
    let server = TestServer { _ in .answer(201, "made", headers: ["X-One": " two "]) }
    defer { server.stop() }
    let secret = try SecretBytes(copying: "hush".utf8)
    let request = HTTPRequest(
      .put, server.url + "/a/b?c=d", headers: [("x-plain", .plain("p")), ("x-secret", .secret(secret))],
      body: Array("text".utf8), isRepeatable: true, timeout: .seconds(3))
    let response = try client().perform(request).get()
    #expect(response.status == 201)
    #expect(response.body == Array("made".utf8))
    #expect(response.header("x-one") == "two")
    let seen = try #require(server.requests.first)
    #expect(seen.method == "PUT")
    #expect(seen.path == "/a/b?c=d")
    #expect(seen.body == "text")
    #expect(seen.headers["x-plain"] == "p")
    #expect(seen.headers["x-secret"] == "hush")
    #expect(seen.headers["expect"] == nil)
  }

  @Test func tellsARefusedConnectionFromALostAnswer() {
    let server = TestServer { request in
      switch request.path {
      case "/hangup": .hangUp
      case "/reset": .reset
      case "/short": .raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"txId\":")
      case "/chunked": .raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nabc")
      case "/garbage": .raw("what?\r\n\r\n")
      case "/slow": .after(milliseconds: 3000, .json("{}"))
      default: .json("{}")
      }
    }
    defer { server.stop() }
    let client = client()
    #expect(kind(client.perform(post("http://127.0.0.1:\(TestServer.unusedPort())/"))) == .notConnected)
    #expect(kind(client.perform(post("http://name.invalid/"))) == .notConnected)
    for path in ["/hangup", "/reset", "/short", "/chunked", "/garbage"] {
      #expect(kind(client.perform(post(server.url + path))) == .answerLost, "\(path)")
      #expect(kind(client.perform(get(server.url + path))) == .answerLost, "\(path)")
    }
    #expect(kind(client.perform(post(server.url + "/slow"))) == .timeout)
    #expect(kind(client.perform(get("ftp://127.0.0.1/"))) == .invalid)
    #expect(kind(client.perform(get("http://127.0.0.1/a b"))) == .invalid)
    #expect(kind(client.perform(get(server.url.replacing("http:", with: "https:")))) == .tls)
  }

  /// libcurl would quietly send the POST again on a fresh connection when the kept one breaks.
  @Test func neverSendsAPostTwiceWhenAKeptConnectionBreaks() throws {
    let server = TestServer { request in request.path == "/first" ? .json("{}") : .hangUp }
    defer { server.stop() }
    let client = client(concurrency: 1)
    _ = try client.perform(post(server.url + "/first")).get()
    #expect(kind(client.perform(post(server.url + "/money"))) == .answerLost)
    let money = server.requests.filter { $0.path == "/money" }
    #expect(money.count == 1)
    #expect(money.first?.connection == 0, "the test needs the kept connection to be used")
  }

  @Test func asksAQuestionAgainWhenAKeptConnectionBreaks() throws {
    let hungUp = Mutex(false)
    let server = TestServer { request in
      if request.path == "/first" { return .json("{}") }
      return hungUp.withLock { was in
        defer { was = true }
        return was ? .json("{}") : .hangUp
      }
    }
    defer { server.stop() }
    let client = client(concurrency: 1)
    _ = try client.perform(post(server.url + "/first")).get()
    _ = try client.perform(post(server.url + "/question", repeatable: true)).get()
  }

  @Test func refusesAnAnswerThatIsTooLong() {
    let server = TestServer { _ in .answer(200, String(repeating: "x", count: 5000)) }
    defer { server.stop() }
    var request = get(server.url)
    request.maximumResponse = 4999
    #expect(kind(client().perform(request)) == .tooLarge)
    request.maximumResponse = 5000
    #expect(kind(client().perform(request)) == nil)
  }

  @Test func followsNoRedirect() throws {
    let server = TestServer { _ in .answer(302, "", headers: ["Location": "/elsewhere"]) }
    defer { server.stop() }
    #expect(try client().perform(get(server.url)).get().status == 302)
    #expect(server.requests.count == 1)
  }

  @Test func waitsAsLongAsRetryAfterSays() throws {
    let server = TestServer { request in
      request.connection >= 0 && request.path == "/x"
        ? .answer(429, "", headers: ["Retry-After": "3600"]) : .json("{}")
    }
    let count = Mutex(0)
    let limited = TestServer { _ in
      count.withLock {
        $0 += 1; return $0 == 1 ? .answer(429, "", headers: ["Retry-After": "1"]) : .json("{}")
      }
    }
    defer {
      server.stop()
      limited.stop()
    }
    let start = ContinuousClock.now
    #expect(try client().perform(post(limited.url, retry: .within(.seconds(30)))).get().status == 200)
    #expect(ContinuousClock.now - start >= .seconds(1))
    // More than the limit allows: given up at once, with the 429.
    let again = ContinuousClock.now
    #expect(
      try client().perform(post(server.url + "/x", retry: .within(.seconds(600)))).get().status == 429)
    #expect(ContinuousClock.now - again < .seconds(300))
  }

  @Test func retriesServerErrorsOfQuestionsOnly() throws {
    let server = TestServer { _ in .answer(503, "") }
    defer { server.stop() }
    _ = client().perform(post(server.url + "/money", retry: .within(.seconds(2))))
    _ = client().perform(post(server.url + "/question", repeatable: true, retry: .within(.seconds(2))))
    #expect(server.requests.filter { $0.path == "/money" }.count == 1)
    #expect(server.requests.filter { $0.path == "/question" }.count >= 2)
  }

  @Test func runsManyCallsAtOnceButNotMoreThanAllowed() {
    let server = TestServer { _ in .after(milliseconds: 100, .json("{}")) }
    defer { server.stop() }
    let client = client(concurrency: 5)
    var ended = 0
    for i in 0..<20 {
      client.submit(get(server.url + "/\(i)")) { _ in
        ended += 1
        if i == 0 { client.submit(self.get(server.url + "/follow-up")) { _ in ended += 1 } }
      }
    }
    client.run()
    #expect(ended == 21)
    #expect((2...5).contains(server.mostUnderWay))
  }

  /// The server answers the calls of one group once it has all those of the other: would they wait, nothing went on.
  @Test func groupsDoNotWaitForEachOther() {
    let others = Mutex(0)
    let server = TestServer { request in
      if request.path == "/other" {
        others.withLock { $0 += 1 }
        return .json("{}")
      }
      var rounds = 0
      while others.withLock({ $0 }) < 40, rounds < 2000 {
        usleep(10_000)
        rounds += 1
      }
      return rounds < 2000 ? .json("{}") : .answer(500, "")
    }
    defer { server.stop() }
    let client = client(concurrency: 3)
    var statuses: [Int] = []
    for (path, group) in [("/hangs", "A"), ("/other", "B")] {
      for _ in 0..<40 {
        var request = get(server.url + path, timeout: .seconds(30))
        request.group = group
        client.submit(request) { statuses.append((try? $0.get().status) ?? 0) }
      }
    }
    client.run()
    #expect(statuses == [Int](repeating: 200, count: 80))
  }

  /// A place that is taken for too long is given to the next call of the group.
  @Test func slowCallsMakeRoomWhereWanted() {
    let quick = Mutex(0)
    let server = TestServer { request in
      if request.path == "/quick" {
        quick.withLock { $0 += 1 }
        return .json("{}")
      }
      var rounds = 0
      while quick.withLock({ $0 }) < 8, rounds < 2000 {
        usleep(10_000)
        rounds += 1
      }
      return rounds < 2000 ? .json("{}") : .answer(500, "")
    }
    defer { server.stop() }
    var settings = HTTPClient.Settings()
    settings.concurrency = 2
    settings.patience = .milliseconds(50)
    let client = HTTPClient(settings, isStopping: { false })
    var statuses: [Int] = []
    for path in ["/slow", "/slow", "/slow"] + [String](repeating: "/quick", count: 8) {
      client.submit(get(server.url + path, timeout: .seconds(30))) {
        statuses.append((try? $0.get().status) ?? 0)
      }
    }
    client.run()
    #expect(statuses == [Int](repeating: 200, count: 11))
  }

  @Test func retriesNothingOnceAStopIsWanted() {
    let server = TestServer { _ in .answer(503, "") }
    defer { server.stop() }
    let stopping = HTTPClient(isStopping: { true })
    _ = stopping.perform(get(server.url, retry: .within(.seconds(5))))
    #expect(server.requests.count == 1)
  }

  @Test func wakesUpForInput() {
    let server = TestServer { _ in .after(milliseconds: 20_000, .json("{}")) }
    defer { server.stop() }
    var ends: [Int32] = [-1, -1]
    pipe(&ends)
    defer {
      close(ends[0])
      close(ends[1])
    }
    let client = client()
    client.submit(get(server.url)) { _ in }
    client.step(limit: .milliseconds(50))
    write(ends[1], "x", 1)
    let start = ContinuousClock.now
    client.step(watching: ends[0])
    client.step(watching: ends[0])
    #expect(ContinuousClock.now - start < .seconds(10))
  }
}

@Suite struct RetryPolicyTests {
  @Test(arguments: [
    ("120", 120), (" 0 ", 0), ("99999999999999999999", 3600), ("86400", 3600),
    ("Sun, 06 Nov 1994 08:49:47 GMT", 10), ("Sunday, 06-Nov-94 08:49:47 GMT", 10),
    ("Sun Nov  6 08:49:47 1994", 10), ("Sun, 06 Nov 1994 08:49:30 GMT", 0),
  ]) func readsRetryAfter(text: String, seconds: Int64) {
    #expect(RetryAfter.seconds(text, now: 784_111_777) == seconds)
  }

  @Test(arguments: ["", "soon", "-1", "1.5", "Sun, 99 Nov 1994 08:49:37 GMT"])
  func ignoresOtherRetryAfter(text: String) {
    #expect(RetryAfter.seconds(text, now: 784_111_777) == nil)
  }

  @Test func doublesTheWaitUpToEightSeconds() {
    let longest = (1...8).map { RetryPolicy.backoff(after: $0, random: 0) }
    #expect(
      longest == [0.5, 1, 2, 4, 8, 8, 8, 8].map { Duration.milliseconds(Int64($0 * 1000)) })
    #expect(RetryPolicy.backoff(after: 3, random: 1) == .seconds(1))
    #expect(RetryPolicy.backoff(after: .max, random: 0) == .seconds(8))
  }
}
