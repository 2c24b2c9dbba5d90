import Glibc
import KMSChains
import KMSProcess
import KMSRecords
import Synchronization
import Testing

@testable import KMSNetwork

/// A reader that takes nothing holds back what is read, and not the calls that are under way.
@Suite(.timeLimit(.minutes(20))) struct SlowReaderTests {
  /// Runs `body` with a writer into a pipe from which nothing is read before `isTime`; gives what was written then.
  ///
  /// Should `isTime` never be, the pipe is read after two minutes, and the test fails: with a stage that waits for its reader.
  private func read(
    when isTime: @escaping @Sendable () -> Bool, _ body: (RecordWriter) throws -> Void
  ) throws -> [JSONValue] {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let (source, sink) = (ends[0], ends[1])
    let result = Mutex<(text: [UInt8], isLate: Bool, isDone: Bool)>(([], false, false))
    TestServer.detach {
      let end = ContinuousClock.now + .seconds(120)
      var isLate = false
      while !isTime(), !isLate {
        usleep(2000)
        isLate = .now > end
      }
      var text: [UInt8] = []
      var chunk = [UInt8](repeating: 0, count: 64 << 10)
      while case let count = Glibc.read(source, &chunk, chunk.count), count > 0 { text += chunk[..<count] }
      result.withLock { $0 = (text, isLate, true) }
    }
    defer { close(source) }
    do {
      defer { close(sink) }
      try body(RecordWriter(descriptor: sink))
    }
    while !result.withLock(\.isDone) { usleep(2000) }
    let (text, isLate) = result.withLock { ($0.text, $0.isLate) }
    #expect(!isLate, "the calls waited for the reader")
    return try text.split(separator: 10).map { try JSONValue(parsing: $0) }
  }

  /// More than the pipe and what a stage collects can hold.
  private static let filler = String(repeating: "x", count: 8 << 10)

  @Test func everyRecordIsAskedAboutMeanwhile() throws {
    let server = TestServer { _ in .answer(200, "") }
    defer { server.stop() }
    let count = 100
    let lines = (0..<count).map {
      recordLine(
        "id-\($0)", chain: "XRP", pending: #"{"id":"id-\#($0)","hashes":["w\#($0)"],"x":"\#(Self.filler)"}"#)
    }
    let address = try #require(WebAddress(server.url))
    let written = try read(when: { server.requests.count == count }) { writer in
      let run = VerifyRun(
        server: VerifyRun.Server(
          address: address, method: .get, timeout: .seconds(20), key: try approveKey()),
        client: HTTPClient(isStopping: { false }), logger: LogCollector().logger)
      let source = temporaryFile(lines.map { $0 + "\n" }.joined())
      defer { close(source) }
      let reader = RecordReader(
        descriptor: source, chains: ChainRegistry.names, logger: LogCollector().logger)
      #expect(try run.run(reader: reader, writer: writer) == .ok)
    }
    #expect(written.count == count)
    #expect(written.allSatisfy { $0["approval"] != nil })
  }

  /// What waits to be read is not made more: facts may be a thousand times as long as their transactions.
  @Test func noMoreFactsAreAskedThanThereIsRoomFor() throws {
    let fact = String(repeating: "y", count: 128 << 10)
    let list = (0..<80).map { #"{"id":"x\#($0)"}"# }.joined(separator: ",")
    let server = TestServer { request in
      request.path == "/v3/kms/pending/XRP" ? .json("[\(list)]") : .json(#"{"fact":"\#(fact)"}"#)
    }
    defer { server.stop() }
    let asked = Mutex(0)
    let written = try read(when: {
      guard server.requests.count > 12 else { return false }
      // Whether it is long enough to see too many decides nothing but whether a mistake is seen.
      usleep(500_000)
      asked.withLock { $0 = server.requests.count - 1 }
      return true
    }) { writer in
      let run = FetchRun(
        api: try makeAPI(server.url, timeout: .seconds(20)), testnet: true, transactionIDs: nil,
        writer: writer, logger: LogCollector().logger
      ) { _, pending in
        let id = pending["id"]?.string ?? ""
        let need = Need("fact", question: id) { _ in
          .ask(Call(.get, "/\(id)"), "fact") { answer in answer["fact"].map { Fact("fact", $0) } }
        }
        return .success(FetchRun.Reading(sender: id, needs: [need]))
      }
      #expect(try run.run([FetchRun.Chain(name: "XRP", signatureIDs: ["id"])]) == .ok)
    }
    #expect(written.count == 80)
    // 2 MiB that wait, those under way, and what the writer has collected.
    #expect(asked.withLock { $0 } <= 16 + ChainPoll.collectedAtOnce + 3)
  }

  /// While nobody takes one chain's records, another chain's list arrives and its facts are asked.
  @Test func anotherChainsFactsAreAskedMeanwhile() throws {
    let long = (0..<300).map { #"{"id":"x\#($0)","x":"\#(Self.filler)"}"# }.joined(separator: ",")
    let server = TestServer { request in
      switch request.path {
      case "/v3/kms/pending/XRP": .json("[\(long)]")
      case "/v3/kms/pending/ALGO": .after(milliseconds: 300, .json(#"[{"id":"a"}]"#))
      default: .json("{}")
      }
    }
    defer { server.stop() }
    let written = try read(when: { server.requests.contains { $0.path == "/fact" } }) { writer in
      let run = FetchRun(
        api: try makeAPI(server.url, timeout: .seconds(20)), testnet: true, transactionIDs: nil,
        writer: writer, logger: LogCollector().logger
      ) { chain, pending in
        let fact = Need("fact") { _ in .ask(Call(.get, "/fact"), "fact") { _ in Fact("fact", true) } }
        return .success(
          FetchRun.Reading(sender: pending["id"]?.string ?? "", needs: chain == "ALGO" ? [fact] : []))
      }
      let chains = ["XRP", "ALGO"].map { FetchRun.Chain(name: $0, signatureIDs: ["id"]) }
      #expect(try run.run(chains) == .ok)
    }
    #expect(written.count == 301)
    #expect(written.first { $0["chain"] == "ALGO" }?["context"] == ["fact": true])
  }
}
