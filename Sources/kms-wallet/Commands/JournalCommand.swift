import ArgumentParser
import KMSPrimitives
import KMSProcess
import KMSRecords
import KMSVault

/// The journal of kms-sign, as far as a person has to do with it.
struct JournalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "journal",
    abstract: "Check the journal of signatures, or make a new one on purpose.",
    discussion: """
      The journal is made with the vault. Without it kms-sign signs nothing, because what was signed before could be \
      signed again (docs/journal.md).
      """,
    subcommands: [JournalCheck.self, JournalNew.self])
}

/// Where the journal is.
struct JournalOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The journal. (default: journal.db beside the vault)", valueName: "path"),
    completion: .file())
  var journal: String?

  func file(_ access: VaultAccess) -> String {
    journal.map { VaultOptions.expand($0, name: Journal.fileName) }
      ?? Journal.path(besideVault: access.options.file)
  }
}

/// Reads the whole journal.
struct JournalCheck: WalletCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Read every entry of the journal and check that none was changed, removed or put in.",
    discussion: """
      Prints what was found; the exit code is 66 when something is wrong, and the message names the place. That the end of \
      the journal is missing can't be told from the journal alone.
      """)

  @OptionGroup
  var place: JournalOptions

  @OptionGroup(title: "Vault")
  var access: VaultAccess

  @OptionGroup
  var network: AnyNetwork

  func perform() throws -> ExitStatus {
    let journal = try Journal.open(
      at: place.file(access), of: try access.open(), now: Timestamp.unixTime())
    for note in journal.takeNotes() { Message.warning(note) }
    let entries = try journal.check()
    try StandardOutput.write(pretty: [
      "path": .string(journal.path), "entries": .number(JSONNumber(entries)),
      "signed": .number(JSONNumber(journal.count())),
    ])
    return .ok
  }
}

/// Makes an empty journal on purpose.
struct JournalNew: WalletCommand {
  static let configuration = CommandConfiguration(
    commandName: "new",
    abstract: "Make a new, empty journal for a vault whose journal is lost.",
    discussion: """
      Only when the journal can't be put back, also not from a backup. From then on the vault takes the new journal and no \
      other one.
      """)

  @Flag(help: "Do not ask.")
  var yes = false

  @OptionGroup
  var place: JournalOptions

  @OptionGroup(title: "Vault")
  var access: VaultAccess

  @OptionGroup
  var network: AnyNetwork

  func perform() throws -> ExitStatus {
    let file = place.file(access)
    let vault = try access.open()
    Message.warning(
      "a new journal does not know what was signed before: a transaction that was signed and is still pending at Tatum is signed "
        + "again, in another way, and can be paid twice")
    Message.hint(
      "look at what is pending (kms-fetch), and delete at Tatum, or let through with what signed it, whatever may have been "
        + "signed already")
    if !yes { try Confirmation.require("Make a new, empty journal at \(file)?") }
    try Journal.make(at: file, of: vault, now: Timestamp.unixTime())
    Message.info(
      "made an empty journal; nonces go on from the network's counts at the next poll. What can't be known: transactions that the "
        + "network has not counted yet, and which outputs were signed with which amounts")
    try StandardOutput.write(pretty: ["path": .string(file)])
    return .ok
  }
}

extension VaultAccess {
  /// Makes the journal of a vault that was just made.
  func makeJournal(for vault: Vault) throws {
    let file = Journal.path(besideVault: options.file)
    do {
      try Journal.make(at: file, of: vault, now: Timestamp.unixTime())
    } catch let error as VaultError where error.code == .alreadyExists {
      Message.warning(
        "there is a journal at \(file) already, which is not that of the new vault: nothing is signed with it"
      )
      Message.hint("move it away, then make this vault's own with `kms-wallet journal new`")
    }
  }
}
