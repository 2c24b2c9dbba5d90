import Foundation
import KMSChains
import KMSRecords
import Testing

/// scripts/demo as somebody runs it who wants to see what this is.
@Suite struct DemoTests {
  private static let script = SourceTree.root.appendingPathComponent("scripts/demo").path

  /// Where one demo puts its temporary files, with a space in its path, and a home that nothing may be written to.
  private final class Place {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "kms demo \(UUID().uuidString)")
    var temporary: URL { folder.appendingPathComponent("tmp dir") }
    var home: URL { folder.appendingPathComponent("home") }
    var environment: [String: String] {
      [
        "HOME": home.path, "TMPDIR": temporary.path, "KMS_BIN_DIR": PipelineRun.programs,
        // Of somebody who uses the real thing behind a proxy.
        "TATUM_KMS_PASSWORD": "another one", "TATUM_API_URL": "http://127.0.0.1:1",
        "http_proxy": "http://127.0.0.1:1",
      ]
    }

    init() throws {
      for url in [temporary, home] {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
      }
      chmod(home.path, 0o555)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// What a demo left: files, and processes that name one of them.
    var leftovers: [String] {
      let manager = FileManager.default
      var found = (try? manager.contentsOfDirectory(atPath: temporary.path)) ?? ["no folder"]
      found += (try? manager.contentsOfDirectory(atPath: home.path)) ?? ["no home"]
      for pid in (try? manager.contentsOfDirectory(atPath: "/proc")) ?? [] where Int(pid) != nil {
        let command = manager.contents(atPath: "/proc/\(pid)/cmdline").map {
          String(decoding: $0, as: UTF8.self)
        }
        if let command, command.contains(temporary.path) { found.append(command) }
      }
      return found
    }

    /// Data of the demo with all chains, one text replaced.
    func data(replacing old: String, with new: String) throws -> String {
      let source = SourceTree.root.appendingPathComponent("Tests/Demo/all-chains")
      let copy = folder.appendingPathComponent("data")
      try? FileManager.default.removeItem(at: copy)
      try FileManager.default.copyItem(at: source, to: copy)
      let file = copy.appendingPathComponent("state.json")
      let text = try String(contentsOf: file, encoding: .utf8)
      #expect(text.contains(old))
      try text.replacing(old, with: new).write(to: file, atomically: true, encoding: .utf8)
      return copy.path
    }
  }

