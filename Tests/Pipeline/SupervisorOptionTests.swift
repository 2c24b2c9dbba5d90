import Foundation
import KMSRecords
import Testing

/// Which program the daemon hands which option to. The programs here only write down what they are given, except that they
/// describe and check their options as the real ones do.
@Suite struct SupervisorOptionTests {
  /// A folder with such programs, and a vault.
  private final class Recorder {
    let vault: KeyedVault
    let folder: URL
    private var log: String { folder.appendingPathComponent("log").path }

    init() throws {
      vault = try KeyedVault()
      try vault.add("ETH", key: KeyedVault.TestKey.eth)
      folder = vault.folder.appendingPathComponent("bin")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let script = #"""
        name=${0##*/}
        case " $* " in
          *' --experimental-dump-help '* | *' --check-configuration '*) exec "$PROGRAMS/$name" "$@" ;;
        esac
        line=$(printf '|%s' "$@")
        printf '%s %s|\n' "$name" "$line" >>"${0%/*}/log"
        [ "$name" = kms-fetch ] || cat >/dev/null
        """#
      for name in ["kms-fetch", "kms-verify", "kms-sign", "kms-broadcast"] {
        try PipelineRun.writeStandIn(
          at: folder.appendingPathComponent(name).path, "PROGRAMS='\(PipelineRun.programs)'\n" + script)
      }
      try FileManager.default.createSymbolicLink(
        at: folder.appendingPathComponent("kms-wallet"),
        withDestinationURL: URL(fileURLWithPath: SourceTree.program("kms-wallet")))
    }

    /// Runs the supervisor; returns the arguments of each program between bars.
    func run(_ arguments: [String], environment: [String: String] = ["TATUM_API_KEY": "k"]) throws -> (
      ProgramProcess.Result, [String: String]
    ) {
      try? FileManager.default.removeItem(atPath: log)
      var variables = ["HOME": folder.path, "KMS_BIN_DIR": folder.path]
      if !arguments.contains(where: { $0.hasPrefix("--password-") }) {
        variables["TATUM_KMS_PASSWORD"] = KeyedVault.password
      }
      let path = arguments.contains { $0.hasPrefix("--path") } ? [] : ["--path", vault.path]
      let result = try ProgramProcess.run(
        PipelineRun.supervisor, arguments + path, environment: variables.merging(environment) { $1 })
      var lines: [String: String] = [:]
      for line in ((try? String(contentsOfFile: log, encoding: .utf8)) ?? "").split(separator: "\n") {
        let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
        lines[parts[0]] = parts[1]
      }
      return (result, lines)
    }
  }

  struct Option: Sendable, CustomTestStringConvertible {
    let names: [String]
    let value: String
    let programs: [String]
    let given: String
    var testDescription: String { names[0] }

    /// `--names value` reaches the programs as `given`, or as it is.
    init(_ names: String, _ value: String, _ programs: String, as given: String? = nil) {
      self.names = names.split(separator: " ").map(String.init)
      self.value = value
      self.programs = programs.split(separator: " ").map { "kms-" + $0 }
      self.given = given ?? "|\(self.names[0])=\(value)|"
    }
  }

  static let options = [
    Option("--external-url --externalUrl", "https://a.example/x/y=z", "verify"),
    Option("--external-url-method --externalUrlMethod", "POST", "verify", as: "|--method=POST|"),
    Option("--chain", "BTC,ETH", "fetch"), Option("--wallets", "a,b", "fetch"),
    Option("--transaction-ids --transactionIds", "a,b", "fetch"),
    Option("--api-url --apiUrl", "https://b.example", "fetch broadcast"),
    Option("--timeout", "7", "fetch broadcast"),
    Option("--node-url", "FLOW=https://d.example", "fetch broadcast"),
    Option("--password-command", "echo '\(KeyedVault.password)'", ""),
    Option("--max-fee", "BTC=1000", "sign"),
    Option("--nonce-grace", "9", "sign"),
    Option("--log-format", "json", "fetch verify sign broadcast"), Option("--output", "json", ""),
    Option("--period", "7", ""),
  ]

  @Test(arguments: options) func aValueStandsAfterASpaceOrAnEqualsSign(option: Option) throws {
    let recorder = try Recorder()
    for name in option.names {
      for flag in [[name, option.value], ["\(name)=\(option.value)"]] {
        let (result, given) = try recorder.run(["daemon", "--testnet", "--run-once"] + flag)
        #expect(result.status == 0, "\(flag): \(result.errorText)")
        for (program, line) in given {
          #expect(
            line.contains(option.given) == option.programs.contains(program), "\(flag): \(program) \(line)")
        }
        #expect(given.count == 4)
      }
      let result = try recorder.run(["daemon", "--testnet", "--path", recorder.vault.path, name]).0
      #expect(
        result.status == 64 && result.errorText.contains("needs a value"), "\(name): \(result.errorText)")
    }
  }

  @Test func theJournalsPathGoesToTheSignerAndIsLookedAtFirst() throws {
    let recorder = try Recorder()
    let journal = recorder.vault.folder.appendingPathComponent("a journal").path
    #expect(rename(recorder.vault.journal, journal) == 0)
    let (result, given) = try recorder.run(["--testnet", "--run-once", "--journal", journal])
    #expect(result.status == 0, "\(result.errorText)")
    for (program, line) in given {
      #expect(line.contains("|--journal=\(journal)|") == (program == "kms-sign"), "\(line)")
    }
    let missing = try recorder.run(["--testnet", "--run-once"]).0
    #expect(missing.status == 66, "\(missing.errorText)")
    #expect(missing.errorText.contains("tatum-kms journal new"))
  }

  @Test func theVaultsPathGoesToThoseWhoOpenIt() throws {
    let recorder = try Recorder()
    let folder = recorder.vault.folder.appendingPathComponent("a b").path
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    #expect(rename(recorder.vault.path, folder + "/wallet.dat") == 0)
    #expect(rename(recorder.vault.journal, folder + "/journal.db") == 0)
    let (result, given) = try recorder.run(["--testnet", "--run-once", "--path=\(folder)/wallet.dat"])
    #expect(result.status == 0, "\(result.errorText)")
    for (program, line) in given {
      #expect(
        line.contains("|--path=\(folder)/wallet.dat|") == ["kms-fetch", "kms-sign"].contains(program),
        "\(line)")
    }
  }

  @Test func flagsOfTheSignerAndOfTheNetwork() throws {
    let recorder = try Recorder()
    for form in ["", "=true", "=1"] {
      let (result, given) = try recorder.run(
        [
          "--testnet\(form)", "--runOnce\(form)", "--allow-account-control\(form)", "--bch-ecdsa\(form)",
          "--verbose\(form)",
        ])
      #expect(result.status == 0, "\(result.errorText)")
      #expect(given["kms-sign"]?.contains("|--allow-account-control|--bch-ecdsa|") == true)
      #expect(
        given["kms-sign"]?.contains("|--testnet|") == true
          && given["kms-fetch"]?.contains("|--testnet|") == true)
      #expect(given.values.allSatisfy { $0.contains("|--verbose|") })
    }
  }

  @Test(arguments: [
    ["--testnet", "true", "--run-once", "true"], ["--runOnce", "--no-testnet", "--testnet"],
    ["--testnet=true", "--runOnce=true"],
    ["--testnet", "--run-once", "daemon"], ["--testnet", "true", "daemon", "--runOnce", "true"],
  ])
  func takesTheSwitchesOfTheOriginal(words: [String]) throws {
    let (result, given) = try Recorder().run(words)
    #expect(result.status == 0, "\(result.errorText)")
    #expect(given["kms-fetch"]?.contains("|--testnet|") == true)
  }

  @Test(arguments: [
    ["--testnet=false"], ["--testnet", "false"], ["--no-testnet"], ["--testnet", "--no-testnet"],
  ])
  func takesASwitchThatIsOff(words: [String]) throws {
    let (result, given) = try Recorder().run(words + ["--run-once", "--external-url=https://a.example"])
    #expect(result.status == 0, "\(result.errorText)")
    #expect(given.count == 4 && given.values.allSatisfy { !$0.contains("--testnet") })
    #expect(result.errorText.contains("has no wallets of mainnet"), "a testnet vault: \(result.errorText)")
  }

  @Test(arguments: ["--env-file", "--envFile"]) func readsTheSettingsFileOfEitherName(name: String) throws {
    let recorder = try Recorder()
    let file = try recorder.vault.write("settings", "TATUM_API_KEY=from-file\n")
    for flag in [[name, file], ["\(name)=\(file)"]] {
      let (result, given) = try recorder.run(["--testnet", "--run-once"] + flag, environment: [:])
      #expect(result.status == 0, "\(result.errorText)")
      #expect(given.count == 4)
    }
    #expect(try recorder.run(["--testnet", "--run-once"], environment: [:]).0.status == 78)
  }

  @Test func aPeriodIsAWholeNumberOfSeconds() throws {
    let run = try PipelineRun()
    let file = run.vault.folder.appendingPathComponent("evil").path
    for period in ["0", "-1", "abc", "", "1.5", "08", "99999999999999999999", "a[$(touch \(file))]"] {
      for flag in [["--period=\(period)"], ["--period", period]] {
        let result = try run.startSupervisor(["--testnet"] + flag).wait(timeoutSeconds: 180)
        #expect(result.status == 64 && result.errorText.contains("--period"), "\(flag): \(result.errorText)")
      }
    }
    #expect(!FileManager.default.fileExists(atPath: file))
  }

  @Test func listsTheWalletsOfOneChain() throws {
    let run = try PipelineRun()
    for (chain, count) in [("BTC", 2), ("ETH", 1), ("LTC", 0)] {
      for flag in [["--chain", chain], ["--chain=\(chain)"]] {
        let result = try ProgramProcess.run(
          PipelineRun.supervisor, ["list", "--json", "--path", run.vault.path] + flag,
          environment: run.supervisorEnvironment)
        #expect(result.status == 0, "\(result.errorText)")
        #expect(result.outputLines.count == count, "\(flag)")
      }
    }
    let result = try ProgramProcess.run(
      PipelineRun.supervisor, ["list", "--external-url=https://a.example", "--path", run.vault.path],
      environment: run.supervisorEnvironment)
    #expect(result.status == 64)
  }

  @Test func worksThroughALinkInTheEnvironmentOfCron() throws {
    let run = try PipelineRun()
    try run.addETH("61dc00000000000000000001")
    let home = run.vault.folder.appendingPathComponent("home/.tatumrc")
    try FileManager.default.createDirectory(
      at: home, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    for file in ["wallet.dat", "journal.db"] {
      try FileManager.default.copyItem(
        at: run.vault.folder.appendingPathComponent(file), to: home.appendingPathComponent(file))
    }
    try run.vault.write(
      "home/.tatumrc/.env",
      "TATUM_API_KEY=\(run.sandbox.apiKey)\nTATUM_API_URL=\(run.sandbox.url)\nTATUM_KMS_PASSWORD=\(KeyedVault.password)\n"
    )
    // Beside a link to it, not beside the link's target.
    let link = run.vault.folder.appendingPathComponent("tatum kms").path
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: PipelineRun.supervisor)
    let result = try ProgramProcess.run(
      "/usr/bin/env",
      [
        "-i", "HOME=\(home.deletingLastPathComponent().path)", "KMS_BIN_DIR=\(PipelineRun.programs)", link,
        "--testnet", "--run-once",
      ])
    #expect(result.status == 0, "\(result.errorText)")
    #expect(try result.records.map { $0["result"] != nil } == [true])
    // Without KMS_BIN_DIR the programs are found beside the script itself.
    let bin = run.vault.folder.appendingPathComponent("bin").path
    try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: true)
    for name in ["kms-fetch", "kms-verify", "kms-sign", "kms-broadcast", "kms-wallet"] {
      try FileManager.default.createSymbolicLink(
        atPath: "\(bin)/\(name)", withDestinationPath: SourceTree.program(name))
    }
    try FileManager.default.copyItem(atPath: PipelineRun.supervisor, toPath: "\(bin)/tatum-kms")
    unlink(link)
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "\(bin)/tatum-kms")
    let installed = try ProgramProcess.run(
      "/usr/bin/env",
      ["-i", "HOME=\(home.deletingLastPathComponent().path)", link, "--testnet", "--run-once"])
    #expect(installed.status == 0, "\(installed.errorText)")
  }
}
