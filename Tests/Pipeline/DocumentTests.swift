import Foundation
import KMSChains
import KMSRecords
import Testing

/// The documents say what the programs do.
@Suite struct DocumentTests {
  /// The fenced blocks of a document: the words after the fence, and the text.
  private func blocks(_ file: String) throws -> [(kind: [String], text: String)] {
    let text = try String(contentsOf: SourceTree.root.appendingPathComponent(file), encoding: .utf8)
    var found: [(kind: [String], text: String)] = []
    var open: (kind: [String], lines: [Substring])?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        if let block = open {
          found.append((block.kind, block.lines.joined(separator: "\n")))
          open = nil
        } else {
          open = (line.dropFirst(3).split(separator: " ").map(String.init), [])
        }
      } else {
        open?.lines.append(line)
      }
    }
    return found
  }

  @Test func recordsOfThePipelineDocumentAreRecords() throws {
    let records = try blocks("docs/pipeline.md").filter { $0.kind == ["record"] }
    #expect(!records.isEmpty)
    for block in records { _ = try Record(parsing: Array(block.text.utf8)[...], chains: ChainRegistry.names) }
  }

  @Test func badLinesOfThePipelineDocumentAreNone() throws {
    let lines = try blocks("docs/pipeline.md").filter { $0.kind == ["bad"] }.flatMap {
      $0.text.split(separator: "\n")
    }
    #expect(lines.count >= 5)
    for line in lines {
      #expect(throws: RecordSyntaxError.self, "\(line)") {
        try Record(parsing: Array(line.utf8)[...], chains: ChainRegistry.names)
      }
    }
  }

  @Test func examplesOfThePipelineDocumentRun() throws {
    let all = try blocks("docs/pipeline.md")
    var ran = 0
    for (i, block) in all.enumerated() where block.kind.first == "in" {
      let program = try #require(block.kind.dropFirst().first)
      let expected = all[i + 1]
      #expect(expected.kind == ["out"])
      let result = try ProgramProcess.run(program, input: Array(block.text.utf8))
      #expect(result.outputText == expected.text + "\n")
      ran += 1
    }
    #expect(ran > 0)
  }

  @Test func everyErrorCodeIsExplained() throws {
    let document = try String(
      contentsOf: SourceTree.root.appendingPathComponent("docs/pipeline.md"), encoding: .utf8)
    let source = try String(
      contentsOf: SourceTree.root.appendingPathComponent(
        "Sources/KMSCommon/Records/Record/RecordError.swift"),
      encoding: .utf8)
    let codes = source.matches(of: #/ErrorCode\(rawValue: "([a-z-]+)"\)/#).map { String($0.output.1) }
    #expect(codes.count > 25)
    for code in codes { #expect(document.contains("| `\(code)` |"), "\(code)") }
  }

  @Test func linksOfTheDocumentsLeadSomewhere() throws {
    let files =
      try FileManager.default.subpathsOfDirectory(atPath: SourceTree.root.appendingPathComponent("docs").path)
      .filter { $0.hasSuffix(".md") }.map { "docs/" + $0 } + [
        "README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md",
      ]
    for file in files {
      let url = SourceTree.root.appendingPathComponent(file)
      let text = try String(contentsOf: url, encoding: .utf8)
      for link in text.matches(of: #/\]\(([^)#:]+)(#[^)]*)?\)/#) {
        let target = url.deletingLastPathComponent().appendingPathComponent(String(link.output.1))
        #expect(FileManager.default.fileExists(atPath: target.path), "\(file): \(link.output.1)")
      }
    }
  }

  /// What these documents promise, tests show: each row of their tables ends with the names.
  @Test(arguments: [("defects", 60), ("security", 40)])
  func testsThatTheDocumentNamesExist(_ name: String, _ least: Int) throws {
    let document = try String(
      contentsOf: SourceTree.root.appendingPathComponent("docs/\(name).md"), encoding: .utf8)
    let tests = SourceTree.root.appendingPathComponent("Tests")
    var functions: Set<String> = []
    for file in try FileManager.default.subpathsOfDirectory(atPath: tests.path)
    where file.hasSuffix("Tests.swift") {
      let text = try String(contentsOf: tests.appendingPathComponent(file), encoding: .utf8)
      // A test, with its traits and arguments between; not a helper of the same file.
      for found in text.matches(of: #/(?s)@Test.*?func ([A-Za-z0-9]+)\(/#) {
        functions.insert(String(found.output.1))
      }
    }
    var named = 0
    for row in document.split(separator: "\n") where row.hasPrefix("|") {
      let cell = row.split(separator: "|").last ?? ""
      for name in cell.matches(of: #/`([A-Za-z0-9]+)`/#) {
        #expect(functions.contains(String(name.output.1)), "\(name.output.1)")
        named += 1
      }
    }
    #expect(named > least)
  }

  /// Every promise of the security document is shown by a test.
  @Test func everyLineOfTheSecurityDocumentNamesATest() throws {
    let document = try String(
      contentsOf: SourceTree.root.appendingPathComponent("docs/security.md"), encoding: .utf8)
    let table = document.split(separator: "\n").drop { !$0.hasPrefix("| against |") }.dropFirst(2)
      .prefix { $0.hasPrefix("|") }
    #expect(table.count > 25)
    for row in table {
      #expect((row.split(separator: "|").last ?? "").contains(#/`[A-Za-z0-9]+`/#), "\(row)")
    }
  }

  /// What the performance document says can be measured again, and nothing that can be measured is kept back.
  @Test func thePerformanceDocumentNamesThePartsOfBench() throws {
    func text(_ path: String) throws -> String {
      try String(contentsOf: SourceTree.root.appendingPathComponent(path), encoding: .utf8)
    }
    let parts = try text("scripts/bench").matches(of: #/"([a-z]+)": Bench\./#).map { String($0.output.1) }
    let named = try text("docs/performance.md").matches(of: #/`scripts/bench ([a-z]+)`/#).map {
      String($0.output.1)
    }
    #expect(parts.count > 8)
    #expect(Set(named) == Set(parts))
  }

  /// `scripts/demo` with the options that the README shows, from another folder.
  @Test func demosOfTheREADMEWork() throws {
    var demos: [[String]] = []
    for line in try blocks("README.md").flatMap({ $0.text.split(separator: "\n") }) {
      let command = line.prefix { $0 != "#" }.split(separator: " ").map(String.init)
      if command.first == "scripts/demo" { demos.append(command) }
    }
    #expect(demos == [["scripts/demo"], ["scripts/demo", "--all-chains"]])
    for demo in demos {
      let script = SourceTree.root.appendingPathComponent(demo[0]).path
      let result = try ProgramProcess.run(
        "/bin/bash", ["-c", #"cd / && exec "$0" "$@""#, script] + demo.dropFirst(),
        environment: ["KMS_BIN_DIR": PipelineRun.programs, "HOME": "/nonexistent"], timeoutSeconds: 240)
      #expect(result.status == 0, "\(result.errorText)")
    }
  }

  /// Runs each block of commands of the README in one home folder, as a user who follows it from top to bottom. What
  /// builds, installs and tests (`scripts/…`) is run by scripts/test itself.
  @Test func commandsOfTheREADMEWork() throws {
    let run = try PipelineRun()
    try run.addETH("61dc00000000000000000001")
    let home = run.vault.folder.appendingPathComponent("home")
    try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
    let programs = URL(fileURLWithPath: SourceTree.program("kms-sign")).deletingLastPathComponent().path
    let scripts = SourceTree.root.appendingPathComponent("scripts").path
    var environment = [
      "HOME": home.path, "PATH": "\(programs):\(scripts):/usr/bin:/bin", "TATUM_API_URL": run.sandbox.url,
      "TATUM_API_KEY": run.sandbox.apiKey, "TATUM_KMS_PASSWORD": KeyedVault.password,
    ]
    // The README's user answers on a terminal; here the key to store comes from a pipe.
    environment["KEY"] = KeyedVault.TestKey.eth
    var signatureID = ""
    for block in try blocks("README.md") where block.kind == ["sh"] && !block.text.contains("scripts/") {
      var commands = block.text.replacing("https://approver.internal", with: run.sandbox.url + "/approve")
        .replacing("your-key", with: run.sandbox.apiKey)
        .replacing("e3015fc0-2112-4c8a-b8bf-353b86f63ba5", with: signatureID)
        .replacing(
          "tatum-kms daemon", with: "timeout --preserve-status -s TERM 8 tatum-kms daemon --period=1")
      commands = commands.replacing(
        "storemanagedprivatekey ETH ", with: "storemanagedprivatekey ETH <<<\"$KEY\" ")
      let result = try ProgramProcess.run(
        "/bin/bash", ["-euo", "pipefail", "-c", "cd ~\n" + commands], environment: environment,
        timeoutSeconds: 120)
      #expect(result.status == 0, "\(commands)\n\(result.errorText)")
      if signatureID.isEmpty, let found = result.outputText.firstMatch(of: #/"signatureId": "([0-9a-f-]+)"/#)
      {
        signatureID = String(found.output.1)
      }
    }
    #expect(!signatureID.isEmpty)
  }
}
