import Foundation
import KMSRecords
import Testing

/// The daemon's numbers for node_exporter, the dashboard and the rules that use them, and the document that explains them.
@Suite struct MetricsTests {
  private static func text(_ path: String) throws -> String {
    try String(contentsOf: SourceTree.root.appendingPathComponent(path), encoding: .utf8)
  }

  /// The names of the document's table, with their kinds.
  private static func documented() throws -> [String: String] {
    let section = try text("docs/operations.md").split(separator: "## Metrics\n").last?.split(
      separator: "\n## "
    ).first
    var names: [String: String] = [:]
    for row in (section ?? "").split(separator: "\n") where row.hasPrefix("| `") {
      let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      for name in cells[0].matches(of: #/`([a-z_]+)`/#) { names["tatum_kms_" + name.output.1] = cells[1] }
    }
    return names
  }

  @Test func countsByChainAndOutcomeInTheFormatOfPrometheus() throws {
    let run = try PipelineRun()
    let (good, bad) = ("61dc00000000000000000001", "61dc00000000000000000002")
    try run.addETH(good)
    try run.addETH(bad, value: "2000")
    let approver = try ApproverProcess(run.vault)
    try approver.allow(good)
    let folder = run.vault.folder.appendingPathComponent("metrics")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appendingPathComponent("tatum-kms.prom")
    let daemon = try run.startSupervisor([
      "--testnet", "--period=1", "--external-url", approver.url, "--external-url-method", "POST",
      "--metrics-file", file.path,
    ])
    func value(_ sample: String) -> Int? {
      guard let text = try? String(contentsOf: file, encoding: .utf8) else { return nil }
      let line = text.split(separator: "\n").first { $0.hasPrefix(sample + " ") }
      return line.flatMap { Int($0.dropFirst(sample.count + 1)) }
    }
    #expect(eventually { value(#"tatum_kms_results_total{chain="ETH",outcome="denied"}"#) == 1 })
    #expect(value(#"tatum_kms_results_total{chain="ETH",outcome="sent"}"#) == 1)
    #expect(value(#"tatum_kms_open_transactions{chain="ETH",outcome="denied"}"#) == 1)
    // The same no in later polls is the same transaction.
    let polls = try #require(value("tatum_kms_polls_total"))
    #expect(eventually { value("tatum_kms_polls_total") ?? 0 > polls + 1 })
    #expect(value(#"tatum_kms_results_total{chain="ETH",outcome="denied"}"#) == 1)
    try approver.allow(good, bad)
    #expect(eventually { value(#"tatum_kms_results_total{chain="ETH",outcome="sent"}"#) == 2 })
    #expect(eventually { value(#"tatum_kms_open_transactions{chain="ETH",outcome="denied"}"#) == 0 })
    daemon.send(SIGTERM)
    #expect(daemon.wait(timeoutSeconds: 30).status == 0)
    let exposition = try Exposition(try String(contentsOf: file, encoding: .utf8))
    #expect(try exposition.kinds == Self.documented())
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["tatum-kms.prom"])
    let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
    #expect(mode == 0o644, "the collector is another user")
  }

