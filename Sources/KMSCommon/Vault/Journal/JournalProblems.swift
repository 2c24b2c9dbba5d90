extension VaultError {
  static func noJournal(_ path: String) -> VaultError {
    VaultError(
      .noJournal,
      "there is no journal at \(path): without it, what was signed before could be signed again, so nothing is signed",
      hint:
        "put it back, or name it with --journal; `kms-wallet journal new` makes a new one on purpose, and says what that "
        + "means")
  }

  static func notAJournal(_ path: String) -> VaultError {
    VaultError(
      .notAJournal, "\(path) is not a journal of this program",
      hint: "a journal is never replaced by an empty one: restore it, or name another file")
  }

  static func newerJournal(_ path: String) -> VaultError {
    VaultError(
      .newerVersion, "the journal \(path) was written by a later version of this program",
      hint: "use that version, or a later one")
  }

  static func wrongJournal(_ path: String) -> VaultError {
    VaultError(
      .wrongJournal, "the journal \(path) does not belong to this vault, or its head was changed",
      hint:
        "put the vault's own journal there, or name it with --journal; `kms-wallet journal new` makes a new one on purpose"
    )
  }

  static func damagedJournal(_ path: String, _ what: String) -> VaultError {
    VaultError(
      .damagedJournal, "the journal \(path) is damaged: \(what)",
      hint:
        "nothing is signed with it: put the newest good copy back; docs/journal.md, \"Damage\", says what to do without one"
    )
  }
}

extension VaultError.Code {
  /// There is no journal at the path.
  public static let noJournal = Self(rawValue: "no-journal")
  /// The journal is of another vault, or not the one that belongs to it now.
  public static let wrongJournal = Self(rawValue: "wrong-journal")
  /// The journal is not what was written.
  public static let damagedJournal = Self(rawValue: "damaged-journal")
  /// Another file has the journal's name by now.
  static let journalReplaced = Self(rawValue: "journal-replaced")
  /// An output was signed before with another amount, or a transaction for another id.
  public static let coinSignedBefore = Self(rawValue: "coin-signed-before")
}
