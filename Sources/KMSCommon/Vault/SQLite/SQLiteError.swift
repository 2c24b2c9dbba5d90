internal import CSQLite

/// What SQLite reported.
struct SQLiteError: Error {
  /// The extended result code; the primary one is its low byte (https://sqlite.org/rescode.html).
  let extendedCode: Int32
  /// SQLite's own words; never holds bound values.
  let message: String

  var code: Int32 { extendedCode & 0xff }

  /// Whether a row was refused because one with an equal key is there.
  var isUniqueViolation: Bool {
    // SQLITE_CONSTRAINT_UNIQUE and SQLITE_CONSTRAINT_PRIMARYKEY, macros that Swift can't import.
    extendedCode == SQLITE_CONSTRAINT | 8 << 8 || extendedCode == SQLITE_CONSTRAINT | 6 << 8
  }

  /// Whether there was no room.
  var isOfFullDisk: Bool { code == SQLITE_FULL }

  /// Whether it is one of writing a file: SQLITE_FULL, SQLITE_READONLY, SQLITE_CANTOPEN, and of SQLITE_IOERR those of writing, syncing,
  /// truncating.
  var isOfWriting: Bool {
    switch code {
    case SQLITE_FULL, SQLITE_READONLY, SQLITE_CANTOPEN: true
    case SQLITE_IOERR: [3, 4, 5, 6].contains(extendedCode >> 8)
    default: false
    }
  }

  /// The error as this library reports it; `path` is the file, `what` is `vault` or `journal`.
  func vaultError(_ what: String, path: String) -> VaultError {
    switch code {
    case SQLITE_FULL:
      VaultError(
        .cannotWrite, "no space left for the \(what) \(path); nothing was changed",
        hint: "make room on its file system and try again")
    case SQLITE_READONLY:
      VaultError(.cannotWrite, "the \(what) \(path) can't be written: \(message)")
    case SQLITE_BUSY, SQLITE_LOCKED:
      VaultError(
        .busy, "another process kept the \(what) \(path) locked",
        hint: "try again; `fuser \(path)` names the process")
    case SQLITE_CORRUPT, SQLITE_ERROR:
      // Our SQL is fixed and the schema is checked, so an error in it is one of the file.
      VaultError(
        .damaged, "the \(what) \(path) is damaged: \(message)", hint: "restore it from a backup")
    case SQLITE_NOTADB:
      VaultError(
        what == "journal" ? .notAJournal : .notAVault, "\(path) is not a \(what) of this program")
    case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH:
      VaultError(.cannotRead, "the \(what) \(path) can't be opened: \(message)")
    case SQLITE_IOERR:
      VaultError(
        .cannotWrite, "reading or writing the \(what) \(path) failed: \(message) (\(extendedCode))")
    case SQLITE_TOOBIG, SQLITE_MISMATCH:
      VaultError(.damaged, "the \(what) \(path) is damaged: a value is too large", hint: "restore a backup")
    default:
      VaultError(.internalError, "SQLite failed on the \(what) \(path): \(message) (\(extendedCode))")
    }
  }
}
