import Foundation
import KMSRecords
import Testing

/// The four stages against the sandbox, which decodes and checks what arrives by itself.
@Suite struct PipelineTests {
  @Test func sendsBTCAndETHAndReportsWhatWasDenied() throws {
    let run = try PipelineRun()
    try run.addBTC("60f6c1d2f633813bf55831af")
    try run.addETH("61dc00000000000000000001")
    try run.addETH(
      "61dc00000000000000000002",
      extra: [
        "to": "0x1c7d4b196cb0c7b01d743fbc6116a902379c7238",
        "data":
          "0xa9059cbb000000000000000000000000687422eea2cb73b5d3e242ba5456b782919afc8500000000000000000000000000000000000000000000000000000000017d7840",
      ])
    try run.addETH("61dc00000000000000000003", value: "999")
    try run.sandbox.control("approvals", ["deny": ["61dc00000000000000000003"]])

    let results = try run.poll()
    #expect(results.count == 4)
    for id in ["60f6c1d2f633813bf55831af", "61dc00000000000000000001", "61dc00000000000000000002"] {
      #expect(results[id]?["result"]?["txId"] == results[id]?["signed"]?["txId"], "\(id)")
      #expect(results[id]?["result"]?["txId"] != nil, "\(results[id]?.error?.description ?? "")")
    }
    #expect(results["61dc00000000000000000003"]?.error?.outcome == .denied)
    let broadcasts = try run.sandbox.look("broadcasts").array ?? []
    #expect(broadcasts.count == 3)
    #expect(broadcasts.allSatisfy { $0["mismatches"]?.array?.isEmpty ?? true }, "\(broadcasts)")
    // What was denied is neither reported nor gone.
    #expect(try run.sandbox.look("errors").array?.isEmpty == true)
    #expect(try run.sandbox.look("pending").array?.count == 1)
    let log = try run.sandbox.look("log").array ?? []
    #expect(log.allSatisfy { $0["keyInPath"]?.bool != true && $0["keyInBody"]?.bool != true })
  }

  @Test func sendsTheSameBytesAgainWhenTheAnswerWasLost() throws {
    let run = try PipelineRun()
    try run.addETH("61dc00000000000000000001")
    try run.sandbox.control(
      "faults", [["kind": "lost-answer", "path": "/v3/ethereum/broadcast", "count": 1]])
    let first = try #require(try run.poll()["61dc00000000000000000001"])
    #expect(first.error?.outcome == .unknown)
    #expect(first.error?.code == .answerLost)
    #expect(try run.sandbox.look("errors").array?.isEmpty == true)
    #expect(try run.accepted().count == 1)

    // The network took it, Tatum has marked it complete: nothing comes back. Put it back as pending.
    try run.addETH("61dc00000000000000000001")
    let second = try #require(try run.poll()["61dc00000000000000000001"])
    #expect(second["signed"]?["reused"]?.bool == true)
    #expect(second["signed"]?["txData"] == first["signed"]?["txData"])
    #expect(second["result"]?["txId"] == first["signed"]?["txId"])
    #expect(try run.accepted().count == 1)
  }

  @Test func landsOneHundredTransactionsOfOneSenderInOrder() throws {
    let run = try PipelineRun()
    var accounts = JSONObject()
    accounts[KeyedVault.TestKey.ethAddress] = ["nonce": 0]
    try run.sandbox.control(
      "state", ["chains": ["ETH": ["accounts": .object(accounts)]]])
    for i in 0..<100 { try run.addETH("61dc000000000000000\(String(10_000 + i))") }
    let first = try run.poll()
    #expect(first.values.filter { $0["result"] != nil }.count == 100)
    try run.sandbox.control("faults", [["kind": "lagging-nonce"]])
    for i in 100..<120 { try run.addETH("61dc000000000000000\(String(10_000 + i))") }
    #expect(try run.poll().values.filter { $0["result"] != nil }.count == 20)
    let broadcasts = try run.sandbox.look("broadcasts").array ?? []
    // 16 are under way at once, so they arrive in any order: each nonce once, and none replaces another.
    #expect(broadcasts.compactMap { $0["nonce"]?.uint64 }.sorted() == Array(0..<120).map { UInt64($0) })
    #expect(broadcasts.allSatisfy { $0["mismatches"] == [] })
    // A node keeps what comes before its turn, and takes it when its turn has come.
    let flags = Set(broadcasts.flatMap { $0["flags"]?.array ?? [] }.compactMap(\.string))
    #expect(flags.isSubset(of: ["queued"]), "\(flags)")
  }