  /// What can't be written is said before the password is asked for, or goes on without.
  @Test func aFileThatCannotBeWritten() throws {
    let run = try PipelineRun()
    for (file, words) in [
      ("/nonexistent/folder/kms.prom", "/nonexistent/folder: No such file or directory"),
      ("kms.txt", "must end in .prom"),
    ] {
      let result = try run.startSupervisor(["--testnet", "--run-once", "--metrics-file", file]).wait()
      #expect(result.status == 78 && result.errorText.contains(words), "\(result.errorText)")
    }
    let folder = run.vault.folder.appendingPathComponent("kms.prom")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let result = try run.startSupervisor(["--testnet", "--run-once", "--metrics-file", folder.path]).wait()
    #expect(result.status == 0)
    #expect(
      result.errorText.contains("the file of metrics can't be written: "), "\(result.errorText)"
    )
    #expect(result.errorText.components(separatedBy: "can't be written").count == 2, "\(result.errorText)")
  }

  @Test(arguments: ["scripts/monitoring/grafana.json", "scripts/monitoring/alerts.yaml"])
  func whatIsShownAndWatchedExists(_ file: String) throws {
    let text = try Self.text(file)
    if file.hasSuffix(".json") { _ = try JSONValue(parsing: Array(text.utf8)) }
    let documented = try Self.documented()
    let names = Set(text.matches(of: #/tatum_kms_[a-z_]+/#).map { String($0.output) })
    #expect(names.count >= 3)
    for name in names {
      let family = documented[name] != nil ? name : String(name.replacing(#/_(bucket|sum|count)$/#, with: ""))
      #expect(documented[family] != nil, "\(name)")
      #expect(family == name || documented[family] == "histogram", "\(name)")
    }
  }

  @Test(arguments: [
    "a 1\n", "# TYPE a gauge\na one\n", "# TYPE a gauge\n# TYPE a gauge\na 1\n", "# TYPE a gauge\na 1\na 1\n",
    "# TYPE a counter\na 1\n", "# TYPE a gauge\na{b=c} 1\n", "# TYPE a gauge\na 1",
    "# HELP a A.\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n",
    "# HELP a A.\n# TYPE a gauge\na 1\n# HELP b B.\n# TYPE b gauge\nb 1\na{c=\"d\"} 1\n",
  ])
  func theCheckOfTheFormatFindsMistakes(_ text: String) {
    #expect(throws: Exposition.Mistake.self) { try Exposition(text) }
  }
}

/// The text format of Prometheus, read strictly, with what `promtool check metrics` finds in it.
private struct Exposition {
  struct Mistake: Error, CustomStringConvertible {
    let description: String
  }

  /// Families by name.
  private(set) var kinds: [String: String] = [:]
  private var help: Set<String> = []
  private var samples: [(family: String, name: String, labels: String, value: Double)] = []

  init(_ text: String) throws {
    guard text.hasSuffix("\n") else { throw Mistake(description: "the last line has no end") }
    for line in text.split(separator: "\n") {
      if let found = line.wholeMatch(of: #/# HELP ([a-z_]+) [A-Z].*[.;].*/#) {
        guard help.insert(String(found.output.1)).inserted else { throw Mistake(description: "\(line)") }
      } else if let found = line.wholeMatch(of: #/# TYPE ([a-z_]+) (counter|gauge|histogram)/#) {
        guard kinds.updateValue(String(found.output.2), forKey: String(found.output.1)) == nil else {
          throw Mistake(description: "\(line)")
        }
      } else {
        try add(String(line))
      }
    }
    try check()
  }

  private mutating func add(_ line: String) throws {
    let form = #/([a-z_]+)(?:\{((?:[a-z]+="[^"\\]*",?)+)\})? ([0-9.]+)/#
    guard let found = line.wholeMatch(of: form), let value = Double(found.output.3) else {
      throw Mistake(description: line)
    }
    let name = String(found.output.1)
    let family = kinds[name] != nil ? name : String(name.replacing(#/_(bucket|sum|count)$/#, with: ""))
    guard let kind = kinds[family], family == name || kind == "histogram" else {
      throw Mistake(description: line)
    }
    guard (kind == "counter") == name.hasSuffix("_total") else { throw Mistake(description: line) }
    let labels = String(found.output.2 ?? "")
    guard samples.last?.family == family || !samples.contains(where: { $0.family == family }),
      !samples.contains(where: { $0.name == name && $0.labels == labels })
    else { throw Mistake(description: line) }
    samples.append((family, name, labels, value))
  }

  private func check() throws {
    guard help == Set(kinds.keys) else {
      throw Mistake(description: "no help of \(Set(kinds.keys).symmetricDifference(help))")
    }
    for (family, _) in kinds where !samples.contains(where: { $0.family == family }) {
      throw Mistake(description: "no sample of \(family)")
    }
    for (family, kind) in kinds where kind == "histogram" {
      var last = 0.0
      for sample in samples where sample.family == family {
        switch sample.name {
        case family + "_bucket":
          guard sample.value >= last else { throw Mistake(description: "\(sample)") }
          last = sample.value
        case family + "_count":
          guard sample.value == last else { throw Mistake(description: "\(sample)") }
          last = 0
        default: continue
        }
      }
    }
  }
}
