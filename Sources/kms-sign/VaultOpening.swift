import Glibc
import KMSCrypto
import KMSPrimitives
import KMSProcess
import KMSRecords
import KMSVault
import Logging

/// How the vault and the journal are opened: only once there is something to sign.
struct VaultOpening {
  let options: VaultOptions
  let journalPath: String?
  let resign: [String]
  /// Whether a person at the terminal must say yes to each of them.
  let asksBeforeResign: Bool
  let nonceGraceSeconds: Int
  /// What the network refused for good, as kms-broadcast has noted it.
  let refused: [RefusalsFile.Line]
  /// How old an approval may be, and whether records of testnets need the approvers.
  let approvals: ApprovalOptions
  let logger: Logger

  /// What kms-sign works with once it is open. A class because it owns a key, of which there is one.
  final class Opened: @unchecked Sendable {
    let keys: KeyRing
    let approveKey: StageKey
    let demands: ApprovalDemands
    // Sendable although it is not: asked by several threads only in ways that its protocol allows (`JournalStore.mayHave`).
    let journal: any JournalStore

    init(
      keys: KeyRing, approveKey: consuming StageKey, demands: ApprovalDemands, journal: any JournalStore
    ) {
      self.keys = keys
      self.approveKey = approveKey
      self.demands = demands
      self.journal = journal
    }
  }

  func open() throws -> Opened {
    let vault = try options.openVault(for: .vault)
    if SecretMemory.lockFailed() {
      logger.warning(
        "memory could not be locked against swapping; raise the limit (ulimit -l, LimitMEMLOCK=)")
    }
    let demands = try approvals.demands(of: vault)
    let journal = try openJournal(of: vault)
    return Opened(
      keys: KeyRing(vault: vault), approveKey: try vault.key(for: .approve), demands: demands,
      journal: journal)
  }

  /// Leaves this process the vault to read, the journal to write, and the system calls for that.
  ///
  /// - Throws: `password-command-failed`.
  func confine() throws {
    var confinement = Confinement()
    confinement.calls = .fewest
    confinement.writable = [VaultOptions.folder(of: journalFile)]
    try options.prepare(&confinement)
    if !resign.isEmpty, asksBeforeResign { confinement.usesTerminal = true }
    confinement.apply(logger: logger)
  }

  /// Finds out what is wrong with the journal's file before there is something to sign.
  func checkJournal() throws {
    // Before there is a vault, there is no journal either.
    if System.canAccess(journalFile, F_OK) || System.canAccess(options.file, F_OK) {
      try Journal.checkFile(journalFile)
    }
  }

  private var journalFile: String {
    journalPath.map { VaultOptions.expand($0, name: Journal.fileName) }
      ?? Journal.path(besideVault: options.file)
  }

  /// Opens the journal, and does what `--resign` asks for, also when no record comes in.
  private func openJournal(of vault: Vault) throws -> Journal {
    let journal = try Journal.open(
      at: journalFile, of: vault, nonceGrace: Int64(nonceGraceSeconds), now: Timestamp.unixTime())
    try journal.note(refused)
    for id in resign {
      if asksBeforeResign, let entry = try journal.find(id) { try Self.ask(about: entry) }
      if try journal.archive(id, now: Timestamp.unixTime()) {
        logger.warning(
          "forgot the recorded signature; this id may be signed again", metadata: ["id": "\(id)"])
      } else {
        logger.warning("--resign: the journal has no signature for this id", metadata: ["id": "\(id)"])
      }
    }
    return journal
  }

  /// Tells what was signed and by whose word it is over, and takes only `yes` for a yes.
  ///
  /// - Throws: `ProgramFailure` (64) for any other answer, and when there is nobody to ask.
  private static func ask(about entry: JournalEntry) throws {
    let now = Timestamp.unixTime()
    let over =
      RecordedExpiry.reason(entry, networkHeight: .max, now: now).map {
        entry.lastValidHeight == nil
          ? "It was \($0)."
          : "It is over only if the network has passed height \(entry.lastValidHeight ?? 0): look that up."
      } ?? "Nothing says that it is over: it may still get in."
    try Confirmation.require(
      """
      \(entry.chain) transaction \(entry.txID ?? "without an id"), signed on \(Timestamp.text(unixTime: entry.signedAt)) for \(entry.id).
      \(over)
      If it gets in after all, signing it again pays twice. Look for it on the chain first.
      Sign it again?
      """)
  }
}
