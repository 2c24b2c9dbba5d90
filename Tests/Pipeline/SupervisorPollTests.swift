import Foundation
import KMSRecords
import Testing

/// Polls that do not wait for each other, and what is said of them.
@Suite struct SupervisorPollTests {
  private func lists(_ run: PipelineRun, _ chain: String) throws -> Int {
    (try run.sandbox.look("log").array ?? []).filter { $0["path"]?.string == "/v3/kms/pending/\(chain)" }
      .count
  }

  private func errors(_ daemon: ProgramProcess) -> String {
    String(decoding: daemon.errorSoFar, as: UTF8.self)
  }

  /// Stops the daemon and returns how it ended.
  private func stop(_ daemon: ProgramProcess) -> ProgramProcess.Result {
    daemon.send(SIGTERM)
    return daemon.wait(timeoutSeconds: 180)
  }

  @Test func aChainThatHangsDoesNotDelayTheOthers() throws {
    let run = try PipelineRun()
    // BTC's list does not come as long as the daemon runs.
    try run.sandbox.control(
      "faults", ["kind": "latency", "milliseconds": 600_000, "path": "/v3/kms/pending/BTC"])
    let daemon = try run.startSupervisor(["--testnet", "--period=1"])
    for i in 1...3 {
      let before = try lists(run, "ETH")
      try run.addETH("61dc0000000000000000000\(i)")
      #expect(daemon.waitForLines(i, timeoutSeconds: 180).count == i, "\(errors(daemon))")
      #expect(try lists(run, "ETH") > before)
    }
    // Its first call has not come back, so there was no second.
    #expect(try lists(run, "BTC") == 1)
    let result = stop(daemon)
    #expect(result.status == 0 && !result.timedOut, "\(result.errorText)")
    #expect(try run.accepted().count == 3)
  }

