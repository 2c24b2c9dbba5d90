import Glibc
import KMSCrypto
import KMSProcess
import KMSRecords
import Testing

@testable import KMSChains
@testable import KMSNetwork

/// What the API lends for a transaction goes back when it is not used, however a run ends.
@Suite(.timeLimit(.minutes(20))) struct LoanTests {
  private func release(_ key: Int) -> String { #"{"txData":"","proposalKey":\#(key)}"# }

  private func released(_ requests: [TestServer.Request]) -> [String] {
    requests.filter { $0.path == "/v3/flow/broadcast" }.map(\.body)
  }

  /// The record of recorded bytes, whose own key is 3, in a poll in which another one was lent.
  private func reused(_ vector: JSONValue, lent key: Int) throws -> String {
    try FlowNetwork.record(vector) { $0["reused"] = true }
      .replacing(#"{"proposer":{"keyId":"3"}"#, with: #"{"proposer":{"keyId":"\#(key)"}"#)
  }

  // MARK: kms-broadcast

  /// A record that no stage refused and none signed.
  @Test func goesBackWhenARecordWasNotSigned() throws {
    let line = recordLine("5f", chain: "FLOW", more: #","context":{"proposer":{"keyId":"9"}}"#)
    let (record, requests) = try FlowNetwork.run(line, FlowNetwork([:]))
    #expect(record?["error"]?["code"] == "not-signed")
    #expect(released(requests) == [release(9)])
  }

  /// The key of recorded bytes stays with them; that of this poll does not.
  @Test func ofAnEndedRecordOnlyTheOtherKeyGoesBack() throws {
    let vector = try FlowNetwork.vectors()[1]
    let error = #","error":{"stage":"sign","outcome":"failed","code":"internal-error","message":"x"}}"#
    let own = try FlowNetwork.record(vector).dropLast() + error
    #expect(released(try FlowNetwork.run(String(own), FlowNetwork(vector)).requests) == [])
    let other = try reused(vector, lent: 9).dropLast() + error
    #expect(released(try FlowNetwork.run(String(other), FlowNetwork(vector)).requests) == [release(9)])
  }

  /// A chain that does not answer is left alone, and what was lent for what is not sent there goes back all the same.
  @Test func goesBackWhenItsChainIsLeftAlone() throws {
    let vector = try FlowNetwork.vectors()[1]
    let network = FlowNetwork(vector, signing: .after(milliseconds: 3000, .hangUp))
    let lines = [try FlowNetwork.record(vector), try reused(vector, lent: 9)]
    let (records, requests) = try FlowNetwork.run(lines: lines, network, timeout: .seconds(1))
    #expect(records.allSatisfy { $0["error"]?["outcome"] == "unknown" })
    #expect(released(requests) == [release(9)])
  }

  /// What the API never signs ends when it can't enter a block any more, and its key goes back then.
  @Test func goesBackWhenTheAPINeverSigns() throws {
    let vector = try FlowNetwork.vectors()[1]
    let no = TestServer.Reply.answer(403, #"{"message":"no"}"#)
    let line = try FlowNetwork.record(vector) { $0["reused"] = true }
    let (early, before) = try FlowNetwork.run(line, FlowNetwork(vector, signing: no, height: 700))
    #expect(early?["error"]?["outcome"] == "unknown")
    #expect(released(before) == [])
    let (late, after) = try FlowNetwork.run(line, FlowNetwork(vector, signing: no, height: 701))
    #expect(late?["error"]?["outcome"] == "failed")
    #expect(released(after) == [release(3)])
  }

  // MARK: kms-fetch

  /// The API's answers for one transaction of FLOW that needs everything.
  private static func answer(_ request: TestServer.Request) -> TestServer.Reply {
    switch request.path {
    case "/v3/kms/pending/FLOW": .json(#"[{"id":"5f"}]"#)
    case "/v3/flow/proposal/false": .json(#"{"keyId":7,"address":"0x87fe4ebd0cddde06"}"#)
    case "/v3/flow/proposal/true": .json(#"{"keyId":0,"address":"0x87fe4ebd0cddde06"}"#)
    case "/flow/v1/blocks?height=final":
      .json(#"[{"header":{"id":"\#(String(repeating: "f0", count: 32))","height":"1"}}]"#)
    case "/flow/v1/accounts/87fe4ebd0cddde06?block_height=sealed&expand=keys":
      .json(#"{"keys":[{"index":"7","public_key":"0xab","sequence_number":"0","weight":"0"}]}"#)
    default: .json("{}")
    }
  }

  @Test func goesBackWhenNobodyReadsTheRecord() throws {
    signal(SIGPIPE, SIG_IGN)
    let server = TestServer(Self.answer)
    defer { server.stop() }
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    close(ends[0])
    defer { close(ends[1]) }
    let api = try makeAPI(server.url)
    let run = FetchRun(
      api: api, testnet: true, transactionIDs: nil,
      nodes: PublicNodes(["FLOW": WebAddress(server.url + "/flow/")]),
      writer: RecordWriter(descriptor: ends[1]), logger: LogCollector().logger
    ) { _, _ in .success(FetchRun.Reading(sender: "", needs: [FlowFacts(testnet: true).proposal])) }
    #expect(throws: BrokenPipe.self) {
      try run.run([FetchRun.Chain(name: "FLOW", signatureIDs: ["id"])])
    }
    #expect(released(server.requests) == [release(7)])
  }
}
