import Foundation
import KMSRecords
import Testing

/// Command lines of the documents are ones that the programs take.
@Suite struct DocumentCommandTests {
  private static let documents = {
    let root = SourceTree.root
    let docs =
      (try? FileManager.default.subpathsOfDirectory(atPath: root.appendingPathComponent("docs").path)) ?? []
    return ["README.md", "SECURITY.md"] + docs.filter { $0.hasSuffix(".md") }.map { "docs/" + $0 }.sorted()
  }()

  /// The options of a program, or of a command of it, by the command's words; nil for the program itself.
  private final class Options {
    private var known: [String: JSONValue] = [:]

    func dump(_ program: String) throws -> JSONValue {
      if let value = known[program] { return value }
      let result = try ProgramProcess.run(program, ["--experimental-dump-help"])
      let value = try #require(try JSONValue(parsing: result.standardOutput)["command"])
      known[program] = value
      return value
    }

    /// Names of the options of a command; nil when there is no such command.
    func names(_ program: String, _ words: [String]) throws -> (options: Set<String>, depth: Int)? {
      var command = try dump(program)
      var depth = 0
      for word in words {
        guard let next = command["subcommands"]?.array?.first(where: { $0["commandName"]?.string == word })
        else { break }
        (command, depth) = (next, depth + 1)
      }
      if depth == 0, program == "kms-wallet" { return nil }
      var names: Set<String> = ["--help", "--version", "-h"]
      for argument in command["arguments"]?.array ?? [] {
        for name in argument["names"]?.array ?? [] {
          names.insert((name["kind"]?.string == "long" ? "--" : "-") + (name["name"]?.string ?? ""))
        }
      }
      return (names, depth)
    }
  }

  /// The lines of code of a document, and what stands between backquotes, continued lines as one.
  private static func code(_ document: String) throws -> [String] {
    let text = try String(contentsOf: SourceTree.root.appendingPathComponent(document), encoding: .utf8)
    var found: [String] = []
    var isFenced = false
    for line in text.replacing("\\\n", with: " ").split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") || line.hasPrefix("   ```") {
        isFenced.toggle()
      } else if isFenced || line.hasPrefix("    ") {
        found.append(String(line))
      } else {
        found += line.matches(of: #/`([^`]+)`/#).map { String($0.output.1) }
      }
    }
    return found
  }

