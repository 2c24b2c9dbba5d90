import ArgumentParser
import KMSChains
import KMSCrypto
import KMSPrimitives
import KMSProcess
import KMSRecords
import KMSSigning
import KMSVault

/// The only program that touches private keys: parses its options, then runs `SigningStage`.
@main
struct KMSSign: KMSProgram {
  static let configuration = CommandConfiguration(
    commandName: "kms-sign",
    abstract: "Signs approved pending transactions; never opens a socket.",
    discussion: """
      Reads records from standard input, one JSON object a line, and writes each with a "signed" or an "error" \
      member to standard output. Every signature is committed to the journal before it leaves the process; a \
      transaction that was signed before gets the recorded bytes again.

      Example:
        kms-fetch --testnet | kms-verify --external-url https://approver.internal --key-fd 3 \
      3< <(kms-wallet unlock --stage verify) | kms-sign --testnet | kms-broadcast
      """,
    version: KMSVersion.text(with: [.sqlite]))

  @OptionGroup(title: "Vault")
  var vault: VaultOptions

  @Flag(help: "Sign testnet records only; mainnet records are denied.")
  var testnet = false

  @Option(
    help: ArgumentHelp(
      "The journal of signatures. (default: journal.db beside the vault)", valueName: "path"),
    completion: .file()
  )
  var journal: String?

  @Option(
    help: ArgumentHelp(
      "Allow the pending transaction ID to be signed again although the journal has it. Only when you are "
        + "certain that the first signature can't reach the network any more.", valueName: "id"))
  var resign: [String] = []

  @Flag(help: "Do not ask at the terminal before --resign.")
  var yes = false

  @Option(help: "Seconds after which the nonce of a transaction that vanished is given out again.")
  var nonceGrace: Int = 600

  @Option(
    help: ArgumentHelp(
      "The file in which kms-broadcast notes what the network refused for good: those nonces are given out again.",
      valueName: "file"), completion: .file())
  var refusals: String?

  @Flag(
    help: ArgumentHelp(
      "Refuse transactions of a sender for whom the network counts signatures that are not in the journal.",
      discussion: "For senders that sign here and nowhere else: an older copy of the journal is noticed then."
    ))
  var onlySigner = false

  @OptionGroup(title: "Approvals")
  var approvals: ApprovalOptions

  @OptionGroup(title: "Policy")
  var policy: PolicyOptions

  @OptionGroup(title: "Logging")
  var log: LogOptions

  func validate() throws {
    guard (0...86_400).contains(nonceGrace) else {
      throw ValidationError("--nonce-grace is from 0 to 86400 seconds")
    }
  }

  /// What the network has refused in the last day.
  private func refused() throws -> [RefusalsFile.Line] {
    guard let refusals else { return [] }
    return try RefusalsFile.read(refusals, since: Timestamp.unixTime() - 86_400)
  }

  func run() throws {
    try Program.run("kms-sign") {
      StopSignal.install()
      let logger = log.logger(for: "kms-sign")
      let opening = VaultOpening(
        options: vault, journalPath: journal, resign: resign, asksBeforeResign: !yes,
        nonceGraceSeconds: nonceGrace, refused: try refused(),
        approvals: approvals,
        logger: logger)
      if log.checkConfiguration {
        _ = try policy.policy()
        try opening.checkJournal()
        return .ok
      }
      try opening.confine()
      let reader = RecordReader(chains: ChainRegistry.names, logger: logger)
      try reader.refuseTerminal(program: "kms-sign")
      let stage = SigningStage(
        opening: opening, policy: try policy.policy(), testnetOnly: testnet, isOnlySigner: onlySigner,
        logger: logger)
      return try stage.run(reader: reader, writer: RecordWriter())
    }
  }
}
