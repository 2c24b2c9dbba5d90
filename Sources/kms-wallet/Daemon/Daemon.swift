import ArgumentParser
import Glibc
import KMSCrypto
import KMSNetwork
import KMSProcess
import KMSRecords
import KMSVault

/// Holds the keys while scripts/tatum-kms runs the pipeline.
struct Daemon: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "daemon",
    abstract: "Poll for pending transactions, have them approved, sign and send them.",
    discussion: """
      Checks the whole configuration, asks for the password once, and keeps the keys in locked memory; the script \
      tatum-kms runs the four programs on a timer, and each gets its own key from here.
      """)

  @Argument(parsing: .captureForPassthrough, help: .hidden, completion: Completions.daemonWords)
  var words: [String] = []

  func run() throws {
    try Program.run(TatumKMS.name) {
      EarlySignals.install()
      let notice = ServiceNotice()
      guard let script = TatumKMS.script else {
        throw ProgramFailure(
          .usage, "the daemon is started by the script tatum-kms", hint: "tatum-kms daemon --help")
      }
      if words.contains("--help") || words.contains("-h") {
        try StandardOutput.write(DaemonHelp.text(try Self.stages()))
        return .ok
      }
      if words.contains("--version") {
        try StandardOutput.write(KMSVersion.text(with: [.sqlite]) + "\n")
        return .ok
      }
      let plan = try DaemonPlan(words, stages: try Self.stages())
      let secrets = try unlock(plan)
      return try Supervision(plan, script: script, secrets: secrets, notice: notice).run()
    }
  }

  /// Variables that no other program is to have.
  static let secretVariables = Set(["TATUM_KMS_PASSWORD", "TATUM_API_KEY"] + CloudSettings.secretNames)

  /// The four programs, beside this one as it was started, else in the PATH.
  static func stages() throws -> [Stage] {
    let own = CommandLine.arguments.first ?? ""
    let folders =
      [own.lastIndex(of: "/").map { String(own[..<$0]) } ?? "."]
      + (System.variable("PATH") ?? "").split(separator: ":").map(String.init)
    return try Stage.names.map { name in
      guard let folder = folders.first(where: { System.canAccess("\($0)/kms-\(name)", X_OK) }) else {
        throw ProgramFailure(
          .unavailable, "kms-\(name) was not found",
          hint: "install it with scripts/install, or build it with: swift build")
      }
      let path = "\(folder)/kms-\(name)"
      let result = try ChildProcess.run(path, ["--experimental-dump-help"], removing: secretVariables)
      guard let table = OptionTable(json: result.output) else {
        throw ProgramFailure(.unavailable, "\(path) does not say which options it takes")
      }
      return Stage(name: name, path: path, table: table)
    }
  }

  /// Checks everything that needs no password, then gets it, and derives the keys.
  private func unlock(_ plan: DaemonPlan) throws -> [String: SecretBytes] {
    let access = plan.options.access
    guard plan.hasApprover || plan.options.testnet else {
      throw ProgramFailure(
        .configuration, "--external-url is mandatory on mainnet: your server must confirm each transaction",
        hint: "give --external-url https://your.server, or --testnet")
    }
    let fromEnvironment = try APIKey.takeFromEnvironment()
    guard let key = try plan.options.apiKeyFile.map({ try APIKey.read(file: $0) }) ?? fromEnvironment else {
      throw ProgramFailure(
        .configuration, "there is no API key",
        hint: "set TATUM_API_KEY, in the environment or in the settings file (--env-file)")
    }
    let headers = try plan.options.headers()
    try plan.check(removing: Self.secretVariables)
    try plan.options.checkMetricsFile()
    try access.options.checkVault()
    let vault = try access.open()
    KeptOpen.standardDescriptors()
    try Self.noteNetwork(vault, testnet: plan.options.testnet)
    try Self.noteApprovals(vault, plan)
    var secrets = [KeyRequest.apiKey: key.bytes]
    secrets[KeyRequest.approverHeaders] = headers
    for kind in StageKey.Kind.allCases { secrets[kind.rawValue] = try vault.key(for: kind).line() }
    return secrets
  }

  /// Says what approvals don't cover on a mainnet, where it is money.
  private static func noteApprovals(_ vault: Vault, _ plan: DaemonPlan) throws {
    guard !plan.options.testnet, try vault.policy().required == 0 else { return }
    Message.warning(
      plan.showsContent
        ? "approvals are not signed: whoever controls kms-verify's place on this machine can approve what your server never saw"
        : "approvals by GET cover the id of a transaction, not what it does: whoever controls the API, or the network programs of "
          + "this machine, can put other content under an id that your server expects")
    Message.hint(
      (plan.showsContent ? "" : "--external-url-method POST shows your server the whole transaction; ")
        + "kms-wallet approver set KEY makes kms-sign demand its signature (docs/approvals.md)")
  }

  private static func noteNetwork(_ vault: Vault, testnet: Bool) throws {
    let (here, there) = testnet ? ("testnets", "mainnet") : ("mainnet", "testnets")
    let count = { (testnet: Bool) in try vault.chains(testnet: testnet).reduce(0) { $0 + $1.wallets } }
    guard try count(testnet) == 0 else { return }
    let others = try count(!testnet)
    Message.warning(
      "the vault has no wallets of \(here), which this daemon polls for, and \(others) of \(there)")
    if others > 0 {
      Message.hint(
        testnet ? "without --testnet it polls for mainnet" : "with --testnet it polls for testnets")
    }
  }
}

/// Until the daemon runs, a signal ends it at once: also as the first process of a container, which no signal ends by default.
private enum EarlySignals {
  static func install() {
    for number in [SIGTERM, SIGINT, SIGHUP] where !System.isIgnored(number) {
      System.handle(number) { _exit(128 + $0) }
    }
  }
}

/// Standard input, output and error are open: what is opened later must not take their numbers.
private enum KeptOpen {
  static func standardDescriptors() {
    for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) < 0 {
      _ = unsafe open("/dev/null", O_RDWR)
    }
  }
}

/// What `tatum-kms daemon --help` says.
private enum DaemonHelp {
  static func text(_ stages: [Stage]) throws -> String {
    var text = """
      USAGE: tatum-kms [daemon] [options]

      \(Daemon.configuration.abstract)

      DAEMON
        --env-file <file>       Settings as NAME=value lines. (default: ~/.tatumrc/.env, if it is there)
        --api-key <key>         Other users can see it for a moment: prefer TATUM_API_KEY or --env-file.

      """
    var known: Set<String> = []
    let sections =
      [("", DaemonOptions.table?.options.filter { $0.isShown } ?? [])] + stages.map { ($0.name, $0.shown) }
    for (name, options) in sections {
      if !name.isEmpty { text += "\nOF KMS-\(name.uppercased())\n" }
      for option in options where !option.names.contains("--help") && known.isDisjoint(with: option.names) {
        known.formUnion(option.names)
        let names = option.names.joined(separator: ", ") + (option.isFlag ? "" : " <\(option.valueName)>")
        text +=
          "  " + names
          + (names.utf8.count < 22
            ? String(repeating: " ", count: 24 - names.utf8.count) : "\n" + String(repeating: " ", count: 26))
          + option.text + "\n"
      }
    }
    return text + """

      EXAMPLE
        tatum-kms daemon --chain=BTC,ETH --external-url=https://approver.internal

      """
  }
}
