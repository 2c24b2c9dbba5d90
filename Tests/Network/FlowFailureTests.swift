import KMSCrypto
import KMSRecords
import Testing

@testable import KMSChains
@testable import KMSNetwork

/// FLOW: what may have been paid is never called failed, and what can't be paid any more is.
@Suite(.timeLimit(.minutes(20))) struct FlowFailureTests {
  private let released = #"{"txData":"","proposalKey":3}"#

  private func reused(_ signed: inout JSONObject) { signed["reused"] = true }

  private func expired(_ message: String = "transaction is expired: ref_height=1 final_height=700")
    -> TestServer.Reply
  {
    .answer(400, #"{"code":400,"message":"Invalid Flow argument: invalid transaction: \#(message)"}"#)
  }

  /// That the API does not sign is no verdict of the network (decision 22): the same payload comes again, with its key.
  @Test func keepsForLaterWhatTheAPIDoesNotSign() throws {
    let vector = try FlowNetwork.vectors()[1]
    let network = FlowNetwork(vector, signing: .answer(403, #"{"message":"no"}"#))
    let (line, requests) = try FlowNetwork.run(FlowNetwork.record(vector), network)
    #expect(line?["error"]?["outcome"] == "unknown")
    #expect(requests.map(\.path) == ["/v3/flow/sign"])
  }

  @Test func doesNotFailWhatAnEarlierRunMayHaveSent() throws {
    let vector = try FlowNetwork.vectors()[1]
    for network in [
      FlowNetwork(vector, signing: .answer(403, #"{"message":"no"}"#)),
      // Refused, but it may still enter a block.
      FlowNetwork(vector, submission: expired("payer has insufficient balance")),
      // Expired, but its sequence number was used.
      FlowNetwork(vector, submission: expired(), sequence: 1, height: 800),
      FlowNetwork(vector, results: [#"{"status":"Expired"}"#], sequence: 1, height: 800),
      // The access node calls it expired, but an earlier submission may still enter a block.
      FlowNetwork(vector, submission: expired(), height: 671),
      FlowNetwork(vector, results: [#"{"status":"Expired"}"#], height: 700),
    ] {
      let (line, requests) = try FlowNetwork.run(FlowNetwork.record(vector, change: reused), network)
      #expect(line?["error"]?["outcome"] == "unknown")
      #expect(!requests.contains { $0.path == "/v3/flow/broadcast" || $0.path == "/v3/tatum/kms/batch" })
    }
  }

  @Test func failsWhatExpiredAndWasNeverExecuted() throws {
    let vector = try FlowNetwork.vectors()[1]
    for network in [
      FlowNetwork(vector, submission: expired(), height: 701),
      FlowNetwork(vector, results: [#"{"status":"Expired"}"#], height: 701),
    ] {
      let (line, requests) = try FlowNetwork.run(FlowNetwork.record(vector, change: reused), network)
      #expect(line?["error"]?["outcome"] == "failed" && line?["error"]?["code"] == "broadcast-rejected")
      #expect(requests.contains { $0.path == "/v3/flow/broadcast" && $0.body == released })
    }
  }

  /// A first submission that is refused was not executed, also when the node answers with a status that is none.
  @Test(arguments: [nil, #"{"status":"Unknown"}"#, #"{"status":""}"#])
  func failsWhatTheNodeRefusesAtOnce(result: String?) throws {
    let vector = try FlowNetwork.vectors()[1]
    let network = FlowNetwork(
      vector, results: result.map { [$0] } ?? [],
      submission: expired("transaction is missing required fields: [script]"))
    let (line, requests) = try FlowNetwork.run(FlowNetwork.record(vector), network)
    #expect(line?["error"]?["outcome"] == "failed")
    #expect(requests.contains { $0.body == released })
  }

  @Test func findsWhatAnEarlierRunPaid() throws {
    let vector = try FlowNetwork.vectors()[1]
    let network = FlowNetwork(vector, results: [FlowNetwork.sealed], submission: expired(), sequence: 1)
    // The payer's key of this tick is another one; that of the signature makes the same transaction id.
    let line = try FlowNetwork.record(vector) {
      $0["reused"] = true
      $0["payerKeyId"] = "0"
    }.replacing(#""keyId":"0"}},"signed""#, with: #""keyId":"5"}},"signed""#)
    let (record, requests) = try FlowNetwork.run(line, network)
    let txID = vector["expected"]?["txId"]
    #expect(record?["result"]?["txId"] == txID)
    #expect(requests.contains { $0.path == "/v3/flow/broadcast" && $0.json?["signatureId"] == "5f" })
    let submitted = requests.first { $0.path == "/flow/v1/transactions" }?.json
    #expect(submitted?["envelope_signatures"]?.array?.first?["key_index"] == "0")
  }

  /// One key that proposes and pays signs the envelope only: a node refuses two signatures of one key.
  @Test func signsOnceWithOneKey() throws {
    let vector = try FlowNetwork.vectors()[1]
    let signature = String(repeating: "ab", count: 64)
    let network = FlowNetwork(vector, signing: .json(#"{"signature":"\#(signature)"}"#))
    let line = try FlowNetwork.record(vector) { $0["payerKeyId"] = "3" }
    let (_, requests) = try FlowNetwork.run(line, network, timeout: .seconds(1))
    let asked = requests.filter { $0.path == "/v3/flow/sign" }
    #expect(asked.map { $0.json?["isPayer"] } == [true])
    let submitted = requests.first { $0.path == "/flow/v1/transactions" }?.json
    #expect(submitted?["payload_signatures"]?.array?.map { $0["address"] } == ["955cd3f17b2fd8ad"])
    #expect(submitted?["envelope_signatures"]?.array?.map { $0["key_index"] } == ["3"])
  }

  /// An access node that is down or wants a key of its own stops no other chain.
  @Test func theNodesTroubleIsItsOwn() throws {
    let vector = try FlowNetwork.vectors()[1]
    let other = recordLine("60", chain: "BTC", more: #","signed":{"txData":"00","from":"a"}"#)
    for (node, submission) in [
      ("http://127.0.0.1:1/", nil), (nil, .answer(401, "{}")), (nil, .answer(402, "{}")),
    ] as [(String?, TestServer.Reply?)] {
      let network = FlowNetwork(vector, submission: submission)
      let (lines, requests) = try FlowNetwork.run(
        lines: [FlowNetwork.record(vector)] + Array(repeating: other, count: 1), network,
        timeout: .seconds(1),
        node: node)
      #expect(
        lines.first?["error"]?["outcome"] == "unknown" && lines.first?["error"]?["code"] == "api-unreachable")
      #expect(requests.contains { $0.path == "/v3/bitcoin/broadcast" })
      // The same bytes come again, with the key that was lent for them.
      #expect(!requests.contains { $0.path == "/v3/flow/broadcast" })
    }
  }
}
