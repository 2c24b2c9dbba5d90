import KMSProcess
import KMSRecords
import Synchronization
import Testing

@testable import KMSChains
@testable import KMSNetwork

@Suite(.timeLimit(.minutes(20))) struct FetchRunTests {
  private func run(
    _ chains: [FetchRun.Chain], url: String, testnet: Bool = true, only: Set<String>? = nil,
    timeout: Duration = .seconds(20), log: LogCollector = LogCollector(),
    needs: @escaping (String, JSONValue) -> Result<[Need], RecordError> = { _, _ in .success([]) }
  ) throws -> (status: KMSProcess.ExitStatus, lines: [JSONValue]) {
    let api = try makeAPI(url, timeout: timeout, log: log)
    let (status, lines) = try pipeLines([], log: log) { _, writer in
      try FetchRun(
        api: api, testnet: testnet, transactionIDs: only, writer: writer, logger: log.logger
      ) { chain, pending in
        needs(chain, pending).map {
          FetchRun.Reading(sender: pending["sender"]?.string ?? "", needs: $0)
        }
      }.run(chains)
    }
    return (status, lines)
  }

  private static let one = EVMFacts(
    EVMNetwork.all.first { $0.name == "ONE" } ?? EVMNetwork.all[0], testnet: true)

  private static func blockhash(_ pending: JSONValue) -> Result<[Need], RecordError> {
    .success([SolanaFacts.blockhash(of: pending["serializedTransaction"]?.string ?? "", testnet: true)])
  }

  private func chain(_ name: String, _ count: Int = 1) -> FetchRun.Chain {
    FetchRun.Chain(name: name, signatureIDs: (0..<count).map { "id-\($0)" })
  }

  @Test func writesWhatThePollGaveDigitForDigit() throws {
    let pending = #"{"id":"5f","chain":"BTC","amount":1.500e2,"big":123456789012345678901234567890,"x":null}"#
    let server = TestServer { _ in .json("[\(pending)]") }
    defer { server.stop() }
    let (status, lines) = try run([chain("BTC")], url: server.url)
    #expect(status == .ok)
    #expect(lines.count == 1)
    #expect(
      lines.first?.text.hasPrefix(
        #"{"v":1,"id":"5f","chain":"BTC","testnet":true,"pending":\#(pending),"context":{},"poll":{"at":"20"#)
        == true)
  }

  /// Two ids with one content are two payments: that is what the API means, and people may not (trust.md, finding 22).
  @Test func saysWhoAsksForTheVerySame() throws {
    func item(_ id: String, _ more: String) -> String { #"{"id":"\#(id)","serializedTransaction":\#(more)}"# }
    let pending = [
      item("1", #""x","hashes":["w"],"index":0"#), item("2", #""x","hashes":["w"],"index":1"#),
      item("3", #""y","hashes":["w"],"index":0"#), item("4", #""x","hashes":["v"],"index":0"#),
      #"{"index":0,"hashes":["w"],"id":"5","serializedTransaction":"x"}"#, #"{"id":"6"}"#, #"{"id":"7"}"#,
    ].joined(separator: ",")
    let server = TestServer { _ in .json("[\(pending)]") }
    defer { server.stop() }
    let log = LogCollector()
    #expect(try run([chain("ETH"), chain("BSC")], url: server.url, log: log).lines.count == 14)
    let said = log.lines.filter { $0.contains("the very same") }
    #expect(said.count == 2 && said.allSatisfy { $0.contains("5") && $0.contains("1") }, "\(said)")
  }

  @Test func asksForAllChainsAtOnceAndWritesWhatComesFirst() throws {
    let server = TestServer { request in
      let name = request.path.dropFirst("/v3/kms/pending/".count)
      return .after(
        milliseconds: name == "BTC" ? 1200 : 400, .json(#"[{"id":"\#(name)1"},{"id":"\#(name)2"}]"#))
    }
    defer { server.stop() }
    let log = LogCollector()
    let (status, lines) = try run(
      ["BTC", "LTC", "ETH"].map { chain($0) }, url: server.url, timeout: .seconds(10), log: log)
    let ids = lines.compactMap { $0["id"]?.string }
    #expect(status == .ok, "\(log.text)")
    #expect(ids.suffix(2) == ["BTC1", "BTC2"])
    #expect(ids.filter { $0.hasPrefix("LTC") } == ["LTC1", "LTC2"])
    #expect(ids.filter { $0.hasPrefix("ETH") } == ["ETH1", "ETH2"])
    #expect(server.mostUnderWay == 3)
  }

  @Test func refusesMoreThan25000WalletsButGoesOn() throws {
    let server = TestServer { _ in .json(#"[{"id":"1"}]"#) }
    defer { server.stop() }
    let log = LogCollector()
    let (status, lines) = try run([chain("BTC", 25_001), chain("LTC", 25_000)], url: server.url, log: log)
    #expect(status == .configuration)
    #expect(lines.count == 1)
    #expect(server.requests.map(\.path) == ["/v3/kms/pending/LTC"])
    #expect(log.text.contains("25001 signature IDs"))
  }

  @Test func skipsItemsThatAreNotUsable() throws {
    let server = TestServer { _ in
      .json(#"[1,{"noid":1},{"id":5},{"id":""},{"id":"a b"},{"id":"good"},{"id":"good"},null]"#)
    }
    defer { server.stop() }
    let (_, lines) = try run([chain("BTC")], url: server.url)
    #expect(lines.compactMap { $0["id"]?.string } == ["good"])
  }

  /// Equal messages with one blockhash are one transaction: two payments would become one, and both be reported as paid.
  @Test func leavesATwinForARunWithAnotherBlockhash() throws {
    let server = TestServer { request in
      request.path.hasPrefix("/v3/kms/pending/")
        ? .json(
          #"[{"id":"a","serializedTransaction":"x"},{"id":"b","serializedTransaction":"y"},"#
            + #"{"id":"c","serializedTransaction":"x"},{"id":"d","serializedTransaction":"x"}]"#)
        : .json(
          #"{"result":{"value":{"blockhash":"\#(String(repeating: "1", count: 32))","lastValidBlockHeight":9}}}"#
        )
    }
    defer { server.stop() }
    let log = LogCollector()
    let (status, lines) = try run([chain("SOL")], url: server.url, log: log) { _, pending in
      Self.blockhash(pending)
    }
    let ids = lines.compactMap { $0["id"]?.string }
    #expect(ids.count == 2 && ids.contains("b"))
    #expect(status == .ok)
    for id in ["a", "c", "d"] where !ids.contains(id) { #expect(log.text.contains("id=\(id)")) }
    // None waits for ever.
    var once = Set(ids)
    for _ in 0..<200 where once.count < 4 {
      once.formUnion(
        try run([chain("SOL")], url: server.url) { _, pending in
          Self.blockhash(pending)
        }.lines
          .compactMap { $0["id"]?.string })
    }
    #expect(once.count == 4)
    // Where something else tells them apart, all go on.
    let (_, others) = try run([chain("VET")], url: server.url) { _, _ in .success([VeChainFacts.nonce]) }
    #expect(others.count == 4)
  }

  /// How many a list has is said only when it came in whole and nothing of it was left out: who has all of them knows what
  /// is not pending any more.
  @Test(
    arguments: [
      (#"[{"id":"a"},{"id":"b"}]"#, 2), (#"[{"id":"a"},{"id":"a"}]"#, 1), (#"[{"id":"a"},{"noid":1}]"#, nil),
      (#"[{"id":"a"},{"id":"b"}"#, nil), (#"[{"id":"a"}]]"#, nil),
    ] as [(String, UInt64?)])
  func saysHowManyAWholeListHas(_ list: String, _ count: UInt64?) throws {
    let server = TestServer { request in
      request.path.hasPrefix("/v3/kms/pending/")
        ? .json(list) : .after(milliseconds: 300, .json(#"{"result":"0x1"}"#))
    }
    defer { server.stop() }
    let (_, lines) = try run([chain("ETH")], url: server.url, timeout: .seconds(10)) { _, _ in
      .success([EVMFacts(EVMNetwork.named("ETH") ?? EVMNetwork.all[0], testnet: true).statedChainID])
    }
    #expect(!lines.isEmpty)
    for line in lines {
      #expect(line["poll"]?["at"]?.string?.hasSuffix("Z") == true)
      #expect(line["poll"]?["listed"]?.number?.uint64 == count)
    }
    for (only, isAll) in [(Set(["a", "b"]) as Set<String>?, true), (nil, false)] {
      let ids = chain("ETH").signatureIDs
      let (_, some) = try run(
        [FetchRun.Chain(name: "ETH", signatureIDs: ids, isAll: isAll)], url: server.url, only: only)
      #expect(some.allSatisfy { $0["poll"]?["listed"] == nil })
    }
  }

  @Test func letsOnlyTheChosenTransactionsThrough() throws {
    let server = TestServer { _ in .json(#"[{"id":"a"},{"id":"b"},{"id":"c"}]"#) }
    defer { server.stop() }
    let (_, lines) = try run([chain("BTC")], url: server.url, only: ["b"])
    #expect(lines.compactMap { $0["id"]?.string } == ["b"])
  }

  @Test func goesOnWithOtherChainsWhenOneFails() throws {
    let server = TestServer { request in
      switch request.path {
      case "/v3/kms/pending/BTC": .answer(500, "{}")
      case "/v3/kms/pending/LTC": .answer(400, #"{"message":"no such chain"}"#)
      case "/v3/kms/pending/DOGE": .json(#"{"not":"an array"}"#)
      case "/v3/kms/pending/BCH": .raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[{")
      default: .json(#"[{"id":"a"}]"#)
      }
    }
    defer { server.stop() }
    let log = LogCollector()
    let (status, lines) = try run(
      ["BTC", "LTC", "DOGE", "BCH", "ETH"].map { chain($0) }, url: server.url, timeout: .seconds(3), log: log)
    #expect(status == .unavailable)
    #expect(lines.compactMap { $0["chain"]?.string } == ["ETH"])
    #expect(log.lines.count { $0.hasPrefix("error") } == 4)
  }

  @Test func triesAPollAgain() throws {
    let count = Mutex(0)
    let server = TestServer { _ in
      count.withLock {
        $0 += 1; return $0
      } == 1 ? .hangUp : .json(#"[{"id":"a"}]"#)
    }
    defer { server.stop() }
    let (status, lines) = try run([chain("BTC")], url: server.url, timeout: .seconds(3))
    #expect(status == .ok)
    #expect(lines.count == 1)
  }

  @Test func saysThatTheKeyIsNotAccepted() throws {
    let server = TestServer { _ in .answer(401, "{}") }
    defer { server.stop() }
    #expect(try run([chain("BTC")], url: server.url).status == .noPermission)
  }

  @Test func asksEachFactOnceAndKeepsTheOrderOfNeeds() throws {
    let server = TestServer { request in
      if request.path.hasPrefix("/v3/kms/pending") { return .json(#"[{"id":"a"},{"id":"b"},{"id":"c"}]"#) }
      return request.json?["method"]?.string == "eth_chainId"
        ? .json(#"{"jsonrpc":"2.0","id":1,"result":"0xaa36a7"}"#)
        : .json(#"{"jsonrpc":"2.0","id":1,"result":"0x5"}"#)
    }
    defer { server.stop() }
    let (_, lines) = try run([chain("ONE")], url: server.url) { _, pending in
      .success([
        .constant(member: "from", value: "0xaa"), Self.one.statedChainID,
        Self.one.nonce(of: pending["id"]?.string == "c" ? "0xcc" : "0xaa"),
      ])
    }
    #expect(
      lines.map { $0["context"]?.text ?? "" }
        == [String](repeating: #"{"from":"0xaa","chainId":"11155111","nonce":"5"}"#, count: 3))
    #expect(server.requests.count == 1 + 1 + 2)
  }

  @Test func endsWhatTheNodeRefusesAndLeavesWhatPasses() throws {
    let answer = Mutex(TestServer.Reply.hangUp)
    let server = TestServer { request in
      request.path.hasPrefix("/v3/kms/pending") ? .json(#"[{"id":"a"}]"#) : answer.withLock { $0 }
    }
    defer { server.stop() }
    func context(_ reply: TestServer.Reply, timeout: Duration = .seconds(20)) throws -> (
      status: KMSProcess.ExitStatus, lines: [JSONValue]
    ) {
      answer.withLock { $0 = reply }
      return try run([chain("ONE")], url: server.url, timeout: timeout) { _, _ in
        .success([Self.one.gas(of: ContractCall(to: "0xbb"))])
      }
    }
    let revert = try context(.json(#"{"error":{"code":3,"message":"execution reverted: no\u0007 money"}}"#))
    #expect(revert.status == .ok)
    #expect(revert.lines.first?["error"]?["outcome"]?.string == "failed")
    #expect(revert.lines.first?["error"]?["stage"]?.string == "fetch")
    #expect(revert.lines.first?["error"]?["code"]?.string == "api-error")
    #expect(revert.lines.first?["error"]?["message"]?.string?.contains(#"reverted: no\u{7} money"#) == true)
    #expect(revert.lines.first?["context"] == nil)
    let refused = try context(.answer(403, #"{"message":"invalid argument"}"#))
    #expect(refused.lines.first?["error"]?["code"]?.string == "api-error")
    for reply in [
      TestServer.Reply.answer(500, ""), .hangUp, .answer(429, ""),
      .json(#"{"error":{"code":-32005,"message":"limit"}}"#),
      .json(#"{"error":{"code":-32000,"message":"header not found"}}"#), .json(#"{"result":"21000"}"#),
      .json(#"{"id":1}"#),
    ] {
      let passing = try context(reply, timeout: .seconds(1))
      #expect(passing.status == .temporary)
      #expect(passing.lines.first?["error"]?["outcome"]?.string == "unknown", "\(reply)")
      #expect(passing.lines.first?["error"]?["stage"]?.string == "fetch")
    }
  }

  /// Decision 23: one message, nothing more is asked, nothing is reported.
  @Test(arguments: [(401, KMSProcess.ExitStatus.noPermission), (402, .unavailable)])
  func endsTheRunWhenTheAPITakesNoMoreCalls(answer: Int, expected: KMSProcess.ExitStatus) throws {
    let items = (0..<300).map { #"{"id":"\#($0)","sender":"\#($0)"}"# }.joined(separator: ",")
    let server = TestServer { request in
      request.path.hasPrefix("/v3/kms/pending") ? .json("[\(items)]") : .answer(answer, "{}")
    }
    defer { server.stop() }
    let log = LogCollector()
    let (status, lines) = try run([chain("ONE")], url: server.url, log: log) { _, pending in
      .success([Self.one.nonce(of: pending["id"]?.string ?? "")])
    }
    #expect(status == expected)
    #expect(lines.isEmpty)
    #expect(log.lines.count { $0.hasPrefix("error") } == 1, "\(log.text)")
    #expect(log.text.contains("300 transactions are left"))
    #expect(server.requests.count < 50)
  }

  // MARK: Nothing waits

  /// Order is kept for each sender, and for nothing else.
  @Test func writesEachRecordWhenItsFactsAreThereButKeepsTheOrderOfASender() throws {
    let server = TestServer { request in
      if request.path.hasPrefix("/v3/kms/pending") {
        return .json(
          #"[{"id":"a1","sender":"a"},{"id":"b1","sender":"b"},{"id":"a2","sender":"a"},{"id":"c1","sender":"c"}]"#
        )
      }
      let isSlow = request.body.contains("0xa1")
      return isSlow ? .after(milliseconds: 600, .json(#"{"result":"0x1"}"#)) : .json(#"{"result":"0x1"}"#)
    }
    defer { server.stop() }
    let (_, lines) = try run([chain("ONE")], url: server.url, timeout: .seconds(5)) { _, pending in
      .success([Self.one.nonce(of: "0x" + (pending["id"]?.string ?? ""))])
    }
    let ids = lines.compactMap { $0["id"]?.string }
    #expect(ids.suffix(2) == ["a1", "a2"])
    #expect(Set(ids.prefix(2)) == ["b1", "c1"])
  }

  @Test func aHungFactHoldsOnlyItsOwnRecord() throws {
    let server = TestServer { request in
      if request.path.hasPrefix("/v3/kms/pending") {
        let items = (0..<40).map { #"{"id":"\#($0)","sender":"\#($0)"}"# }.joined(separator: ",")
        return .json("[\(items)]")
      }
      return request.body.contains("\"0x3\"")
        ? .after(milliseconds: 20_000, .hangUp) : .json(#"{"result":"0x1"}"#)
    }
    defer { server.stop() }
    let (status, lines) = try run([chain("ONE"), chain("BTC")], url: server.url, timeout: .seconds(2)) {
      chain, pending in
      .success(chain == "BTC" ? [] : [Self.one.nonce(of: "0x" + (pending["id"]?.string ?? ""))])
    }
    #expect(status == .temporary)
    #expect(lines.count == 80)
    #expect(lines.last?["id"]?.string == "3")
    #expect(lines.last?["error"]?["outcome"]?.string == "unknown")
    #expect(lines.dropLast().allSatisfy { $0["error"] == nil })
  }

  /// The list is read as it comes: records are out before it has ended.
  @Test func writesTheFirstRecordsBeforeTheListHasEnded() throws {
    let server = TestServer { (_: TestServer.Request) -> TestServer.Reply in
      .raw("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n[{\"id\":\"a\"},{\"id\":\"b\"},{\"id")
    }
    defer { server.stop() }
    let log = LogCollector()
    let (status, lines) = try run([chain("BTC")], url: server.url, timeout: .seconds(3), log: log)
    #expect(
      lines.compactMap { $0["id"]?.string } == ["a", "b"], "each once, however often the list is asked for")
    #expect(status == .temporary)
    #expect(!log.text.contains("listed twice"))
  }

  /// More than what may be in work at once goes through all the same, in order.
  @Test func takesLongListsInPortions() throws {
    let count = 3000
    let items = (0..<count).map { #"{"id":"\#($0)"}"# }.joined(separator: ",")
    let server = TestServer { request in
      request.path.hasPrefix("/v3/kms/pending") ? .json("[\(items)]") : .json(#"{"result":"0x1"}"#)
    }
    defer { server.stop() }
    let (status, lines) = try run([chain("ONE")], url: server.url, timeout: .seconds(20)) { _, _ in
      .success([Self.one.statedChainID])
    }
    #expect(status == .ok)
    #expect(lines.compactMap { $0["id"]?.string } == (0..<count).map { String($0) })
    #expect(server.requests.count == 2)
  }

  @Test func passesOnWhatAChainRefuses() throws {
    let server = TestServer { _ in .json(#"[{"id":"a"}]"#) }
    defer { server.stop() }
    let (status, lines) = try run([chain("BTC")], url: server.url) { _, _ in
      .failure(RecordError(.fetch, .failed, .malformedTransaction, "pending.hashes"))
    }
    #expect(status == .ok)
    #expect(lines.first?["error"]?["code"]?.string == "malformed-transaction")
  }
}

@Suite struct PendingListTests {
  /// The items of `text`, however it is cut into pieces; nil when it is no whole list.
  private func items(_ text: String, piece: Int, maximum: Int = 100) -> [String]? {
    var items: [String] = []
    let list = PendingList(maximumItem: maximum) { piece in
      switch piece {
      case .item(let text, let at):
        #expect(at == items.count)
        items.append(String(decoding: text, as: UTF8.self))
      case .tooLong: items.append("too long")
      }
    }
    list.start()
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: piece) {
      let end = min(bytes.count, start + piece)
      guard list.take(bytes.span.extracting(start..<end)) else { return nil }
    }
    return list.isComplete ? items : nil
  }

  @Test(arguments: [1, 2, 3, 1000]) func takesListsApart(piece: Int) {
    #expect(items("[]", piece: piece) == [])
    #expect(items(" [ ] \n", piece: piece) == [])
    #expect(
      items(#"[{"a":[1,{"b":"]}"}]},2,"x,\"y]",null,[[]],true]"#, piece: piece) == [
        #"{"a":[1,{"b":"]}"}]}"#, "2", #""x,\"y]""#, "null", "[[]]", "true",
      ])
    #expect(items("[1 , 2\r\n]", piece: piece) == ["1", "2"])
    #expect(items(#"["\#(String(repeating: "x", count: 200))",1]"#, piece: piece) == ["too long", "1"])
    for wrong in [
      "", "{}", "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1]]", "[1]x", #"["a]"#, "[{]", "x[]",
    ] {
      #expect(items(wrong, piece: piece) == nil, "\(wrong)")
    }
  }
}

@Suite(.timeLimit(.minutes(20))) struct EVMFactsTests {
  /// What `needs` of `chain` come to, with the requests that it took.
  private func find(
    _ chain: String, _ needs: [Need], _ handler: @escaping @Sendable (TestServer.Request) -> TestServer.Reply
  ) throws -> (context: Result<JSONValue, DialogueFailure>?, requests: [TestServer.Request]) {
    let server = TestServer(handler)
    defer { server.stop() }
    let api = try makeAPI(server.url, timeout: .seconds(20))
    let resolver = FactResolver(runner: DialogueRunner(api: api))
    var context: Result<JSONValue, DialogueFailure>?
    resolver.context(of: needs, chain: chain) { context = $0.map(\.json) }
    api.client.run()
    return (context, server.requests)
  }

  private func facts(_ chain: String) throws -> EVMFacts {
    EVMFacts(try #require(EVMNetwork.named(chain)), testnet: true)
  }

  private static let node: @Sendable (TestServer.Request) -> TestServer.Reply = { request in
    if request.path.hasPrefix("/v3/blockchain/fee") {
      return .json(#"{"fast":3,"medium":13333333333,"slow":1}"#)
    }
    guard let method = request.json?["method"]?.string else { return .json("58604750") }
    let result =
      method.hasSuffix("estimateGas") ? "0x5208" : method.hasSuffix("gasPrice") ? "0x77359400" : "0x10"
    return .json(#"{"jsonrpc":"2.0","id":1,"result":"\#(result)"}"#)
  }

  @Test(arguments: [
    ("ETH", "ethereum-sepolia", "58604750", "21000", "13333333333"),
    ("BSC", "bsc-testnet", "58604750", "21000", "10000000000"),
    ("MATIC", "polygon-amoy", "16", "21000", "30000000000"),
    ("KLAY", "klaytn-baobab", "16", "21000", "2000000000"),
    ("ONE", "one-testnet-s0", "16", "21000", "2000000000"),
    ("XDC", "xdc-testnet", "58604750", "21000", "2000000000"),
    ("CELO", "celo-testnet", "16", "121000", "2000000000"),
    ("KCS", "kcs-testnet", "16", "21000", "1000000000"),
  ]) func findsTheFactsOfEachChain(chain: String, node: String, nonce: String, gas: String, price: String)
    throws
  {
    let facts = try facts(chain)
    let (context, requests) = try find(
      chain,
      [
        facts.statedChainID, facts.nonce(of: "0xaa"), facts.gas(of: ContractCall(to: "0xbb")),
        facts.gasPrice(),
      ],
      Self.node)
    #expect(
      try context?.get() == [
        "chainId": "16", "nonce": .string(nonce), "gas": .string(gas), "gasPrice": .string(price),
      ])
    for request in requests where request.method == "POST" {
      #expect(request.path == "/v3/blockchain/node/\(node)")
    }
    let prefix = chain == "KLAY" ? "klay_" : "eth_"
    for method in requests.compactMap({ $0.json?["method"]?.string }) { #expect(method.hasPrefix(prefix)) }
    if let count = requests.first(where: { $0.path.contains("/transaction/count/") }) {
      #expect(count.path.hasSuffix("/transaction/count/0xaa"))
    } else {
      let count = requests.first { $0.json?["method"]?.string == "\(prefix)getTransactionCount" }
      #expect(count?.json?["params"] == ["0xaa", "pending"])
    }
  }

  /// Defect F23: without the value, a call that has to be paid for would revert.
  @Test func estimatesWithTheWholeCall() throws {
    let call = ContractCall(
      from: "0xaa", to: "0xbb", value: "100000000000000000000000", data: "0x1234", gasPrice: "20000000000",
      nonce: "0")
    let (_, requests) = try find("MATIC", [facts("MATIC").gas(of: call)], Self.node)
    #expect(
      requests.first?.json?["params"]?.text
        == #"[{"from":"0xaa","to":"0xbb","data":"0x1234","value":"0x152d02c7e14af6800000","gasPrice":"0x4a817c800","nonce":"0x0"}]"#
    )
    let creation = try find(
      "ETH", [facts("ETH").gas(of: ContractCall(from: "0xaa", data: "0x60"))], Self.node
    ).requests
    #expect(creation.first?.json?["params"]?.text == #"[{"from":"0xaa","data":"0x60"}]"#)
    let (bad, none) = try find("ETH", [facts("ETH").gas(of: ContractCall(value: "1.5"))], Self.node)
    #expect(none.isEmpty)
    #expect(throws: DialogueFailure.self) { try bad?.get() }
  }

  @Test func asksCeloForThePriceInTheFeeCurrency() throws {
    let dollar = "0x874069fa1eb16d44d622f2e0ca25eea172369bc1"
    func price(_ quantity: String, _ currency: String) throws -> JSONValue? {
      let (context, requests) = try find("CELO", [facts("CELO").gasPrice(feeCurrency: currency)]) { _ in
        .json(#"{"result":"\#(quantity)"}"#)
      }
      #expect(requests.first?.json?["params"] == [.string(currency)])
      return try context?.get()["gasPrice"]
    }
    #expect(try price("0x1dcd6500", dollar) == "1000000000")
    #expect(try price("0x1dcd6501", dollar) == "500000001")
    #expect(try price("0x1", "0x10c892a6ec43a53e45d0b916b4b7d383b1b78c0f") == "1")
  }

  @Test(arguments: [#""0x10""#, "\"16\"", "16"]) func readsACountInAnyNotation(body: String) throws {
    let (context, _) = try find("ETH", [facts("ETH").nonce(of: "0xaa")]) { _ in .json(body) }
    #expect(try context?.get() == ["nonce": "16"])
  }

  @Test(arguments: ["1.5", "-1", "null", "{}", "\"\"", "1e3"]) func refusesAnOddCount(body: String) throws {
    let (context, _) = try find("ETH", [facts("ETH").nonce(of: "0xaa")]) { _ in .json(body) }
    #expect(throws: DialogueFailure.notUnderstood(asking: "nonce")) { try context?.get() }
  }

  @Test(arguments: [#"{"medium":0}"#, #"{"medium":1.5}"#, "{}", "[]"]) func refusesAnOddFee(body: String)
    throws
  {
    let (context, _) = try find("ETH", [facts("ETH").gasPrice()]) { _ in .json(body) }
    #expect(throws: DialogueFailure.notUnderstood(asking: "gas price")) { try context?.get() }
  }

  @Test func makesEachRandomNonceAnew() throws {
    let context = try find("ETH", [VeChainFacts.nonce], Self.node).context?.get()
    let other = try find("ETH", [VeChainFacts.nonce], Self.node).context?.get()
    #expect(context != other)
    #expect(context?["nonce"]?.string?.count == 18)
  }
}

@Suite struct FetchPlanTests {
  private func plan(_ chosen: [String]?, wallets: Set<String>? = nil, _ log: LogCollector = LogCollector())
    -> FetchPlan
  {
    FetchPlan(
      chosen: chosen, wallets: wallets, stocked: ["BTC", "ETH", "SOL"], supported: ["BTC", "ETH", "LTC"],
      logger: log.logger
    ) { chain in (0..<3).map { "\(chain.lowercased())-\($0)" } }
  }

  @Test func asksForChainsThatHaveWalletsOnly() {
    let log = LogCollector()
    let all = plan(nil, log)
    #expect(all.chains.map(\.name) == ["BTC", "ETH"])
    #expect(all.status == .ok)
    #expect(log.lines.count { $0.contains("SOL") } == 1)
  }

  @Test func takesTheOrderGivenAndSaysWhatItCanNotSign() {
    let chosen = plan(["BTC", "SOL", "LTC", "ETH"])
    #expect(chosen.chains.map(\.name) == ["BTC", "ETH"])
    #expect(chosen.status == .configuration)
    #expect(plan(["LTC"]).status == .ok)
  }

  @Test func asksForChosenWalletsOnly() {
    let log = LogCollector()
    let some = plan(nil, wallets: ["btc-1", "other"], log)
    #expect(some.chains.map(\.name) == ["BTC"])
    #expect(some.chains.first?.signatureIDs == ["btc-1"])
    #expect(log.lines.count { $0.contains("other") } == 1)
  }

  @Test(arguments: [(1, 1), (500, 1), (501, 2), (25_000, 50)]) func countsCredits(wallets: Int, credits: Int)
  {
    #expect(FetchPlan.credits(wallets: wallets) == credits)
  }

  @Test func showsTheCost() {
    let table = plan(nil).costTable(period: 5)
    #expect(table[1].split(separator: " ") == ["BTC", "3", "1", "518400"])
    #expect(table[3].split(separator: " ") == ["all", "6", "2", "1036800"])
  }
}
