import FoundationEssentials
import KMSCrypto
import KMSRecords
import Synchronization
import Testing

@testable import KMSNetwork

/// An API and an access node that know one transaction of the vectors.
final class FlowNetwork: Sendable {
  /// What the access node says of a transaction.
  static let sealed = #"{"status":"Sealed","status_code":0,"error_message":""}"#
  static let pending = #"{"status":"Pending","status_code":0,"error_message":""}"#

  let vector: JSONValue
  let results: [String]
  let submission: TestServer.Reply?
  /// What the API answers when it is asked to sign; nil for the signatures of the vector.
  let signing: TestServer.Reply?
  /// The sequence number of the proposal key.
  let sequence: Int
  /// The height of the latest sealed block; that of the reference block is 100.
  let height: Int
  private let asked = Mutex(0)

  init(
    _ vector: JSONValue, results: [String] = [], submission: TestServer.Reply? = nil,
    signing: TestServer.Reply? = nil, sequence: Int = 0, height: Int = 110
  ) {
    self.vector = vector
    self.results = results
    self.submission = submission
    self.signing = signing
    self.sequence = sequence
    self.height = height
  }

  func answer(_ request: TestServer.Request) -> TestServer.Reply {
    let expected = vector["expected"]
    switch request.path {
    case "/v3/flow/sign":
      if let signing { return signing }
      let isPayer = request.json?["isPayer"]?.bool == true
      guard request.json?["data"] == expected?[isPayer ? "envelope" : "payload"] else {
        return .answer(400, "{}")
      }
      let signature = expected?[isPayer ? "payerSignature" : "proposerSignature"]?.string ?? ""
      return .json(#"{"signature":"\#(signature)"}"#)
    case "/flow/v1/transactions":
      return submission ?? .answer(201, #"{"id":"\#(expected?["txId"]?.string ?? "")"}"#)
    case "/flow/v1/transaction_results/\(expected?["txId"]?.string ?? "")":
      let number = asked.withLock {
        $0 += 1
        return $0
      }
      guard !results.isEmpty else { return .answer(404, #"{"code":404,"message":"not found"}"#) }
      return .json(results[min(number, results.count) - 1])
    case "/flow/v1/accounts/87fe4ebd0cddde06?block_height=sealed&expand=keys":
      return .json(
        #"{"keys":[{"index":"3","public_key":"0xab","sequence_number":"\#(sequence)","weight":"0"}]}"#)
    case "/flow/v1/blocks?height=sealed": return .json(#"[{"header":{"height":"\#(height)"}}]"#)
    case let path where path.hasPrefix("/flow/v1/blocks/"): return .json(#"[{"header":{"height":"100"}}]"#)
    case "/v3/flow/broadcast": return .json(#"{"txId":"x"}"#)
    default: return .answer(404, "{}")
    }
  }

  // MARK: Records

  /// The vectors with payload, all signatures and the id: custom transactions, whose scripts are published.
  static func vectors(_ here: String = #filePath) throws -> [JSONValue] {
    let tests = URL(filePath: here).deletingLastPathComponent().deletingLastPathComponent()
    let file = tests.appending(path: "Chains/Vectors/transactions/flow.json")
    let all = try JSONValue(parsing: Data(contentsOf: file))["vectors"]?.array ?? []
    return all.filter { $0["expected"]?["envelope"] != nil && $0["pending"] != nil }
  }

  /// The record of a vector as kms-sign makes it.
  static func record(_ vector: JSONValue, change: (inout JSONObject) -> Void = { _ in }) throws -> String {
    let expected = try #require(vector["expected"])
    let body = try JSONValue(parsing: #require(vector["pending"]?["serializedTransaction"]?.string))
    var signed = JSONObject()
    signed["txData"] = .string(String(try #require(expected["payload"]?.string).dropFirst(64)))
    signed["from"] = body["body"]?["account"]
    signed["payloadSignature"] = [
      "address": body["body"]?["account"] ?? .null, "keyId": "0",
      "signature": expected["authorizerSignature"] ?? .null,
    ]
    change(&signed)
    return recordLine(
      "5f", chain: "FLOW",
      more:
        #","context":{"proposer":{"keyId":"3"},"payer":{"address":"0x87fe4ebd0cddde06","keyId":"0"}},"signed":"#
        + JSONValue.object(signed).text)
  }

  /// Sends `lines`; `node` is the access node's address, that of the server when nil.
  static func run(
    lines: [String], _ network: FlowNetwork, timeout: Duration = .seconds(4), node: String? = nil
  ) throws -> (lines: [JSONValue], requests: [TestServer.Request]) {
    let server = TestServer { network.answer($0) }
    defer { server.stop() }
    let api = try makeAPI(server.url, timeout: timeout)
    let nodes = PublicNodes(["FLOW": WebAddress(node ?? server.url + "/flow/")])
    let lines = try pipeLines(lines) {
      try BroadcastRun(api: api, nodes: nodes, logger: LogCollector().logger).run(reader: $0, writer: $1)
    }.lines
    return (lines, server.requests)
  }

  /// Sends one record.
  static func run(
    _ line: String, _ network: FlowNetwork, timeout: Duration = .seconds(4), node: String? = nil
  ) throws -> (line: JSONValue?, requests: [TestServer.Request]) {
    let (lines, requests) = try run(lines: [line], network, timeout: timeout, node: node)
    return (lines.first, requests)
  }
}
