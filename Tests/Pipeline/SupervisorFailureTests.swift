import Foundation
import KMSRecords
import Testing

/// scripts/tatum-kms when something goes wrong beneath it, or somebody means it ill.
@Suite struct SupervisorFailureTests {
  private func errors(_ daemon: ProgramProcess) -> String {
    String(decoding: daemon.errorSoFar, as: UTF8.self)
  }

  /// The supervisor holds the vault key: a message of the API must stay text, whatever is in it.
  @Test(arguments: ["text", "json"]) func neverRunsTextFromOutside(format: String) throws {
    let run = try PipelineRun()
    let file = run.vault.folder.appendingPathComponent("evil").path
    let message = "a[$(touch \(file))] `touch \(file)` ] [ \" ' \\ $(touch \(file)) x"
    let body: JSONValue = ["statusCode": 403, "errorCode": "forbidden", "message": .string(message)]
    try run.sandbox.control(
      "faults",
      ["kind": "status", "status": 403, "path": "/v3/kms", "count": 4, "body": .string(body.text)])
    let daemon = try run.startSupervisor(["--testnet", "--period=1", "--log-format", format])
    // Both chains, however long the polls take.
    #expect(
      eventually(seconds: 60) { errors(daemon).components(separatedBy: "no longer").count == 3 },
      "\(errors(daemon))")
    daemon.send(SIGTERM)
    let result = daemon.wait(timeoutSeconds: 180)
    #expect(result.status == 0, "\(result.errorText)")
    #expect(!FileManager.default.fileExists(atPath: file))
    let lines = result.errorText.split(separator: "\n")
    // Two chains, each said once and each ended once.
    #expect(lines.filter { $0.contains("no longer") }.count == 2, "\(result.errorText)")
    #expect(lines.filter { $0.contains("touch") }.count == 4, "\(result.errorText)")
    if format == "json" {
      for line in lines {
        #expect(throws: Never.self, "\(line)") { try JSONValue(parsing: Array(line.utf8)) }
      }
    }
  }

  @Test func goesOnAfterAProgramWasKilledAndSaysSoOnce() throws {
    let run = try PipelineRun()
    let crash = try run.vault.write("crash", "")
    let programs = try run.programs(
      replacing: "kms-sign", with: "[ ! -e '\(crash)' ] || kill -9 $$\nexec $PROGRAM \"$@\"\n")
    try run.addETH("61dc00000000000000000001")
    let daemon = try run.startSupervisor(["--testnet", "--period=1"], environment: ["KMS_BIN_DIR": programs])
    #expect(eventually { errors(daemon).contains("kms-sign was ended by signal 9") }, "\(errors(daemon))")
    sleep(3)
    try FileManager.default.removeItem(atPath: crash)
    #expect(daemon.waitForLines(1).count == 1, "\(errors(daemon))")
    daemon.send(SIGTERM)
    let result = daemon.wait(timeoutSeconds: 180)
    #expect(result.status == 0, "\(result.errorText)")
    #expect(
      result.errorText.components(separatedBy: "error tatum-kms kms-sign was ended by signal 9").count == 2)
    #expect(!result.errorText.contains("Killed"), "no report of bash: \(result.errorText)")
    #expect(try run.accepted() == ["61dc00000000000000000001"])
  }

  @Test func aKilledProgramIsAnInternalErrorOfOnePoll() throws {
    let run = try PipelineRun()
    let programs = try run.programs(replacing: "kms-broadcast", with: "kill -SEGV $$\n")
    let result = try run.startSupervisor(["--testnet", "--run-once"], environment: ["KMS_BIN_DIR": programs])
      .wait()
    #expect(result.status == 70, "\(result.errorText)")
    #expect(result.errorText.contains("kms-broadcast was ended by signal 11"))
  }

  @Test func stopsWhenNobodyReadsTheResults() throws {
    let run = try PipelineRun()
    for i in 1...3 { try run.addETH("61dc0000000000000000000\(i)") }
    let result = try ProgramProcess.run(
      "/bin/bash",
      [
        "-c",
        "timeout --preserve-status 45 '\(PipelineRun.supervisor)' daemon --testnet --period 1 "
          + "--path '\(run.vault.path)' | head -n 1; exit ${PIPESTATUS[0]}",
      ],
      environment: run.supervisorEnvironment)
    #expect(result.status == 74, "\(result.errorText)")
    #expect(result.outputLines.count == 1)
    #expect(result.errorText.contains("nobody reads the results"))
  }

  @Test func stopsWith77WhenTheVaultIsAnotherOne() throws {
    let run = try PipelineRun()
    let other = try KeyedVault()
    try other.add("ETH", key: KeyedVault.TestKey.eth)
    let daemon = try run.startSupervisor(["--testnet", "--period=1"])
    #expect(eventually { errors(daemon).contains("polling every 1 s") })
    #expect(rename(other.path, run.vault.path) == 0)
    let result = daemon.wait(timeoutSeconds: 180)
    #expect(!result.timedOut)
    #expect(result.status == 77, "\(result.errorText)")
    #expect(result.errorText.contains("needs a person"))
  }

  /// What was read is signed and sent, and its result printed, whichever way the daemon is told to stop.
  @Test(arguments: [SIGTERM, SIGINT, SIGHUP]) func finishesWhatWasFetched(signal: Int32) throws {
    let run = try PipelineRun()
    try run.sandbox.control("faults", ["kind": "latency", "milliseconds": 2000, "path": "/approve"])
    try run.addETH("61dc00000000000000000001")
    let daemon = try run.startSupervisor(
      ["--testnet", "--period=3600", "--external-url", run.sandbox.url + "/approve"])
    #expect(
      try eventually {
        (try run.sandbox.look("log").array ?? []).contains {
          $0["path"]?.string == "/approve/61dc00000000000000000001"
        }
      })
    daemon.send(signal)
    let result = daemon.wait(timeoutSeconds: 180)
    #expect(!result.timedOut)
    #expect(result.status == 0, "\(result.errorText)")
    #expect(try result.records.map { $0["result"] != nil } == [true], "\(result.errorText)")
    #expect(try run.accepted() == ["61dc00000000000000000001"])
  }

  @Test func doesNotWaitForTheAPIWhenItIsToStop() throws {
    let run = try PipelineRun()
    try run.sandbox.control("faults", ["kind": "latency", "milliseconds": 600_000, "path": "/v3/kms"])
    let daemon = try run.startSupervisor(["--testnet", "--timeout=600"])
    #expect(try eventually(seconds: 60) { try run.sandbox.look("log").array?.isEmpty == false })
    daemon.send(SIGTERM)
    // The answer comes in ten minutes.
    let result = daemon.wait(timeoutSeconds: 120)
    #expect(result.status == 0 && !result.timedOut)
  }

  /// The seconds of the day in a time of the sandbox's log.
  private func seconds(_ time: String) throws -> Double {
    let parts = time.dropFirst(11).dropLast().split(separator: ":").compactMap { Double($0) }
    try #require(parts.count == 3)
    return parts[0] * 3600 + parts[1] * 60 + parts[2]
  }

  @Test func neverPollsTwiceAtOnce() throws {
    let run = try PipelineRun()
    try run.sandbox.control("faults", ["kind": "latency", "milliseconds": 3000, "path": "/v3/kms"])
    let daemon = try run.startSupervisor(["--testnet", "--period=1", "--chain=ETH"])
    func polls() throws -> [Double] {
      try (try run.sandbox.look("log").array ?? []).filter { $0["path"]?.string == "/v3/kms/pending/ETH" }
        .map { try seconds($0["at"]?.string ?? "") }
    }
    #expect(try eventually(seconds: 90) { try polls().count >= 3 })
    daemon.send(SIGTERM)
    #expect(daemon.wait(timeoutSeconds: 180).status == 0)
    // By the server's clock: each came after the one before it had been answered.
    let times = try polls()
    for (before, after) in zip(times, times.dropFirst()) {
      #expect((after - before + 86_400).truncatingRemainder(dividingBy: 86_400) >= 2.9, "\(times)")
    }
  }

  // MARK: At a terminal

  @Test func asksForThePasswordAndFinishesThePollOnControlC() throws {
    let run = try PipelineRun()
    try run.sandbox.control(
      "faults", ["kind": "latency", "milliseconds": 2000, "path": "/v3/ethereum/broadcast"])
    try run.addETH("61dc00000000000000000001")
    var variables = run.supervisorEnvironment
    variables["TATUM_KMS_PASSWORD"] = nil
    let terminal = try TerminalProcess(
      PipelineRun.supervisor, ["daemon", "--testnet", "--path", run.vault.path], environment: variables)
    #expect(terminal.expect("Enter password to decrypt wallet store:"), "\(terminal.screen)")
    #expect(eventually { !terminal.isEchoing })
    terminal.type(KeyedVault.password + "\n")
    #expect(
      try eventually {
        (try run.sandbox.look("log").array ?? []).contains { $0["path"]?.string == "/v3/ethereum/broadcast" }
      }, "\(terminal.screen)")
    #expect(terminal.isEchoing)
    terminal.type("\u{3}")
    #expect(terminal.expect("ETH   sent"), "\(terminal.screen)")
    #expect(terminal.expect("tatum-kms stopped"), "\(terminal.screen)")
    #expect(terminal.wait() == 0, "\(terminal.screen)")
    #expect(!terminal.screen.contains(KeyedVault.password))
    #expect(try run.accepted() == ["61dc00000000000000000001"])
  }

  @Test func controlCAtThePromptLeavesTheTerminalAsItWas() throws {
    let run = try PipelineRun()
    var variables = run.supervisorEnvironment
    variables["TATUM_KMS_PASSWORD"] = nil
    let terminal = try TerminalProcess(
      PipelineRun.supervisor, ["daemon", "--testnet", "--path", run.vault.path], environment: variables)
    #expect(terminal.expect("Enter password to decrypt wallet store:"), "\(terminal.screen)")
    #expect(eventually { !terminal.isEchoing })
    terminal.type("\u{3}")
    #expect(terminal.wait() == 130, "\(terminal.screen)")
    #expect(terminal.isEchoing)
    #expect((try run.sandbox.look("log").array ?? []).isEmpty)
  }
}
