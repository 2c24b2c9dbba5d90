import ArgumentParser
import KMSPrimitives
import KMSProcess
import KMSRecords
import KMSVault

/// Puts a backup in the place of the vault.
struct Restore: WalletCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Put a backup in the place of the vault, after opening every wallet of it.",
    discussion: """
      Stop the daemon first. The backup is only read, and has the password that the vault had when it was made. A vault that \
      is there is refused, or with --replace put aside and kept. The journal of what was signed stays as it is.

      Example:
        kms-wallet restore /mnt/safe/wallet-2026-11-22.dat --replace
      """)

  @Argument(
    help: ArgumentHelp("A file that `kms-wallet backup` made, or its folder.", valueName: "backup"),
    completion: .file())
  var backup: String

  @Flag(help: "Put a vault that is there aside. It is kept.")
  var replace = false

  @OptionGroup(title: "Vault")
  var access: VaultAccess

  @OptionGroup
  var network: AnyNetwork

  func validate() throws {
    try access.refuseKey(because: "restore opens the backup with its password")
  }

  func perform() throws -> ExitStatus {
    let source = VaultOptions.expand(backup, name: "wallet.dat")
    try Vault.checkRestoring(from: source, to: access.options.file, replacing: replace)
    let (file, now) = (access.options.file, Timestamp.unixTime())
    if let board = StatusFile(besideVault: file).read(), StatusBoard.isRunning(board, now: now) {
      Message.warning("a daemon seems to work with this vault: what it stores or signs meanwhile may be lost")
      Message.hint("stop it, then restore again")
    }
    let password = try access.options.password(isNew: false, cloud: access.cloud.source)
    access.warnOfUnlockedMemory()
    let time = Timestamp.text(unixTime: now).filter { $0 != "-" && $0 != ":" }
    let done = try Vault.restore(
      from: source, to: file, password: password, replacing: replace, time: time)
    try StandardOutput.write(pretty: [
      "path": .string(done.vault.path), "wallets": .number(JSONNumber(done.wallets)),
      "aside": done.aside.map(JSONValue.string) ?? .null,
      "missing": done.missing.map { .array($0.map(JSONValue.string)) } ?? .null,
    ])
    say(done)
    return .ok
  }

  /// What a person has to know, and what nobody can know.
  private func say(_ done: Vault.Restoration) {
    if let aside = done.aside { Message.info("the vault that was there is kept as \(aside)") }
    if let missing = done.missing, !missing.isEmpty {
      Message.warning("wallets that it has, and the backup has not: \(missing.joined(separator: ", "))")
    } else if done.missing == nil {
      Message.warning(
        "it does not open with this password: whether it has wallets that the backup has not is not known")
    }
    Message.info(
      "what was stored, removed or set since the backup was made can't be known from it: wallets, password, approvers"
    )
    sayJournal(of: done.vault)
  }

  private func sayJournal(of vault: Vault) {
    let file = Journal.path(besideVault: access.options.file)
    do {
      let journal = try Journal.open(at: file, of: vault, now: Timestamp.unixTime())
      for note in journal.takeNotes() { Message.warning(note) }
      Message.info(
        "the journal at \(file) is that of this vault, with \(journal.count()) signed; it was left as it is")
    } catch let error as VaultError {
      Message.warning("nothing will be signed yet: \(error.message)")
      Message.hint(
        "put back the newest copy of the journal, or make an empty one with `kms-wallet journal new`, which says what that means "
          + "(docs/journal.md, 6)")
    } catch { Message.warning("the journal at \(file) was not looked at: \(error)") }
  }
}
