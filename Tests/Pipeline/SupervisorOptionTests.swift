import Foundation
import KMSRecords
import Testing

/// Which program scripts/tatum-kms hands which option to. The programs here only write down what they are given.
@Suite struct SupervisorOptionTests {
  /// A folder with such programs.
  private final class Recorder {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "kms-recorder-\(UUID().uuidString)")
    private var log: String { folder.appendingPathComponent("log").path }

    init() throws {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let script = #"""
        name=${0##*/} key=
        case $name in kms-fetch | kms-broadcast) key=$(cat <&4) ;; esac
        line=$(printf '|%s' "$@")
        printf '%s %s|%s|\n' "$name" "$key" "$line" >>"${0%/*}/log"
        case $name in
          kms-wallet) printf 'vault:1\nview:2\napprove:3\n' ;;
          kms-fetch) ;;
          *) cat >/dev/null ;;
        esac
        """#
      for name in ["kms-fetch", "kms-verify", "kms-sign", "kms-broadcast", "kms-wallet"] {
        try PipelineRun.writeStandIn(at: folder.appendingPathComponent(name).path, script)
      }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Runs the supervisor; returns the arguments of each program between bars, after the API key.
    func run(_ arguments: [String], environment: [String: String] = [:]) throws -> (
      ProgramProcess.Result, [String: String]
    ) {
      try? FileManager.default.removeItem(atPath: log)
      let result = try ProgramProcess.run(
        PipelineRun.supervisor, arguments,
        environment: ["HOME": folder.path, "KMS_BIN_DIR": folder.path].merging(environment) { $1 })
      var lines: [String: String] = [:]
      for line in try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n") {
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
      self.given = given ?? "|\(self.names[0])|\(value)|"
    }
  }

  static let options = [
    Option("--external-url --externalUrl", "https://a.example/x?y=z", "verify"),
    Option("--external-url-method --externalUrlMethod", "POST", "verify", as: "|--method|POST|"),
    Option("--chain", "BTC,ETH", "fetch"), Option("--path", "/tmp/a b.dat", "wallet fetch sign"),
    Option("--wallets", "a,b", "fetch"), Option("--transaction-ids --transactionIds", "a,b", "fetch"),
    Option("--api-key --apiKey", "se=cret", "fetch broadcast", as: "se=cret||"),
    Option("--api-url", "http://b.example", "fetch broadcast"), Option("--timeout", "7", "fetch broadcast"),
    Option("--vet-node-url", "http://c.example", "fetch"),
    Option("--flow-node-url", "http://d.example", "fetch broadcast"),
    Option("--password-file", "/tmp/p", "wallet"), Option("--password-fd", "4", "wallet"),
    Option("--password-command", "pass show kms", "wallet"), Option("--max-fee", "BTC=0.1", "sign"),
    Option("--journal", "/tmp/j", "sign"), Option("--nonce-grace", "9", "sign"),
    Option("--log-format", "json", "wallet fetch verify sign broadcast"),
  ]

  @Test(arguments: options) func aValueStandsAfterASpaceOrAnEqualsSign(option: Option) throws {
    let recorder = try Recorder()
    for name in option.names {
      for flag in [[name, option.value], ["\(name)=\(option.value)"]] {
        let (result, given) = try recorder.run(
          ["daemon", "--testnet", "--run-once"] + flag,
          environment: name.hasPrefix("--api-k") || name == "--apiKey" ? [:] : ["TATUM_API_KEY": "k"])
        #expect(result.status == 0, "\(flag): \(result.errorText)")
        for (program, line) in given {
          #expect(
            line.contains(option.given) == option.programs.contains(program), "\(flag): \(program) \(line)")
        }
        #expect(given.count == 5)
      }
      let result = try ProgramProcess.run(
        PipelineRun.supervisor, ["daemon", "--testnet", name],
        environment: ["HOME": recorder.folder.path, "KMS_BIN_DIR": recorder.folder.path])
      #expect(
        result.status == 64 && result.errorText.contains("needs a value"), "\(name): \(result.errorText)")
    }
  }

  @Test func flagsOfTheSignerAndOfTheNetwork() throws {
    let recorder = try Recorder()
    for form in ["", "=true", "=1"] {
      let (result, given) = try recorder.run(
        [
          "--testnet\(form)", "--runOnce\(form)", "--allow-account-control\(form)", "--bch-ecdsa\(form)",
          "--verbose\(form)",
        ],
        environment: ["TATUM_API_KEY": "k"])
      #expect(result.status == 0, "\(result.errorText)")
      #expect(given["kms-sign"]?.contains("|--allow-account-control|--bch-ecdsa|") == true)
      #expect(
        given["kms-sign"]?.contains("|--testnet|") == true
          && given["kms-fetch"]?.contains("|--testnet|") == true)
      #expect(given.values.allSatisfy { $0.contains("|--verbose|") })
    }
    let (result, given) = try recorder.run(
      ["--testnet=false", "--run-once", "--external-url=https://a.example"],
      environment: ["TATUM_API_KEY": "k"])
    #expect(result.status == 0)
    #expect(given.values.allSatisfy { !$0.contains("--testnet") })
  }

  @Test(arguments: ["--env-file", "--envFile"]) func readsTheSettingsFileOfEitherName(name: String) throws {
    let recorder = try Recorder()
    let file = recorder.folder.appendingPathComponent("settings").path
    #expect(
      FileManager.default.createFile(
        atPath: file, contents: Data("TATUM_API_KEY=from-file\n".utf8), attributes: [.posixPermissions: 0o600]
      ))
    for flag in [[name, file], ["\(name)=\(file)"]] {
      let (result, given) = try recorder.run(["--testnet", "--run-once"] + flag)
      #expect(result.status == 0, "\(result.errorText)")
      #expect(given["kms-fetch"]?.hasPrefix("from-file|") == true)
    }
  }

  @Test func aPeriodIsAWholeNumberOfSeconds() throws {
    let run = try PipelineRun()
    let file = run.vault.folder.appendingPathComponent("evil").path
    for period in ["0", "-1", "abc", "", "1.5", "08", "99999999999999999999", "a[$(touch \(file))]"] {
      for flag in [["--period=\(period)"], ["--period", period]] {
        let result = try run.startSupervisor(["--testnet"] + flag).wait(timeoutSeconds: 20)
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
    try FileManager.default.copyItem(
      atPath: run.vault.path, toPath: home.appendingPathComponent("wallet.dat").path)
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