  /// The table at the end.
  private func rows(_ output: String) -> [[String]] {
    output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }.filter {
      $0.count >= 3 && $0[0].count == 24 && $0[0].allSatisfy(\.isHexDigit)
    }
  }

  @Test func showsOneTransactionOfEachBlockchain() throws {
    let place = try Place()
    let result = try ProgramProcess.run(
      Self.script, ["--all-chains"], environment: place.environment, timeoutSeconds: 240)
    #expect(result.status == 0, "\(result.errorText)\(result.outputText)")
    #expect(result.errorText.isEmpty, "no noise: \(result.errorText)")
    let rows = rows(result.outputText)
    #expect(rows.count == ChainRegistry.names.all.count, "\(result.outputText)")
    #expect(Set(rows.map { $0[1] }) == Set(ChainRegistry.names.all))
    #expect(rows.allSatisfy { $0.count == 4 && $0[2] == "sent" && $0[3].count >= 40 }, "\(rows)")
    #expect(Set(rows.map { $0[3] }).count == rows.count)
    #expect(place.leftovers == [])
  }

  @Test func twoAtOnceDoNotMeet() throws {
    let places = [try Place(), try Place()]
    let demos = try places.map { try ProgramProcess(Self.script, environment: $0.environment) }
    for (place, demo) in zip(places, demos) {
      let result = demo.wait(timeoutSeconds: 120)
      #expect(result.status == 0, "\(result.errorText)\(result.outputText)")
      let rows = rows(result.outputText)
      #expect(rows.map { $0[2] } == ["sent", "sent", "sent", "denied"], "\(result.outputText)")
      #expect(place.leftovers == [])
    }
  }

  @Test(arguments: [
    (
      #""testnet": true,"#,
      #""testnet": true, "faults": [{"kind": "status", "status": 403, "path": "/v3/dogecoin/broadcast"}],"#,
      "DOGE"
    ),
    (#"{"nonce": 12}"#, #"{"nonce": 12, "balance": "1"}"#, "ONE"),
    (
      #""baseFee": "25000000000""#,
      #""baseFee": "25000000000", "chainId": 137"#, "MATIC"
    ),
    (#""fee": 1000, "firstRound": 21000000"#, #""fee": 1000, "firstRound": 21000501"#, "ALGO"),
  ]) func endsWith1WhenOneChainFails(old: String, new: String, chain: String) throws {
    let place = try Place()
    let result = try ProgramProcess.run(
      Self.script, ["--data", try place.data(replacing: old, with: new)], environment: place.environment,
      timeoutSeconds: 240)
    let rows = rows(result.outputText)
    #expect(rows.count == ChainRegistry.names.all.count, "\(result.outputText)")
    #expect(result.status == 1)
    #expect(result.errorText.contains("demo: error: \(chain) 6922f0a1"), "\(result.errorText)")
    #expect(rows.filter { $0[2] != "sent" }.map { $0[1] } == [chain], "\(rows)")
    #expect(place.leftovers == [])
  }

  /// Sent, but the sandbox found something else than was asked for.
  @Test func endsWith1WhenTheSandboxDoubts() throws {
    let place = try Place()
    let data = try place.data(
      replacing: #""CELO": {"accounts": {"0x8cb76aed9c5e336ef961265c6079c14e9cd3d2ea""#,
      with: #""CELO": {"accounts": {"0x1111111111111111111111111111111111111111""#)
    let result = try ProgramProcess.run(
      Self.script, ["--data=\(data)"], environment: place.environment, timeoutSeconds: 240)
    #expect(result.status == 1)
    #expect(rows(result.outputText).allSatisfy { $0[2] == "sent" }, "\(result.outputText)")
    #expect(
      result.errorText.contains("CELO") && result.errorText.contains("unknown-sender"), "\(result.errorText)")
  }

  @Test(arguments: ["== A throw-away vault", "== The sandbox at"]) func leavesNothingBehindAfterControlC(
    at text: String
  )
    throws
  {
    let place = try Place()
    let terminal = try TerminalProcess(
      Self.script, ["--all-chains"], environment: place.environment.merging(["TERM": "xterm"]) { $1 })
    #expect(terminal.expect(text, timeoutSeconds: 120), "\(terminal.screen)")
    terminal.type("\u{3}")
    #expect(terminal.wait(timeoutSeconds: 180) == 130, "\(terminal.screen)")
    #expect(!terminal.screen.contains("TXID"), "it came to its end before: \(terminal.screen)")
    #expect(eventually(seconds: 5) { place.leftovers == [] }, "\(place.leftovers)")
  }

  @Test func saysHowItIsUsed() throws {
    let place = try Place()
    let help = try ProgramProcess.run(Self.script, ["--help"], environment: place.environment)
    #expect(help.status == 0)
    #expect(help.outputText.hasPrefix("USAGE: scripts/demo") && help.outputText.contains("--all-chains"))
    #expect(help.errorText.isEmpty)
    for wrong in [["--all"], ["x"], ["--data"]] {
      let result = try ProgramProcess.run(Self.script, wrong, environment: place.environment)
      #expect(result.status == 64)
      #expect(result.errorText.hasPrefix("demo: error: "), "\(result.errorText)")
      #expect(result.outputText.isEmpty)
    }
    let missing = try ProgramProcess.run(
      Self.script, ["--data", "/nonexistent"], environment: place.environment)
    #expect(missing.status == 66)
    #expect(place.leftovers == [])
  }
}
