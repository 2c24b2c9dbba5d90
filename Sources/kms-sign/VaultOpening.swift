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
  let nonceGraceSeconds: Int
  /// How old an approval may be, and whether records of testnets need the approvers.
  let approvals: ApprovalOptions
  let logger: Logger

  /// What kms-sign works with once it is open.
  struct Opened {
    let keys: KeyRing
    let approveKey: StageKey
    let demands: ApprovalDemands
    let journal: Journal
  }

  func open() throws -> Opened {
    let vault = try options.openVault(for: .vault)
    if SecretMemory.lockFailed() {
      logger.warning(
        "memory could not be locked against swapping; raise the limit (ulimit -l, LimitMEMLOCK=)")
    }
    let demands = try approvals.demands(of: vault)
    let journal = try openJournal()
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
    confinement.apply(logger: logger)
  }

  /// Finds out what is wrong with the journal's file before there is something to sign; makes none.
  func checkJournal() throws {
    let path = journalFile
    if access(path, F_OK) == 0 { _ = try Journal.open(at: path, nonceGrace: Int64(nonceGraceSeconds)) }
  }

  private var journalFile: String {
    journalPath.map { VaultOptions.expand($0, name: "journal.db") } ?? journalBesideVault
  }

  /// Does what `--resign` asks for, also when no record comes in.
  func openJournal() throws -> Journal {
    let journal = try Journal.open(at: journalFile, nonceGrace: Int64(nonceGraceSeconds))
    for id in resign {
      if try journal.archive(id, now: Timestamp.unixTime()) {
        logger.warning(
          "forgot the recorded signature; this id may be signed again", metadata: ["id": "\(id)"])
      } else {
        logger.warning("--resign: the journal has no signature for this id", metadata: ["id": "\(id)"])
      }
    }
    return journal
  }

  /// Two vaults have two journals: what one signs is nothing to the other.
  private var journalBesideVault: String {
    let folder = options.file.lastIndex(of: "/").map { options.file[...$0] } ?? "./"
    return folder + "journal.db"
  }
}
