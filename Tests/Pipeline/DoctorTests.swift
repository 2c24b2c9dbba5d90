import Foundation
import KMSRecords
import Testing

/// `tatum-kms doctor`, which looks at what the daemon would need.
@Suite struct DoctorTests {
  private let run: PipelineRun

  init() throws { run = try PipelineRun() }

  private func doctor(
    _ arguments: [String], environment: [String: String] = [:]
  ) throws -> ProgramProcess.Result {
    try ProgramProcess.run(
      PipelineRun.supervisor, ["doctor", "--path", run.vault.path] + arguments,
      environment: run.supervisorEnvironment.merging(environment) { $1 }, timeoutSeconds: 120)
  }

  /// Verdicts by subject.
  private func findings(_ result: ProgramProcess.Result) throws -> [String: (verdict: String, text: String)] {
    let json = try JSONValue(parsing: result.standardOutput)
    var all: [String: (String, String)] = [:]
    for finding in try #require(json["findings"]?.array) {
      let (subject, text) = (
        try #require(finding["subject"]?.string), try #require(finding["message"]?.string)
      )
      all[subject] = (try #require(finding["verdict"]?.string), text + (finding["advice"]?.string ?? ""))
    }
    #expect((json["verdict"]?.string == "problem") == all.values.contains { $0.0 == "problem" })
    #expect((result.status == 0) == (json["verdict"]?.string == "ok"), "\(result.outputText)")
    return all
  }

  @Test func findsNoFaultWhereThereIsNone() throws {
    let id = "61dc00000000000000000001"
    try run.addETH(id)
    let approver = try ApproverProcess(run.vault)
    let result = try doctor(["--testnet", "--external-url", approver.url, "--json"])
    let found = try findings(result)
    #expect(result.status == 0, "\(result.outputText)\(result.errorText)")
    for subject in [
      "version", "kms-fetch", "kms-verify", "kms-sign", "kms-broadcast", "vault", "wallets", "disk",
      "API key", "ETH",
      "BTC", "clock", "approver",
    ] {
      #expect(found[subject]?.verdict == "ok", "\(subject): \(result.outputText)")
    }
    #expect(found["ETH"]?.text.contains("lists 1 pending") == true)
    // Nothing was signed or sent.
    #expect(try run.accepted() == [])
  }

  @Test func showsPeopleALineOfEachThing() throws {
    let approver = try ApproverProcess(run.vault)
    let result = try doctor(["--testnet", "--external-url", approver.url])
    #expect(result.status == 0, "\(result.outputText)\(result.errorText)")
    let lines = result.outputLines
    #expect(lines.contains { $0.hasPrefix("ok      vault") } && !result.outputText.contains("\u{1b}"))
    #expect(lines.allSatisfy { $0.count < 80 || !$0.contains(" ") }, "\(result.outputText)")
  }

  @Test func saysWhatToDoAboutEachProblem() throws {
    // The sandbox's own approver says yes to whatever it is asked.
    let yes = run.sandbox.url + "/approve"
    var found = try findings(try doctor(["--testnet", "--json", "--external-url", yes]))
    #expect(
      found["approver"]?.verdict == "problem" && found["approver"]?.text.contains("yes to anything") == true)

    found = try findings(
      try doctor(["--testnet", "--json"], environment: ["TATUM_API_KEY": "another-key"]))
    #expect(found["API key"]?.verdict == "problem" && found["API key"]?.text.contains("dashboard") == true)
    #expect(found["approver"]?.verdict == "note")

    found = try findings(try doctor(["--testnet", "--json"], environment: ["TATUM_KMS_PASSWORD": "wrong"]))
    #expect(found["wallets"]?.verdict == "problem" && found["vault"]?.verdict == "ok")

    found = try findings(
      try doctor(["--testnet", "--json", "--external-url", "http://127.0.0.1:1/x"]))
    #expect(found["approver"]?.verdict == "problem")

    found = try findings(
      try doctor(["--testnet", "--json"], environment: ["TATUM_API_URL": "http://127.0.0.1:1"]))
    #expect(found["ETH"]?.verdict == "problem" && found["ETH"]?.text.contains("can't be reached") == true)

    chmod(run.vault.path, 0o644)
    found = try findings(try doctor(["--testnet", "--json"]))
    #expect(found["vault"]?.verdict == "problem" && found["vault"]?.text.contains("chmod 600") == true)
    chmod(run.vault.path, 0o600)

    found = try findings(try doctor(["--json"]))
    #expect(found["approver"]?.verdict == "problem", "mainnet without an approver")
    #expect(found["wallets"]?.text.contains("no wallets of mainnet") == true)
  }

  @Test func takesTheOptionsOfTheDaemonAndNoOthers() throws {
    let unknown = try doctor(["--testnet", "--extrenal-url", "x"])
    #expect(unknown.status == 64 && unknown.errorText.contains("--extrenal-url"), "\(unknown.errorText)")
    let wrong = try findings(try doctor(["--testnet", "--json", "--chain=NOPE"]))
    #expect(wrong["kms-fetch"]?.verdict == "problem")
    let help = try doctor(["--help"])
    #expect(help.status == 0 && help.outputText.contains("doctor"), "\(help.errorText)")
  }
}
