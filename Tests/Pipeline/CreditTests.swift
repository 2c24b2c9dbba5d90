import Foundation
import KMSChains
import KMSRecords
import Testing

/// What a transaction costs in credits of the API, counted by the sandbox with the prices of the API's description, against the
/// table of docs/api.md and against what the programs say themselves.
@Suite struct CreditTests {
  /// A row of the table: credits of the first transaction in a poll, of each further one of its sender.
  private struct Row: Equatable {
    let first: Int
    let further: Int
  }

  private func table() throws -> [String: Row] {
    let text = try String(contentsOf: SourceTree.root.appendingPathComponent("docs/api.md"), encoding: .utf8)
    var rows: [String: Row] = [:]
    var isInside = false
    for line in text.split(separator: "\n") {
      if line.hasPrefix("## ") { isInside = line == "## Credits" }
      guard isInside, line.hasPrefix("| `") else { continue }
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      let numbers = cells.compactMap { Int($0) }
      // The original lacks some.
      guard cells.count == 4, numbers.count >= 2 else { continue }
      rows[cells[0].filter { $0 != "`" }] = Row(
        first: numbers[numbers.count - 2], further: numbers[numbers.count - 1])
    }
    return rows
  }

  /// Sends `count` transactions of each chain in one poll; gives the credits for facts and broadcasts, by chain.
  private func spent(_ count: Int) throws -> (credits: [String: Int], said: String) {
    let demo = try DemoRun(), run = demo.run
    let templates = try demo.scene()
    for (chain, template) in templates {
      let makers = try DemoRun.makers(chain)
      for number in 0..<count {
        let (pending, made) = try AnyNumber.spending(chain, number, from: template, makers: makers)
        try run.sandbox.control("pending", pending)
        guard !made.isEmpty else { continue }
        var chains = JSONObject()
        chains[chain] = ["transactions": .array(made.map { .string($0) })]
        try run.sandbox.control("state", ["chains": .object(chains)])
      }
    }
    let nodes = ["--node-url", "FLOW=" + run.sandbox.url + "/flow", "--show-spent"]
    let fetched = try run.fetch(["--node-url", "VET=" + run.sandbox.url + "/vechain"] + nodes)
    let sent = try run.broadcast(run.sign(run.verify(fetched.outputText).outputText).outputText, nodes)
    let records = try sent.records
    #expect(records.count == ChainRegistry.names.all.count * count)
    for record in records {
      #expect(record["result"] != nil, "\(record.chain): \(record.error?.description ?? "")")
    }
    var credits: [String: Int] = [:]
    for chain in try run.sandbox.look("credits")["chains"]?.object?.members ?? [] {
      let purposes = chain.value.object?.members ?? []
      credits[chain.name] = purposes.filter { $0.name != "list" }.reduce(0) { $0 + Int($1.value.uint64 ?? 0) }
    }
    // What the programs say is what was counted.
    let text = fetched.errorText + sent.errorText
    let total = try run.sandbox.look("credits")["total"]?.uint64 ?? 0
    let ours = text.split(separator: "\n").filter { $0.hasPrefix("This run made ") }.compactMap { line in
      line.split(separator: " ").dropLast().last.flatMap { UInt64($0) }
    }
    #expect(ours.reduce(0, +) == total, "\(text)")
    return (credits, text)
  }

  @Test(.timeLimit(.minutes(20))) func theTableIsWhatIsSpent() throws {
    let table = try table()
    #expect(Set(table.keys) == Set(ChainRegistry.names.all))
    let (one, said) = try spent(1)
    let (three, _) = try spent(3)
    for chain in ChainRegistry.names.all {
      let first = one[chain] ?? 0
      let further = (three[chain] ?? 0) - first
      #expect(further % 2 == 0, "\(chain)")
      #expect(
        table[chain]?.first == first && table[chain]?.further == further / 2,
        "\(chain): \(first), \(further / 2)")
      // Where the original asks anything but the broadcast endpoint, a transaction costs less here.
      if let row = table[chain] { #expect(row.further <= row.first, "\(chain)") }
    }
    #expect(said.contains("facts") && said.contains("broadcasts") && said.contains("lists"))
  }

  @Test func aRunWithoutTheOptionSaysNothingOfIt() throws {
    let run = try PipelineRun()
    try run.addETH("61dc00000000000000000001")
    #expect(try run.fetch().errorText.contains("credits") == false)
  }

  /// The daemon says it after each poll.
  @Test func theDaemonSaysWhatAPollHasCost() throws {
    let run = try PipelineRun()
    try run.addETH("61dc00000000000000000001")
    let result = try run.startSupervisor(["--testnet", "--run-once", "--show-cost"]).wait()
    #expect(result.status == 0)
    let lines = result.errorText.split(separator: "\n").filter { $0.contains("This run made ") }
    #expect(lines.count == 2, "kms-fetch and kms-broadcast: \(result.errorText)")
  }
}
