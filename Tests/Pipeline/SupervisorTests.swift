import Foundation
import KMSRecords
import Testing

/// scripts/tatum-kms as a user starts it.
@Suite struct SupervisorTests {
  private func start(
    _ run: PipelineRun, _ arguments: [String], environment: [String: String] = [:]
  ) throws -> ProgramProcess {
    try run.startSupervisor(arguments, environment: environment)
  }

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test(arguments: [
    ["--testnet", "--run-once", "--external-url"], ["--testnet=true", "--runOnce", "--externalUrl"],
  ])
  func pollsOnceInBothSpellings(flags: [String]) throws {
    let run = try PipelineRun()
    try run.addETH("61dc00000000000000000001")
    try run.addBTC("60f6c1d2f633813bf55831af")
    let result = try start(run, flags + [run.sandbox.url + "/approve"]).wait()
    #expect(result.status == 0, "\(result.errorText)")
    #expect(try result.records.filter { $0["result"] != nil }.count == 2)
  }

  @Test func pollsAgainAndStopsCleanlyOnSIGTERM() throws {
    let run = try PipelineRun()
    try run.addETH("61dc00000000000000000001")
    let daemon = try start(run, ["--testnet", "--period=1"])
    #expect(daemon.waitForLines(1).count == 1)
    try run.addETH("61dc00000000000000000002")
    #expect(daemon.waitForLines(2).count == 2)
    daemon.send(SIGTERM)
    let result = daemon.wait(timeoutSeconds: 180)
    #expect(!result.timedOut)
    #expect(result.status == 0, "\(result.errorText)")
    #expect(try run.accepted().count == 2)
  }

  @Test func demandsTheFourEyePrincipleOnMainnet() throws {
    let result = try start(PipelineRun(), ["--run-once"]).wait()
    #expect(result.status == 78)
    #expect(result.errorText.contains("--external-url"))
  }

  @Test func endsAtOnceWith77ForAWrongPassword() throws {
    let run = try PipelineRun()
    let result = try start(run, ["--testnet"], environment: ["TATUM_KMS_PASSWORD": "wrong"]).wait(
      timeoutSeconds: 180)
    #expect(result.status == 77)
    #expect(!result.timedOut)
    #expect((try run.sandbox.look("log").array ?? []).isEmpty)
  }

  @Test func saysOnceThatTheAPIIsDownAndGoesOnWhenItIsBack() throws {
    let run = try PipelineRun()
    try run.sandbox.control("faults", [["kind": "reset-before", "path": "/v3"]])
    let daemon = try start(run, ["--testnet", "--period=1", "--timeout=3"])
    #expect(
      eventually {
        text(daemon.errorSoFar).contains(" error kms-fetch ")
          || text(daemon.errorSoFar).contains(" warning kms-fetch ")
      })
    sleep(6)
    let lines = text(daemon.errorSoFar).split(separator: "\n").filter {
      $0.contains("kms-fetch") && $0.contains("ETH")
    }
    #expect(lines.count <= 2, "\(lines)")
    try run.addETH("61dc00000000000000000001")
    try run.sandbox.control("faults", [])
    #expect(daemon.waitForLines(1, timeoutSeconds: 90).count == 1, "\(text(daemon.errorSoFar))")
    daemon.send(SIGTERM)
    #expect(daemon.wait(timeoutSeconds: 180).status == 0)
  }

  @Test func readsTheSettingsFileAndRefusesOneThatOthersCanChange() throws {
    let run = try PipelineRun()
    try run.addETH("61dc00000000000000000001")
    let file = try run.vault.write(
      "settings",
      """
      # settings
      export TATUM_API_KEY="\(run.sandbox.apiKey)"
      TATUM_KMS_PASSWORD='\(KeyedVault.password)'
      TATUM_API_URL=\(run.sandbox.url)   # the sandbox
      EVIL=$(touch \(run.vault.folder.path)/evil)
      """)
    let variables = [
      "HOME": run.vault.folder.path,
      "KMS_BIN_DIR": URL(fileURLWithPath: SourceTree.program("kms-sign")).deletingLastPathComponent().path,
    ]
    let script = SourceTree.root.appendingPathComponent("scripts/tatum-kms").path
    let arguments = ["--testnet", "--runOnce", "--envFile=\(file)", "--path", run.vault.path]
    let result = try ProgramProcess.run(script, arguments, environment: variables)
    #expect(result.status == 0, "\(result.errorText)")
    #expect(try result.records.count == 1)
    #expect(!FileManager.default.fileExists(atPath: run.vault.folder.appendingPathComponent("evil").path))
    chmod(file, 0o666)
    #expect(try ProgramProcess.run(script, arguments, environment: variables).status == 77)
  }

  @Test func handsOtherCommandsToTheWallet() throws {
    let run = try PipelineRun()
    let script = SourceTree.root.appendingPathComponent("scripts/tatum-kms").path
    var variables = run.environment
    variables["KMS_BIN_DIR"] =
      URL(fileURLWithPath: SourceTree.program("kms-sign")).deletingLastPathComponent().path
    variables["TATUM_KMS_PASSWORD"] = KeyedVault.password
    let result = try ProgramProcess.run(
      script, ["getaddress", run.eth, "0", "--path=\(run.vault.path)"], environment: variables)
    #expect(result.status == 0, "\(result.errorText)")
    #expect(try JSONValue(parsing: result.standardOutput)["address"]?.string == KeyedVault.TestKey.ethAddress)
    #expect(try ProgramProcess.run(script, ["nonsense"], environment: variables).status == 64)
    #expect(try ProgramProcess.run(script, ["daemon", "--nonsense"], environment: variables).status == 64)
    #expect(
      try ProgramProcess.run(script, ["daemon", "--testnet", "--period=0"], environment: variables).status
        == 64)
    #expect(
      try ProgramProcess.run(script, ["--help"], environment: variables).outputText.contains(
        "tatum-kms daemon"))
  }
}