  @Test(arguments: ["cut-off", "truncated-json", "wrong-json", "reset-before"])
  func losesNothingWhenAPollIsBroken(kind: String) throws {
    let run = try PipelineRun()
    try run.addETH("61dc00000000000000000001")
    try run.sandbox.control("faults", [["kind": .string(kind), "path": "/v3/kms/pending/ETH"]])
    let broken = try run.fetch(["--timeout", "3"])
    #expect(broken.outputText == "")
    #expect(broken.status != 0)
    #expect(broken.errorText.contains("ETH"))
    try run.sandbox.control("faults", [])
    #expect(try run.poll()["61dc00000000000000000001"]?["result"] != nil)
  }

  /// A list that drips for ever would hold its chain for ever: an item that does not come is given up.
  @Test func givesUpAListThatDrips() throws {
    let run = try PipelineRun()
    try run.addETH("61dc00000000000000000001")
    // 40 s at least for the only item, and 10 s are what is waited for.
    try run.sandbox.control(
      "faults", [["kind": "drip", "bytes": 1, "milliseconds": 150, "path": "/v3/kms/pending/ETH"]])
    let broken = try run.fetch(["--timeout", "1"])
    #expect(broken.outputText == "" && broken.status != 0)
    try run.sandbox.control("faults", [])
    #expect(try run.poll()["61dc00000000000000000001"]?["result"] != nil)
  }

  @Test func triesAgainAfter429AndNamesNoFailure() throws {
    let run = try PipelineRun()
    try run.addETH("61dc00000000000000000001")
    try run.sandbox.control(
      "faults", [["kind": "status", "status": 429, "retryAfter": 1, "path": "/v3/kms", "count": 2]])
    #expect(try run.poll()["61dc00000000000000000001"]?["result"] != nil)
  }

  @Test func reportsFailuresInOneCall() throws {
    let run = try PipelineRun()
    try run.addETH("61dc00000000000000000001", extra: ["chainId": 137])
    try run.addETH("61dc00000000000000000002", extra: ["value": "-1"])
    let results = try run.poll()
    #expect(results["61dc00000000000000000001"]?.error?.code == .chainIDMismatch)
    #expect(results["61dc00000000000000000002"]?.error?.code == .malformedTransaction)
    let reported = try run.sandbox.look("errors").array ?? []
    #expect(
      reported.compactMap { $0["signatureId"]?.string }.sorted() == results.keys.sorted(), "\(reported)")
    let log = try run.sandbox.look("log").array ?? []
    #expect(log.filter { $0["path"]?.string == "/v3/tatum/kms/batch" }.count == 1)
  }

  /// The network does not get to choose for which chain is signed: where the node's name says it, it is not even asked.
  @Test func believesNoNodeAboutItsChain() throws {
    let run = try PipelineRun()
    try run.sandbox.control("state", ["chains": ["ETH": ["reportedChainId": 1]]])
    try run.addETH("61dc00000000000000000001")
    let record = try #require(try run.poll()["61dc00000000000000000001"])
    #expect(record["context"]?["chainId"] == "11155111")
    #expect(record["result"] != nil)
    #expect(try run.accepted().count == 1)
    let log = try run.sandbox.look("log").array ?? []
    #expect(!log.contains { $0["body"]?.string?.contains("eth_chainId") == true })
  }

  @Test func saysLoudlyWhenTheAPINamesAnotherTransaction() throws {
    let run = try PipelineRun()
    try run.addETH("61dc00000000000000000001")
    try run.sandbox.control("faults", [["kind": "other-txid", "path": "/v3/ethereum/broadcast"]])
    let error = try run.poll()["61dc00000000000000000001"]?.error
    #expect(error?.code == .txIDMismatch)
    #expect(error?.outcome == .unknown)
  }

  @Test func sendsNothingInADryRun() throws {
    let run = try PipelineRun()
    try run.addETH("61dc00000000000000000001")
    let signed = try run.sign(run.verify(run.fetch().outputText).outputText)
    let dry = try run.broadcast(signed.outputText, ["--dry-run"])
    #expect(dry.status == 0)
    #expect(dry.errorText.contains("/v3/ethereum/broadcast"))
    #expect(dry.outputText == signed.outputText)
    #expect(try run.accepted().isEmpty)
  }

  @Test func asksOnlyForChainsThatHaveWallets() throws {
    let run = try PipelineRun()
    #expect(try run.fetch().status == 0)
    let polled = (try run.sandbox.look("log").array ?? []).compactMap { $0["path"]?.string }
    #expect(Set(polled) == ["/v3/kms/pending/ETH", "/v3/kms/pending/BTC"])
  }
}
