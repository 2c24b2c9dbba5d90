internal import KMSCrypto

/// An open file that is known to be a vault.
package final class VaultConnection {
  let path: String
  let database: SQLiteDatabase
  /// The version of its format; `rekey`, also of another process, can raise it.
  private(set) var version: VaultFormat.Version

  /// How long an operation waits for other processes.
  private static let busyTimeoutMilliseconds: Int32 = 30_000

  /// Opens the vault at `path` after checking who may use the file and its folder.
  convenience init(opening path: String) throws {
    guard let resolved = PrivateFile.resolve(path) else {
      throw PrivateFile.missing(path, what: "vault")
    }
    do { try PrivateFile.check(resolved, what: "vault") } catch {
      // Of two troubles, the one that says what to do first.
      try Self.refuseLegacyFile(resolved)
      throw error
    }
    try self.init(unchecked: resolved)
  }

  /// Opens a vault wherever it is: for one that is being made.
  init(unchecked path: String) throws {
    self.path = path
    do {
      let database = try SQLiteDatabase(path: path, busyTimeoutMilliseconds: Self.busyTimeoutMilliseconds)
      try database.configure()
      version = try database.transaction(write: false) { try Self.checkFormat(database, path: path) }
      self.database = database
    } catch let error as SQLiteError {
      let known = error.vaultError("vault", path: path)
      if known.code == .notAVault { try Self.refuseLegacyFile(path) }
      throw known
    }
  }

  /// Runs `body` and reports what SQLite says as errors of this library.
  func reading<R>(_ body: () throws -> R) throws -> R {
    do { return try body() } catch let error as SQLiteError { throw error.vaultError("vault", path: path) }
  }

  /// Notes that the file was brought up to the newest version.
  func isNowNewest() { version = .newest }

  /// Refuses the original's wallet file: base64 of `Salted__`.
  static func refuseLegacyFile(_ path: String) throws(VaultError) {
    guard PrivateFile.head(path, count: 10).elementsEqual("U2FsdGVkX1".utf8) else { return }
    throw VaultError(
      .legacyWalletFile, "\(path) is a wallet file of the original Tatum KMS, not a vault",
      hint:
        "`kms-wallet import --in-place --path '\(path)'` makes a vault of it, with the same signature IDs, and "
        + "keeps the old file beside it")
  }

  private static func checkFormat(
    _ database: SQLiteDatabase, path: String
  ) throws -> VaultFormat.Version {
    func pragma(_ name: String) throws -> Int64 {
      try database.first("PRAGMA \(name)") { $0.integer(0) } ?? 0
    }
    guard try pragma("application_id") == VaultFormat.applicationID else {
      throw VaultError(.notAVault, "\(path) is not a vault of this program")
    }
    let number = try pragma("user_version")
    guard number <= VaultFormat.Version.newest.rawValue else {
      throw VaultError(
        .newerVersion,
        "the vault \(path) has format \(number); this program knows formats up to "
          + "\(VaultFormat.Version.newest.rawValue)",
        hint: "use the version of this program that wrote it, or a later one")
    }
    guard let version = VaultFormat.Version(rawValue: number) else {
      throw VaultError(.damaged, "the vault \(path) is damaged: there is no format \(number)")
    }
    guard try database.first("PRAGMA journal_mode", [], { $0.text(0) }) == "delete" else {
      throw VaultError(.damaged, "the vault \(path) is damaged: its journal mode was changed")
    }
    var found: [String: String] = [:]
    try database.query("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL") {
      found[$0.text(0)] = $0.text(1)
      return found.count <= version.schema.count
    }
    guard found == Dictionary(uniqueKeysWithValues: version.schema.map { ($0.name, $0.sql) }) else {
      throw VaultError(.damaged, "the vault \(path) is damaged: its schema was changed")
    }
    return version
  }
}
