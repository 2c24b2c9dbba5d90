import Foundation
import KMSRecords
import Testing

/// `tatum-kms status`: what the daemon is at, without asking for a password.
@Suite struct StatusTests {
  private let run: PipelineRun

  init() throws { run = try PipelineRun() }

  private func status(_ arguments: [String] = []) throws -> ProgramProcess.Result {
    try ProgramProcess.run(
      PipelineRun.supervisor, ["status", "--path", run.vault.path] + arguments,
      environment: ["HOME": run.vault.folder.path, "KMS_BIN_DIR": PipelineRun.programs])
  }

  private func json() throws -> JSONValue { try JSONValue(parsing: try status(["--json"]).standardOutput) }

  @Test func tellsWhatIsPendingAndSinceWhen() throws {
    let none = try status()
    #expect(none.status == 66 && none.errorText.contains("no daemon has run"), "\(none.errorText)")

    let (good, bad) = ("61dc00000000000000000001", "61dc00000000000000000002")
    try run.addETH(good)
    try run.addETH(bad, value: "2000")
    let approver = try ApproverProcess(run.vault)
    try approver.allow(good)
    let daemon = try run.startSupervisor([
      "--testnet", "--period=1", "--external-url", approver.url, "--external-url-method", "POST",
    ])
    #expect(eventually { (try? json()["open"]?.array?.count) == 1 })
    let (first, result) = (try json(), try status())
    #expect(result.status == 0, "\(result.outputText)\(result.errorText)")
    #expect(first["counts"]?["sent"]?.number?.uint64 == 1 && first["verdict"]?.string == "ok")
    #expect(first["open"]?.array?.first?["id"]?.string == bad)
    #expect(first["open"]?.array?.first?["outcome"]?.string == "denied")
    #expect(
      result.outputText.contains("1 still pending") && result.outputText.contains(bad), "\(result.outputText)"
    )
    var file = stat()
    #expect(stat(run.vault.folder.appendingPathComponent("status.json").path, &file) == 0)
    #expect(file.st_mode & 0o777 == 0o600)

    // The same no in later polls is open since the first.
    let poll = try #require(first["poll"]?["number"]?.number?.uint64)
    #expect(try eventually { try json()["poll"]?["number"]?.number?.uint64 ?? 0 > poll + 1 })
    #expect(try json()["open"] == first["open"])
    try approver.allow(good, bad)
    #expect(try eventually { try json()["open"]?.array?.isEmpty == true })
    #expect(try json()["counts"]?["sent"]?.number?.uint64 == 2)

    daemon.send(SIGTERM)
    #expect(daemon.wait(timeoutSeconds: 180).status == 0)
    let stopped = try status()
    #expect(stopped.status == 69 && stopped.outputText.contains("has stopped"), "\(stopped.outputText)")
  }

  @Test func troubleStandsThereUntilItIsOver() throws {
    let daemon = try run.startSupervisor(
      ["--testnet", "--period=1"], environment: ["TATUM_API_URL": "http://127.0.0.1:1"])
    // After half a minute of attempts.
    #expect(eventually(seconds: 120) { (try? json()["troubles"]?.array?.isEmpty) == false })
    #expect(try status().outputText.contains("can't be reached"))
    daemon.send(SIGTERM)
    _ = daemon.wait(timeoutSeconds: 180)
  }

  /// A daemon that was killed, or hangs, is found by the age of its last poll.
  @Test func anOldPollIsAProblem() throws {
    let daemon = try run.startSupervisor(["--testnet", "--period=1"])
    #expect(eventually { (try? json()["poll"]?["ended"]?.string) != nil })
    daemon.send(SIGKILL)
    _ = daemon.wait(timeoutSeconds: 180)
    let file = run.vault.folder.appendingPathComponent("status.json")
    let old =
      #"{"v":1,"began":"2026-01-01T00:00:00Z","period":1,"poll":{"number":3,"#
      + #""began":"2026-01-01T00:00:00Z","ended":"2026-01-01T00:00:09Z"},"open":[],"troubles":[]}"#
    try old.write(to: file, atomically: true, encoding: .utf8)
    let result = try status()
    #expect(result.status == 69 && result.outputText.contains("the last poll ended"), "\(result.outputText)")
    #expect(try status(["--max-age", "1000000000"]).status == 0)
    for broken in ["", "{}", "[", #"{"v":2}"#] {
      try broken.write(to: file, atomically: true, encoding: .utf8)
      #expect(try status().status == 66, "\(broken)")
    }
  }
}
