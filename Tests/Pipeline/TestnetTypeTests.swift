import Foundation
import KMSRecords
import Testing

/// A transaction for another test network than the usual one, through the whole pipeline.
@Suite struct TestnetTypeTests {
  private static let holesky: UInt64 = 17_000

  /// A sandbox whose ETH is Holesky, with one transaction that waits; it names its network or does not.
  private func prepare(named: Bool) throws -> PipelineRun {
    let run = try PipelineRun()
    let wallet = try run.vault.add("ETH", key: KeyedVault.TestKey.eth)
    try run.sandbox.control("state", ["chains": ["ETH": ["chainId": 17000]]])
    var transaction: JSONObject = JSONObject()
    transaction["to"] = "0x687422eea2cb73b5d3e242ba5456b782919afc85"
    transaction["value"] = "1000"
    if named { transaction["chainId"] = 17000 }
    try run.sandbox.control(
      "pending",
      [
        "id": "61dc00000000000000000001", "chain": "ETH", "hashes": [.string(wallet)],
        "serializedTransaction": .string(JSONValue.object(transaction).text),
      ])
    return run
  }

  private func fetch(_ run: PipelineRun, _ arguments: [String]) throws -> ProgramProcess.Result {
    try run.vault.run(
      "kms-fetch", key: .view, ["--testnet", "--path", run.vault.path] + arguments, input: "",
      environment: run.environment)
  }

  @Test(arguments: [(false, ["--testnet-type", "ETH=holesky"]), (true, [])])
  func goesToTheNetworkThatIsMeant(named: Bool, arguments: [String]) throws {
    let run = try prepare(named: named)
    let fetched = try fetch(run, arguments)
    #expect(try fetched.records.first?["context"]?["chainId"] == "17000", "\(fetched.errorText)")
    let signed = try run.sign(run.verify(fetched.outputText).outputText)
    let sent = try run.broadcast(signed.outputText)
    #expect(try sent.records.first?["result"]?["txId"] != nil, "\(sent.outputText)")
    let log = try run.sandbox.look("log").array ?? []
    func path(_ entry: JSONValue) -> String { entry["path"]?.string ?? "" }
    let nodes = Set(log.map(path).filter { $0.hasPrefix("/v3/blockchain/node/") })
    #expect(nodes == ["/v3/blockchain/node/ethereum-holesky"])
    let own = log.filter { path($0).hasPrefix("/v3/ethereum/") }
    #expect(own.count >= 2, "the count and the broadcast")
    for entry in own { #expect(entry["headers"]?["x-testnet-type"] == "ethereum-holesky", "\(path(entry))") }
  }

  @Test func withoutAChoiceTheUsualNetworkIsAsked() throws {
    let run = try prepare(named: false)
    _ = try fetch(run, [])
    let paths = try (run.sandbox.look("log").array ?? []).compactMap { $0["path"]?.string }
    #expect(paths.contains("/v3/blockchain/node/ethereum-sepolia"))
    #expect(!paths.contains("/v3/blockchain/node/ethereum-holesky"))
  }

  @Test(arguments: [("ETH=ropsten", "sepolia, holesky, hoodi"), ("XLM=test", "CHAIN=NAME")])
  func refusesWhatIsNoTestNetwork(text: String, says: String) throws {
    let run = try PipelineRun()
    for program in [
      try fetch(run, ["--testnet-type", text]), try run.vault.sign([], ["--testnet-type", text]),
    ] {
      #expect(program.status == 64)
      #expect(program.errorText.contains(says), "\(program.errorText)")
    }
  }
}