  @Test func aBroadcastThatHangsHoldsItsOwnChainOnly() throws {
    let run = try PipelineRun()
    try run.sandbox.control(
      "faults", ["kind": "latency", "milliseconds": 600_000, "path": "/v3/ethereum/broadcast"])
    try run.addETH("61dc00000000000000000001")
    let daemon = try run.startSupervisor(["--testnet", "--period=1"])
    #expect(
      try eventually(seconds: 60) {
        (try run.sandbox.look("log").array ?? []).contains { $0["path"]?.string == "/v3/ethereum/broadcast" }
      }, "\(errors(daemon))")
    let (eth, btc) = (try lists(run, "ETH"), try lists(run, "BTC"))
    #expect(try eventually(seconds: 60) { try lists(run, "BTC") >= btc + 3 })
    #expect(try lists(run, "ETH") == eth, "its transaction is still on its way")
    try run.addBTC("60f6c1d2f633813bf55831af")
    #expect(daemon.waitForLines(1, timeoutSeconds: 180).first?.contains("60f6c1d2f633813bf55831af") == true)
    daemon.send(SIGKILL)
    _ = daemon.wait()
  }

  @Test func saysAResultOnceAndWhenItIsOver() throws {
    let run = try PipelineRun()
    // The approver says no.
    try run.sandbox.control("faults", [["kind": "status", "status": 403, "path": "/approve"]])
    try run.addETH("61dc00000000000000000001")
    let daemon = try run.startSupervisor(
      ["--testnet", "--period=1", "--external-url", run.sandbox.url + "/approve"])
    #expect(daemon.waitForLines(1).count == 1)
    let before = try lists(run, "ETH")
    #expect(try eventually(seconds: 60) { try lists(run, "ETH") >= before + 4 })
    #expect(daemon.outputSoFar.count { $0 == UInt8(ascii: "\n") } == 1, "once, in five polls")
    let said = errors(daemon)
    #expect(said.components(separatedBy: "61dc00000000000000000001").count <= 3, "\(said)")
    // The result is another one now.
    try run.sandbox.control("faults", [])
    #expect(daemon.waitForLines(2, timeoutSeconds: 180).count == 2)
    #expect(eventually(seconds: 60) { errors(daemon).contains("no longer, after ") }, "\(errors(daemon))")
    let result = stop(daemon)
    #expect(try result.records.map { $0["result"] != nil } == [false, true])
    #expect(result.status == 0)
  }

  @Test func aResultThatVanishesIsSaidToBeOver() throws {
    let run = try PipelineRun()
    try run.sandbox.control("faults", [["kind": "status", "status": 403, "path": "/approve"]])
    try run.addETH("61dc00000000000000000001")
    let daemon = try run.startSupervisor(
      ["--testnet", "--period=1", "--external-url", run.sandbox.url + "/approve"])
    #expect(daemon.waitForLines(1).count == 1)
    try run.sandbox.control(
      "faults", [["kind": "status", "status": 200, "body": "[]", "path": "/v3/kms/pending"]])
    #expect(
      eventually(seconds: 60) {
        errors(daemon).contains("ETH 61dc00000000000000000001 is not pending any more")
      }, "\(errors(daemon))")
    _ = stop(daemon)
  }

  @Test func atATerminalATransactionIsOneShortLine() throws {
    let run = try PipelineRun()
    try run.addETH("61dc00000000000000000001")
    let terminal = try TerminalProcess(
      PipelineRun.supervisor, ["--testnet", "--run-once", "--path", run.vault.path],
      environment: run.supervisorEnvironment.merging(["TERM": "xterm", "NO_COLOR": "1"]) { $1 })
    #expect(terminal.wait() == 0, "\(terminal.screen)")
    let lines = terminal.screen.split(whereSeparator: \.isNewline)
    #expect(lines.count == 1, "\(terminal.screen)")
    #expect(lines[0].contains("ETH   sent     61dc00000000000000000001  0x"), "\(lines)")
    #expect(lines[0].count < 80 && !terminal.screen.contains("\u{1b}"))
  }

  @Test func formsOfResultsCanBeChosen() throws {
    let run = try PipelineRun()
    try run.addETH("61dc00000000000000000001")
    let text = try run.startSupervisor(["--testnet", "--run-once", "--output", "text"]).wait()
    #expect(text.outputText.contains("ETH   sent     61dc00000000000000000001"), "\(text.outputText)")
    let other = try PipelineRun()
    try other.addETH("61dc00000000000000000002")
    let terminal = try TerminalProcess(
      PipelineRun.supervisor,
      ["--testnet", "--run-once", "--output=json", "--quiet", "--path", other.vault.path],
      environment: other.supervisorEnvironment)
    #expect(terminal.wait() == 0)
    #expect(terminal.screen.hasPrefix("{\"v\":1"), "\(terminal.screen)")
  }

  /// The reader of results has stopped reading, as with Ctrl-S: that is said, and it can be stopped.
  @Test func stopsAlthoughNobodyReads() throws {
    let run = try PipelineRun()
    for i in 1...20 {
      try run.addETH(
        "61dc000000000000000000\(i + 10)",
        extra: ["data": .string("0x" + String(repeating: "00", count: 4000))])
    }
    var ends: [Int32] = [-1, -1]
    #expect(pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    let result = try ProgramProcess.run(
      "/bin/bash",
      ["-c", "'\(PipelineRun.supervisor)' daemon --testnet --run-once --path '\(run.vault.path)' >&9"],
      environment: run.supervisorEnvironment, descriptors: [9: ends[1]])
    #expect(!result.timedOut)
    #expect(try run.accepted().count == 20, "\(result.errorText)")
  }

  /// What a month of polls would leave behind shows in thirty.
  @Test func leavesNothingBehind() throws {
    let run = try PipelineRun()
    let programs = try run.programs(replacing: "kms-fetch", with: "echo poll >&2\n")
    let daemon = try run.startSupervisor(
      ["--testnet", "--period=1"], environment: ["KMS_BIN_DIR": programs])
    func processes() -> [pid_t] { ProcessTree.below(daemon.processID) }
    func descriptors(_ pid: pid_t) -> Int {
      (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count) ?? 0
    }
    #expect(eventually { errors(daemon).contains("poll") })
    sleep(2)
    let lasting = Set(processes()).filter { descriptors($0) > 0 }
    sleep(6)
    let kept = lasting.intersection(processes())
    #expect(kept.count >= 3, "holder, script, news")
    let before = kept.map { ($0, descriptors($0)) }
    sleep(6)
    for (pid, count) in before where descriptors(pid) > 0 { #expect(abs(descriptors(pid) - count) <= 1) }
    // Polls may overlap, and be many on a busy machine; what they leave behind would never go away.
    #expect(eventually { processes().count <= kept.count + 8 }, "\(processes().count) \(kept.count)")
    _ = stop(daemon)
  }
}
