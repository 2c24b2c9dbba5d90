import Foundation
import KMSRecords
import Testing

/// What the daemon finds out before it asks for a password.
@Suite struct SupervisorStartTests {
  struct Mistake: Sendable, CustomTestStringConvertible {
    let words: [String]
    let status: Int32
    let says: String
    var environment: [String: String] = [:]
    var testDescription: String { words.joined(separator: " ") }
  }

  static let mistakes = [
    Mistake(words: ["--external-url", "approver.internal"], status: 78, says: "--external-url"),
    Mistake(words: ["--api-url", "api.tatum.io"], status: 78, says: "API URL"),
    Mistake(words: ["--api-url", "http://api.tatum.io"], status: 78, says: "plain http"),
    Mistake(words: [], status: 78, says: "API key", environment: ["TATUM_API_KEY": "a key with spaces"]),
    Mistake(words: [], status: 78, says: "there is no API key", environment: ["TATUM_API_KEY": ""]),
    Mistake(words: ["--chain", "BTC,ETC"], status: 64, says: "ETC is no chain"),
    Mistake(words: ["--external-url-method", "PUT"], status: 64, says: "PUT"),
    Mistake(words: ["--max-fee", "ETH"], status: 64, says: "--max-fee"),
    Mistake(words: ["--period", "0"], status: 64, says: "--period"),
    Mistake(words: ["--node-url", "FLOW=http://node.example"], status: 64, says: "https"),
    Mistake(words: ["--nonsense"], status: 64, says: "unknown option --nonsense"),
    Mistake(words: ["--path", "/nonexistent/wallet.dat"], status: 66, says: "/nonexistent"),
    Mistake(words: ["--env-file", "/nonexistent/.env"], status: 66, says: "/nonexistent/.env"),
  ]

  @Test(arguments: mistakes) func saysWhatIsWrongBeforeItAsksForAPassword(mistake: Mistake) throws {
    let run = try PipelineRun()
    let asked = run.vault.folder.appendingPathComponent("asked").path
    let command = "touch '\(asked)'; echo '\(KeyedVault.password)'"
    let path = mistake.words.contains("--path") ? [] : ["--path", run.vault.path]
    var variables = run.supervisorEnvironment.merging(mistake.environment) { $1 }
    variables["TATUM_KMS_PASSWORD"] = nil
    let result = try ProgramProcess.run(
      PipelineRun.supervisor, ["daemon", "--testnet", "--password-command", command] + path + mistake.words,
      environment: variables)
    #expect(result.status == mistake.status, "\(result.errorText)")
    #expect(result.errorText.contains(mistake.says), "\(result.errorText)")
    #expect(!FileManager.default.fileExists(atPath: asked))
    #expect((try run.sandbox.look("log").array ?? []).isEmpty)
  }

