import ArgumentParser
import KMSProcess
import KMSRecords

/// Looks at everything that the daemon needs, and says for each what to do.
struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check everything that the daemon needs, and say what to do.",
    discussion: """
      Takes the options of the daemon and looks, for each thing, whether a daemon with these options would work: programs, \
      options and files, vault and journal, locked memory, room on the disk, the API key and each chain that has wallets, \
      the clock, the approver. --json prints JSON. The API is asked once for each chain, one credit each; nothing is signed \
      or changed. Ends with status 0 when there is no problem, else with that of the worst.

      Example: tatum-kms doctor --testnet --external-url=https://approver.internal
      """)

  @Argument(parsing: .captureForPassthrough, help: .hidden, completion: Completions.daemonWords)
  var words: [String] = []

  func run() throws {
    try Program.run(TatumKMS.name) {
      if words.contains("--help") || words.contains("-h") {
        try StandardOutput.write(KMSWallet.helpMessage(for: Doctor.self) + "\n")
        return .ok
      }
      let isJSON = words.contains("--json")
      let stages = try Daemon.stages()
      let plan = try DaemonPlan(words.filter { $0 != "--json" }, stages: stages)
      var checkup = Checkup(plan)
      var findings: [Finding] = []
      // Each is shown as soon as it is known: what hangs is then seen to hang.
      func show(_ more: [Finding]) throws {
        findings += more
        guard !isJSON else { return }
        for finding in more {
          try StandardOutput.write(
            finding.text(width: ResultTerminal.width, isColored: ResultTerminal.isColored))
        }
      }
      for check in Checkup.all { try show(check(&checkup)) }
      if isJSON {
        let worst = findings.contains { $0.verdict == .problem } ? "problem" : "ok"
        try StandardOutput.write(
          pretty: ["verdict": .string(worst), "findings": .array(findings.map(\.json))])
      }
      return findings.reduce(ExitStatus.ok) { $0.combined(with: $1.status) }
    }
  }
}
