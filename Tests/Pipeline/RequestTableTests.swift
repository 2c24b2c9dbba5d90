import Foundation
import KMSChains
import KMSRecords
import TatumDescription
import Testing

/// Every request that the programs can send, held against the API's description, member by member.
///
/// Whole programs run against the sandbox, which only keeps the log here: what is right is decided by the description.
@Suite struct RequestTableTests {
  /// One request as the log has it.
  private struct Sent {
    let match: APIDescription.Match
    /// The operation, with the chain's name in its path folded: `POST /v3/{name}/broadcast`.
    let folded: String
    let name: String?
  }

  private static let names: Set<String> = [
    "bitcoin", "bcash", "litecoin", "dogecoin", "ethereum", "bsc", "polygon", "klaytn", "one", "xdc", "celo",
    "kcs", "flare",
    "vet", "tron", "bnb", "xrp", "xlm", "solana", "algorand", "egld", "flow", "ada",
  ]

  /// Checks one entry of the log; nil where there is nothing to check it against.
  private func check(_ entry: JSONValue, _ description: APIDescription, _ apiKey: String) -> Sent? {
    let text = entry["path"]?.string ?? "", method = entry["method"]?.string ?? ""
    guard text.hasPrefix("/v3/") else { return nil }
    let parts = text.split(separator: "?", maxSplits: 1).map(String.init)
    let segments = parts[0].split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
    let label: Comment = "\(method) \(text)"
    guard let match = description.match(method, segments, apiKey: apiKey) else {
      Issue.record("not described: \(label)")
      return nil
    }
    let query = Dictionary(
      (parts.dropFirst().first ?? "").split(separator: "&").map { pair in
        let sides = pair.split(separator: "=", maxSplits: 1).map(String.init)
        return (sides[0], sides.count > 1 ? sides[1] : "")
      }
    ) { first, _ in first }
    let headers = (entry["headers"]?.object?.members ?? []).map { ($0.name, $0.value.string ?? "") }
    let body = Array((entry["body"]?.string ?? "").utf8)
    #expect(entry["bodyBytes"]?.uint64 == UInt64(body.count), "too long for the log: \(label)")
    #expect(
      description.problems(of: match, query: query, headers: headers, hasStrictHeaders: true) == [], label)
    #expect(description.problems(ofBody: body, match.operation) == [], label)
    #expect(entry["apiKey"] == "right", label)
    #expect(match.key == nil && entry["keyInPath"] == false && entry["keyInBody"] == false, label)
    let type = headers.first { $0.0 == "content-type" }?.1
    #expect(type == (body.isEmpty ? nil : "application/json"), label)
    #expect(headers.contains { $0.0 == "accept" && $0.1 == "application/json" }, label)
    let name = Self.names.contains(segments[1]) ? segments[1] : nil
    let folded = name.map { match.operation.name.replacing("/v3/\($0)/", with: "/v3/{name}/") }
    return Sent(match: match, folded: folded ?? match.operation.name, name: name)
  }

  private func lines(_ records: [Record]) -> String { records.map { $0.line + "\n" }.joined() }

  /// Sends all that can be sent, on both networks.
  private func everything() throws -> [Sent] {
    let demo = try DemoRun(), run = demo.run
    let description = try APIDescription()
    _ = try demo.prepare(testnet: true)
    let signed = try run.sign(run.verify(demo.fetch(testnet: true).outputText).outputText)
    let sent = try demo.broadcast(signed.outputText).records
    #expect(Set(sent.filter { $0["result"]?["txId"] != nil }.map(\.chain)) == Set(ChainRegistry.names.all))
    for record in sent where record.error != nil {
      Issue.record("\(record.chain): \(record.error?.description ?? "")")
    }

    // The same bytes once more: what is there is looked up, and marked as done. One is broken: it is reported.
    var again = try signed.records
    for i in again.indices {
      again[i]["signed"] = again[i]["signed"]?.changed([("reused", true)])
    }
    var broken = try #require(again.first)
    broken["signed"] = nil
    broken.error = RecordError(.sign, .failed, .malformedTransaction, "a test")
    _ = try demo.broadcast(lines(again + [broken]))
    // Refused as if it were invalid: whether it is there all the same is asked.
    try run.sandbox.control(
      "faults",
      [
        "kind": "status", "status": 403, "of": "broadcast",
        "body":
          #"{"statusCode":403,"errorCode":"x.broadcast.failed","message":"Unable to broadcast transaction. bad"}"#,
      ])
    _ = try demo.broadcast(lines(again))
    // Out of turn, and not there: whether it comes too early is asked.
    try run.sandbox.control(
      "faults",
      [
        "kind": "status", "status": 403, "of": "broadcast",
        "body": #"{"statusCode":403,"errorCode":"xlm.failed","message":"Unable to broadcast. tx_bad_seq"}"#,
      ])
    for i in again.indices {
      again[i]["signed"] = again[i]["signed"]?.changed([
        ("reused", false), ("txId", .string(String(repeating: "5a", count: 32))),
      ])
    }
    _ = try demo.broadcast(lines(again.filter { $0.chain == "XLM" }))
    try run.sandbox.control("faults", [])

    // The main network: nothing of this can be signed there, but all that is asked is asked.
    _ = try demo.prepare(testnet: false)
    let fetched = try demo.fetch(testnet: false)
    #expect(try fetched.records.count == ChainRegistry.names.all.count, "\(fetched.errorText)")
    let main = try signed.records.map { record -> String in
      let json = try JSONValue(parsing: record.line)
      return json.changed([("testnet", false)]).text
    }
    _ = try demo.broadcast(main.map { $0 + "\n" }.joined())
    let log = try run.sandbox.look("log").array ?? []
    return log.compactMap { check($0, description, run.sandbox.apiKey) }
  }

  @Test(.timeLimit(.minutes(20))) func everyRequestIsDescribed() throws {
    let sent = try everything()
    func values(_ name: String, in folded: String) -> Set<String> {
      Set(sent.filter { $0.folded == folded }.compactMap { $0.match.values[name] })
    }
    #expect(values("chain", in: "POST /v3/kms/pending/{chain}") == Set(ChainRegistry.names.all))
    let nodes = values("chain", in: "POST /v3/blockchain/node/{chain}/{rpcPath}")
      .union(values("chain", in: "GET /v3/blockchain/node/{chain}/{rpcPath}"))
    let table = try document()
    // These are asked only for what the API's own address does not have (PreviousFactsTests), or for what can't be read on
    // the other network.
    #expect(
      nodes.union(["bitcoin-testnet", "bch-testnet", "doge-testnet", "litecoin-core-mainnet"]) == table.nodes)
    let seen = Dictionary(grouping: sent, by: \.folded).mapValues { Set($0.compactMap(\.name)) }
    for (request, names) in seen.sorted(by: { $0.key < $1.key }) {
      #expect(table.requests[request] == names, "docs/api.md, \(request)")
    }
    #expect(Set(seen.keys) == Set(table.requests.keys))
    let used = Set(sent.flatMap(\.match.operation.exceptions))
    #expect(used == Set(try APIDescription().exceptions.indices), "an exception that nothing needs")
  }

  // MARK: The document

  /// docs/api.md: which requests there are, with the chains' names that stand in them, and the nodes.
  private func document() throws -> (requests: [String: Set<String>], nodes: Set<String>) {
    let text = try String(contentsOf: SourceTree.root.appendingPathComponent("docs/api.md"), encoding: .utf8)
    var requests: [String: Set<String>] = [:]
    var nodes: Set<String> = []
    for line in text.split(separator: "\n") where line.hasPrefix("| `") {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      let codes = cells.map { cell in
        cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
          .filter { $0.offset % 2 == 1 }.map { String($0.element) }
      }
      guard let first = codes.first?.first, codes.count >= 2 else { continue }
      if first.contains(" /v3/") { requests[first] = Set(codes[1]) }
      if codes.count == 3, ChainRegistry.names.all.contains(first) { nodes.formUnion(codes[1] + codes[2]) }
    }
    return (requests, nodes)
  }

  /// The list of exceptions stands in the document, word for word.
  @Test func theExceptionsStandInTheDocument() throws {
    let text = try String(contentsOf: SourceTree.root.appendingPathComponent("docs/api.md"), encoding: .utf8)
    for exception in try APIDescription().exceptions {
      #expect(text.contains("| \(exception.what) | \(exception.source) |"), "\(exception.what)")
    }
  }

  /// The check can fail: what is not described is found.
  @Test(arguments: [
    ("POST", "/v3/ethereum/web3", "{}"), ("POST", "/v3/egld/node/network/config", "{}"),
    ("POST", "/v3/blockchain/node/SOL", "{}"), ("PUT", "/v3/ethereum/broadcast", #"{"txData":"0x"}"#),
    ("POST", "/v3/ethereum/broadcast", #"{"txData":"0x","nonce":1}"#),
    ("POST", "/v3/ethereum/broadcast", #"{"signatureId":"61dc00000000000000000001"}"#),
    ("POST", "/v3/ethereum/broadcast", #"{"txData":1}"#),
    ("POST", "/v3/kms/pending/DOT", #"{"signatureIds":[]}"#),
    ("POST", "/v3/kms/pending/ETH", #"{"signatureIds":["x"]}"#), ("PUT", "/v3/kms/61dc/0x1111111111", ""),
    ("GET", "/v3/blockchain/fee/BSC", ""), ("GET", "/v3/ethereum/transaction/0x1?page=2", ""),
  ]) func theCheckFindsWhatIsNotDescribed(method: String, path: String, body: String) throws {
    let sandbox = try SandboxProcess()
    let answer = try sandbox.send(method, path, Array(body.utf8))
    #expect([400, 401, 404].contains(answer.status), "\(answer.status) \(answer.text)")
    if answer.status == 404 {
      #expect(
        answer.json == [
          "statusCode": 404, "message": .string("Cannot \(method) \(path)"), "error": "Not Found",
        ])
    }
  }

  @Test func theKeyIsWantedAsDescribed() throws {
    let sandbox = try SandboxProcess()
    let call: JSONValue = ["jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []]
    func status(_ path: String, key: String) throws -> Int {
      try sandbox.send("POST", path, call.encoded(), headers: ["x-api-key": key]).status
    }
    #expect(try status("/v3/ethereum/web3/\(sandbox.apiKey)", key: "") == 200)
    #expect(try status("/v3/ethereum/web3/other", key: sandbox.apiKey) == 401)
    #expect(try status("/v3/blockchain/node/ethereum-sepolia", key: sandbox.apiKey) == 200)
    #expect(try status("/v3/blockchain/node/ethereum-sepolia/\(sandbox.apiKey)", key: "") == 200)
    #expect(try status("/v3/blockchain/node/ethereum-sepolia", key: "other") == 401)
    #expect(try status("/v3/ethereum/web3", key: sandbox.apiKey) == 404)
  }
}

/// docs/api.md lists every member of the answers that the API describes, once.
@Suite struct AnswerMemberTests {
  @Test func everyMemberHasItsLine() throws {
    let root = SourceTree.root
    let data = try JSONValue(
      parsing: Data(contentsOf: root.appendingPathComponent("Tests/TatumDescription/Data/answers.json")))
    let text = try String(contentsOf: root.appendingPathComponent("docs/api.md"), encoding: .utf8)
    var written: [String: [String]] = [:]
    var heading = ""
    for line in text.split(separator: "\n") {
      if line.hasPrefix("#") { heading = line.hasPrefix("### ") ? String(line.dropFirst(4)) : "" }
      guard line.hasPrefix("| `"), !heading.isEmpty else { continue }
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      #expect(cells.count == 2 && cells[1].count > 3, "\(line)")
      written[heading, default: []].append(cells[0].filter { $0 != "`" })
    }
    let described = try #require(data["answers"]?.object?.members)
    #expect(Set(written.keys) == Set(described.map(\.name)))
    for answer in described {
      let members = try #require(answer.value.array).compactMap(\.string)
      #expect(written[answer.name]?.sorted() == members.sorted(), "\(answer.name)")
    }
  }
}
