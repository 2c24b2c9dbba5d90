import KMSChains
import KMSRecords
import Testing

@testable import KMSNetwork

/// Dialogues that chains describe, carried out against a server.
@Suite(.timeLimit(.minutes(20))) struct DialogueTests {
  private func run<Value>(
    _ dialogue: Dialogue<Value>, chain: String = "VET", timeout: Duration = .seconds(20),
    _ handler: @escaping @Sendable (TestServer.Request) -> TestServer.Reply
  ) throws -> (result: Result<Value, DialogueFailure>?, requests: [TestServer.Request]) {
    let server = TestServer(handler)
    defer { server.stop() }
    let api = try makeAPI(server.url, timeout: timeout)
    let runner = DialogueRunner(api: api, nodes: PublicNodes(["VET": WebAddress(server.url + "/own")]))
    var result: Result<Value, DialogueFailure>?
    runner.run(dialogue, chain: chain, for: .facts) { result = $0 }
    api.client.run()
    return (result, server.requests)
  }

  @Test func asksTheAPIWithItsKeyAndReadsTheAnswer() throws {
    let call = Call(
      .get, "/v3/x/\(Call.segment("a/b c"))", query: [.init("q", "1&2")],
      headers: [.init("x-testnet-type", "t")])
    let (result, requests) = try run(.ask(call, "count") { $0["n"]?.uint64 }) { _ in .json(#"{"n":7}"#) }
    #expect(result == .success(7))
    #expect(requests.map(\.path) == ["/v3/x/a%2Fb%20c?q=1%262"])
    #expect(requests.first?.headers["x-api-key"] == testKey)
    #expect(requests.first?.headers["x-testnet-type"] == "t")
  }

  @Test func asksANodeOfTheOperatorWithoutTheKey() throws {
    let call = Call(.get, "/blocks/best", at: .publicNode(defaultURL: "https://node.invalid"))
    let (result, requests) = try run(.ask(call, "block") { $0["id"]?.string }) { _ in .json(#"{"id":"b"}"#) }
    #expect(result == .success("b"))
    #expect(requests.map(\.path) == ["/own/blocks/best"])
    #expect(requests.first?.headers["x-api-key"] == nil)
  }

  @Test func goesOnFromAnswerToAnswer() throws {
    let first = Dialogue.ask(Call(.get, "/1"), "first") { $0["n"]?.uint64 }
    let both = first.flatMap { n in
      .askAll([Call(.get, "/2"), Call(.get, "/3")]) { (answers) throws(DialogueFailure) in
        var sum = n
        for answer in answers { sum += try answer.read(asking: "more") { $0["n"]?.uint64 } }
        return .done(sum)
      }
    }
    let (result, requests) = try run(both) { request in .json(#"{"n":\#(request.path.dropFirst())}"#) }
    #expect(result == .success(6))
    #expect(requests.count == 3)
    #expect(requests.first?.path == "/1")
  }

  @Test func tellsWhatIsNoFromWhatPasses() throws {
    let dialogue = Dialogue.ask(Call(.get, "/v3/x"), "x") { $0["n"]?.uint64 }
    let refused = try run(dialogue) { _ in
      .answer(403, #"{"errorCode":"x.y","message":"execution reverted"}"#)
    }.result
    let invalid = try run(dialogue) { _ in .answer(400, #"{"errorCode":"validation.failed","message":"no"}"#)
    }.result
    let unheard = try run(dialogue) { _ in .answer(403, #"{"errorCode":"x.y","message":"no"}"#) }.result
    let strange = try run(dialogue) { _ in .json(#"{"m":1}"#) }.result
    let down = try run(dialogue, timeout: .seconds(1)) { _ in .answer(503, "") }.result
    let closed = try run(dialogue) { _ in .answer(401, #"{"message":"who?"}"#) }.result
    func kind(_ result: Result<UInt64, DialogueFailure>?) -> DialogueFailure.Kind? {
      if case .failure(let failure) = result { failure.kind } else { nil }
    }
    #expect(kind(refused) == .refused)
    #expect(kind(invalid) == .refused)
    #expect(kind(unheard) == .passing)
    #expect(kind(strange) == .passing)
    #expect(kind(down) == .passing)
    #expect(kind(closed) == .ended(.key))
  }

  @Test func saysWhatNeverLeftTheMachine() throws {
    let api = try makeAPI("http://127.0.0.1:\(TestServer.unusedPort())", timeout: .milliseconds(200))
    var result: Result<Answer, DialogueFailure>?
    DialogueRunner(api: api).run(
      Dialogue<Answer>.ask(Call(.get, "/v3/x")) { .done($0) }, chain: "ETH", for: .facts
    ) { result = $0 }
    api.client.run()
    guard case .success(.failure(.notSent)) = result else {
      Issue.record("\(String(describing: result))")
      return
    }
  }

  @Test func pausesAsLongAsThereIsTime() throws {
    @Sendable func wait(_ n: Int) -> Dialogue<Int> {
      .pause(.milliseconds(60)) { hasTime in hasTime ? wait(n + 1) : .done(n) }
    }
    let (result, _) = try run(wait(0), timeout: .milliseconds(200)) { _ in .json("{}") }
    let waits = try result?.get() ?? 0
    #expect((1...3).contains(waits))
  }

  @Test func readsNodes() throws {
    let dialogue = Dialogue<String>.ask(.rpc("ethereum-sepolia", "eth_gasPrice")) {
      (answer) throws(DialogueFailure) in
      let value = try answer.result(asking: "price") { code, _ in code == 3 }
      return .done(value.string ?? "")
    }
    let (result, requests) = try run(dialogue) { _ in .json(#"{"jsonrpc":"2.0","id":1,"result":"0x5"}"#) }
    #expect(result == .success("0x5"))
    #expect(requests.first?.path == "/v3/blockchain/node/ethereum-sepolia")
    #expect(requests.first?.body == #"{"jsonrpc":"2.0","id":1,"method":"eth_gasPrice","params":[]}"#)
    for (text, kind) in [
      (#"{"error":{"code":3,"message":"reverted"}}"#, DialogueFailure.Kind.refused),
      (#"{"error":{"code":-32000,"message":"header not found"}}"#, .passing), (#"{"id":1}"#, .passing),
    ] {
      guard case .failure(let failure) = try run(dialogue, { _ in .json(text) }).result else {
        Issue.record("taken for an answer: \(text)")
        continue
      }
      #expect(failure.kind == kind)
    }
  }

  @Test func recoversFromFailures() throws {
    let dialogue = Dialogue.ask(Call(.get, "/v3/x"), "x") { $0["n"]?.uint64 }.recover { _ in .done(9) }
    #expect(try run(dialogue) { _ in .answer(404, "{}") }.result == .success(9))
  }
}