  @Test func everyCommandLineIsOneThatTheProgramsTake() throws {
    let options = Options()
    let daemon = try ProgramProcess.run(
      PipelineRun.supervisor, ["daemon", "--help"],
      environment: ["HOME": "/nonexistent", "KMS_BIN_DIR": PipelineRun.programs])
    let ofDaemon = Set(
      daemon.outputText.matches(of: #/(?m)^  (-[a-z-]+(?:, -[a-z-]+)*)/#).flatMap {
        $0.output.1.split(separator: ", ").map(String.init)
      }
    )
    .union(["--help", "--json", "--wallets", "--version"])
    var checked = 0
    for document in Self.documents {
      for line in try Self.code(document) {
        let withoutRemark = line.split(separator: "#", maxSplits: 1).first.map(String.init) ?? ""
        for part in withoutRemark.split(whereSeparator: { "|;&()\"'".contains($0) }) {
          var words = part.split(separator: " ").map(String.init)
          guard
            let start = words.firstIndex(where: {
              $0.wholeMatch(of: #/(kms-(fetch|verify|sign|broadcast|wallet)|tatum-kms)/#) != nil
            }),
            start + 1 < words.count,
            start == 0
              || ["sudo", "-H", "--verbose", "exec", "--", "ssh", "signer"].contains(words[start - 1])
          else { continue }
          // The image's name, and the service's.
          if words[..<start].contains(where: { ["systemctl", "docker", "install"].contains($0) }) {
            continue
          }
          let program = words[start] == "tatum-kms" ? "kms-wallet" : words[start]
          let isSupervisor = words[start] == "tatum-kms"
          words.removeFirst(start + 1)
          // Placeholders and the original's spellings have capitals.
          let typed = words.filter { $0.hasPrefix("-") }.map { String($0.prefix { $0 != "=" }) }
          let isDaemon = isSupervisor && (words[0].hasPrefix("-") || ["daemon", "doctor"].contains(words[0]))
          // In texts that are signed or hashed its name is followed by other words.
          if ["COMMAND", "help", "…", "approval", "vault"].contains(words[0]) { continue }
          let names: Set<String>
          if isDaemon {
            names = ofDaemon
          } else {
            let command = try options.names(program, words)
            names = command?.options ?? []
            // A name in a sentence, such as `kms-sign does`, has no option and is no command line.
            if program == "kms-wallet" { #expect(command != nil, "\(document): \(line)") }
          }
          for name in typed where name.wholeMatch(of: #/--?[a-z][a-z-]*/#) != nil {
            #expect(names.contains(name), "\(document): \(name) in \(line)")
          }
          checked += 1
        }
      }
    }
    #expect(checked > 60, "\(checked)")
  }

  /// docs/operations.md, "Backup", "A damaged vault" and "Is all well?", as somebody follows them.
  @Test func backupRestoreAndRecoveryOfTheDocumentWork() throws {
    let run = try PipelineRun()
    let home = run.vault.folder.appendingPathComponent("home")
    let safe = run.vault.folder.appendingPathComponent("safe").path
    try FileManager.default.createDirectory(atPath: safe, withIntermediateDirectories: true)
    let vault = home.appendingPathComponent(".tatumrc").path
    try FileManager.default.createDirectory(atPath: vault, withIntermediateDirectories: true)
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: vault)
    for name in ["wallet.dat", "journal.db"] {
      let file = URL(fileURLWithPath: run.vault.path).deletingLastPathComponent().appendingPathComponent(name)
      try FileManager.default.copyItem(atPath: file.path, toPath: "\(vault)/\(name)")
    }
    let environment = run.environment.merging([
      "HOME": home.path, "PATH": "\(PipelineRun.programs):\(SourceTree.root.path)/scripts:/usr/bin:/bin",
      "TATUM_KMS_PASSWORD": KeyedVault.password, "KMS_BIN_DIR": PipelineRun.programs,
    ]) { $1 }
    let text = try String(
      contentsOf: SourceTree.root.appendingPathComponent("docs/operations.md"), encoding: .utf8)
    var lines: [String] = []
    for section in ["## Backup\n", "## A damaged vault\n", "## Is all well?\n"] {
      let body = try #require(text.split(separator: section).dropFirst().first).split(separator: "\n## ")[0]
      lines += body.split(separator: "\n").filter { $0.hasPrefix("    ") }.map {
        $0.trimmingCharacters(in: .whitespaces)
      }
    }
    #expect(lines.count == 6, "\(lines)")
    var restored = 0
    for line in lines where line != "tatum-kms status" {
      var command = line.replacing("/mnt/safe", with: safe).replacing(
        "https://approver.internal", with: run.sandbox.url + "/approve")
      if command.hasPrefix("kms-wallet restore \(safe)") {
        // The vault is there still.
        command = "! \(command) && mv ~/.tatumrc/wallet.dat \(safe)/old && \(command)"
        restored += 1
      }
      let result = try ProgramProcess.run(
        "/bin/bash", ["-euo", "pipefail", "-c", "cd ~\n" + command], environment: environment)
      #expect(
        result.status == 0 || line.contains("doctor"), "\(line)\n\(result.outputText)\(result.errorText)")
    }
    #expect(restored == 1)
    let check = try ProgramProcess.run(
      "/bin/bash", ["-c", "kms-wallet check && kms-wallet journal check"], environment: environment)
    #expect(check.status == 0, "\(check.errorText)")
  }
}