  @Test func saysThatTheJournalIsNone() throws {
    let run = try PipelineRun()
    let file = try run.vault.write("journal", String(repeating: "no journal ", count: 100))
    let result = try run.startSupervisor(["--testnet", "--journal", file]).wait(timeoutSeconds: 180)
    #expect(
      result.status == 66 || result.status == 65 || result.status == 78,
      "\(result.status) \(result.errorText)")
    #expect(!result.timedOut && result.errorText.contains(file))
  }

  @Test func errorsOfTheStartAreJSONWhenLogsAre() throws {
    for words in [
      ["daemon", "--nonsense"], ["list", "--nonsense"], ["--testnet", "--path", "/nonexistent/x"],
    ] {
      let result = try ProgramProcess.run(
        PipelineRun.supervisor, words + ["--log-format", "json"],
        environment: ["KMS_BIN_DIR": PipelineRun.programs, "TATUM_API_KEY": "k"])
      #expect(result.status != 0)
      for line in result.errorText.split(separator: "\n") {
        #expect(try JSONValue(parsing: Array(line.utf8))["message"]?.string != nil, "\(line)")
      }
    }
  }

  @Test func tellsThatTheVaultIsForTheOtherNetwork() throws {
    let run = try PipelineRun()
    let result = try run.startSupervisor(["--run-once", "--external-url", run.sandbox.url + "/approve"])
      .wait()
    #expect(result.status == 0, "\(result.errorText)")
    #expect(result.errorText.contains("no wallets of mainnet") && result.errorText.contains("3 of testnets"))
  }

  /// Whatever was typed where: it may be a secret.
  @Test(arguments: [
    ["storemanagedprivatekey", "ETH", "0x4874827a55d87f2309c55b835af509e3427aa4d5"],
    ["daemon", "--password=hunter2pass"],
    ["daemon", "hunter2pass"], ["list", "--path=x", "hunter2pass"], ["generatewallet", "hunter2pass"],
    ["getaddress", "hunter2pass", "0"], ["daemon", "--period", "hunter2pass"], ["hunter2pass"],
    ["daemon", "--hunter2pass"],
    ["generatemanagedprivatekeybatch", "ETH", "hunter2pass"], ["daemon", "--testnet=hunter2pass"],
    ["--max-fee", "hunter2pass"],
  ])
  func quotesNothingThatMayBeASecret(words: [String]) throws {
    for program in [PipelineRun.supervisor, SourceTree.program("kms-wallet")] {
      let result = try ProgramProcess.run(
        program, words,
        environment: ["KMS_BIN_DIR": PipelineRun.programs, "TATUM_API_KEY": "k", "HOME": "/nonexistent"])
      #expect(result.status != 0)
      for secret in ["hunter2", "4874827a"] {
        #expect(
          !result.errorText.contains(secret) && !result.outputText.contains(secret), "\(result.errorText)")
      }
    }
    let result = try ProgramProcess.run("kms-sign", ["hunter2pass", "--path", "/x"])
    #expect(result.status == 64 && !result.errorText.contains("hunter2"), "\(result.errorText)")
  }

  @Test func checkconfigAndReportKnowWhatTheSettingsFileSets() throws {
    let run = try PipelineRun()
    let file = try run.vault.write(
      "settings", "TATUM_API_KEY=secret-key\nTATUM_KMS_PASSWORD='\(KeyedVault.password)'\n")
    func tatum(_ words: [String]) throws -> ProgramProcess.Result {
      try ProgramProcess.run(
        PipelineRun.supervisor, words + ["--env-file", file, "--path", run.vault.path],
        environment: ["KMS_BIN_DIR": PipelineRun.programs, "HOME": run.vault.folder.path])
    }
    let configuration = try JSONValue(parsing: tatum(["checkconfig", "--json"]).standardOutput)
    #expect(configuration["environment"]?["TATUM_API_KEY"]?.bool == true)
    #expect(configuration["environment"]?["TATUM_KMS_PASSWORD"]?.bool == true)
    #expect(configuration["environment"]?["TATUM_KMS_VGS_ALIAS"]?.bool == false)
    let report = try tatum(["report", run.eth])
    #expect(try JSONValue(parsing: report.standardOutput)["apiKey"]?.string == "set", "\(report.errorText)")
    let given = try tatum(["checkconfig", "--json", "--api-key", "other"])
    #expect(try JSONValue(parsing: given.standardOutput)["environment"]?["TATUM_API_KEY"]?.bool == true)
  }

  @Test(arguments: [0o644, 0o640, 0o604, 0o660]) func refusesSecretsThatOthersCanRead(mode: Int) throws {
    let run = try PipelineRun()
    let file = try run.vault.write("settings", "TATUM_KMS_PASSWORD='\(KeyedVault.password)'\n")
    chmod(file, mode_t(mode))
    for words in [["--testnet", "--run-once"], ["--testnet", "--run-once", "--quiet"], ["list"]] {
      let result = try ProgramProcess.run(
        PipelineRun.supervisor, words + ["--env-file", file, "--path", run.vault.path],
        environment: run.supervisorEnvironment)
      #expect(result.status == 77, "\(words): \(result.errorText)")
      #expect(result.errorText.contains("chmod 600"))
    }
  }

  @Test func readsASettingsFileWithoutSecretsThatOthersCanRead() throws {
    let run = try PipelineRun()
    let file = try run.vault.write("settings", "TATUM_API_URL=\(run.sandbox.url)\n")
    chmod(file, 0o644)
    #expect(try run.startSupervisor(["--testnet", "--run-once", "--env-file", file]).wait().status == 0)
  }

  @Test func aLineThatReleasesReadDifferentlyIsSaid() throws {
    let run = try PipelineRun()
    let file = try run.vault.write(
      "settings",
      "# x\nTATUM_KMS_PASSWORD=\(KeyedVault.password)#and more\nTATUM_API_KEY=\(run.sandbox.apiKey) # mine\n")
    var variables = run.supervisorEnvironment
    (variables["TATUM_KMS_PASSWORD"], variables["TATUM_API_KEY"]) = (nil, nil)
    let result = try ProgramProcess.run(
      PipelineRun.supervisor, ["--testnet", "--run-once", "--env-file", file, "--path", run.vault.path],
      environment: variables)
    #expect(result.status == 0, "\(result.errorText)")
    #expect(result.errorText.contains("line 2: TATUM_KMS_PASSWORD") && !result.errorText.contains("and more"))
  }

  @Test(arguments: [SIGTERM, SIGINT, SIGHUP]) func aSignalEndsItWhileItWaitsForAPassword(signal: Int32) throws
  {
    let run = try PipelineRun()
    let process = try run.startSupervisor(
      ["--testnet", "--password-command", "echo waiting >&2; exec sleep 30"],
      environment: ["TATUM_KMS_PASSWORD": ""])
    #expect(eventually { String(decoding: process.errorSoFar, as: UTF8.self).contains("waiting") })
    process.send(signal)
    let result = process.wait(timeoutSeconds: 180)
    #expect(!result.timedOut && result.status == 128 + signal, "\(result.status)")
  }
}
