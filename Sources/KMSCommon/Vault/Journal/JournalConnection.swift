internal import KMSCrypto

/// An open file that is known to be a journal of version 1.
package final class JournalConnection {
  let path: String
  let database: SQLiteDatabase

  /// `TKMJ` in ASCII.
  static let applicationID: Int64 = 0x544B_4D4A
  static let version: Int64 = 1

  /// The columns of an entry; the archive has when it was archived in front.
  private static let columns =
    "id TEXT NOT NULL{UNIQUE}, content_digest BLOB NOT NULL, chain TEXT NOT NULL, testnet INTEGER NOT NULL, "
    + "sender TEXT, nonce INTEGER, tx_id TEXT, tx_data TEXT NOT NULL, signed TEXT NOT NULL, "
    + "signed_at INTEGER NOT NULL, expires_at INTEGER, last_valid_height INTEGER, last_seen INTEGER NOT NULL, "
    + "nonce_given_to TEXT"

  static let schema: [(name: String, sql: String)] = [
    (
      "archive",
      "CREATE TABLE archive (number INTEGER PRIMARY KEY, archived_at INTEGER NOT NULL, "
        + columns.replacing("{UNIQUE}", with: "") + ") STRICT"
    ),
    (
      "entry",
      "CREATE TABLE entry (number INTEGER PRIMARY KEY, " + columns.replacing("{UNIQUE}", with: " UNIQUE")
        + ") STRICT"
    ),
    (
      "entry_by_nonce",
      "CREATE INDEX entry_by_nonce ON entry (chain, testnet, sender, nonce) WHERE nonce IS NOT NULL"
    ),
  ]

  init(_ path: String, lockTimeout: Int) throws {
    if !PrivateFile.exists(path) { try Self.create(path) }
    guard let resolved = PrivateFile.resolve(path) else {
      throw PrivateFile.missing(path, what: "journal")
    }
    try PrivateFile.check(resolved, what: "journal")
    self.path = resolved
    do {
      let database = try SQLiteDatabase(
        path: resolved,
        busyTimeoutMilliseconds: Int32(clamping: max(0, lockTimeout).multipliedClamped(by: 1000)))
      try database.configure()
      try database.transaction(write: false) { try Self.checkFormat(database, path: resolved) }
      self.database = database
    } catch let error as SQLiteError { throw error.vaultError("journal", path: resolved) }
  }

  /// Runs `body` and reports what SQLite says as errors of this library.
  func reporting<R>(_ body: () throws -> R) throws -> R {
    do { return try body() } catch let error as SQLiteError { throw error.vaultError("journal", path: path) }
  }

  /// Makes an empty journal; when two processes do so at once, the second takes the first one's.
  private static func create(_ path: String) throws {
    try PrivateFile.makeFolder(PrivateFile.folder(of: path))
    do {
      try Vault.publishing(as: path) { temporary in
        let database = try SQLiteDatabase(path: temporary, busyTimeoutMilliseconds: 0)
        try database.configure()
        try database.transaction(write: true) {
          try database.execute("PRAGMA application_id=\(applicationID)")
          try database.execute("PRAGMA user_version=\(version)")
          for (_, sql) in schema { try database.execute(sql) }
        }
      }
    } catch let error as VaultError where error.code == .alreadyExists {
      return
    } catch let error as SQLiteError { throw error.vaultError("journal", path: path) }
  }

  private static func checkFormat(_ database: SQLiteDatabase, path: String) throws {
    func pragma(_ name: String) throws -> Int64 {
      try database.first("PRAGMA \(name)") { $0.integer(0) } ?? 0
    }
    guard try pragma("application_id") == applicationID else {
      throw VaultError(
        .notAJournal, "\(path) is not a journal of this program",
        hint: "a journal is never replaced by an empty one: restore it, or name another file")
    }
    let found = try pragma("user_version")
    guard found <= version else {
      throw VaultError(
        .newerVersion, "the journal \(path) has format \(found); this program knows \(version)",
        hint: "use the version of this program that wrote it, or a later one")
    }
    var tables: [String: String] = [:]
    try database.query("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL") {
      tables[$0.text(0)] = $0.text(1)
      return tables.count <= schema.count
    }
    guard found == version, try database.first("PRAGMA journal_mode", [], { $0.text(0) }) == "delete",
      tables == Dictionary(uniqueKeysWithValues: schema.map { ($0.name, $0.sql) })
    else {
      throw VaultError(
        .damaged, "the journal \(path) is damaged: its schema was changed", hint: "restore it from a backup")
    }
  }
}

extension Int {
  fileprivate func multipliedClamped(by factor: Int) -> Int {
    let (product, overflow) = multipliedReportingOverflow(by: factor)
    return overflow ? .max : product
  }
}

extension JournalEntry {
  static let columns =
    "id, content_digest, chain, testnet, sender, nonce, tx_id, tx_data, signed, signed_at, expires_at, "
    + "last_valid_height, last_seen, nonce_given_to"

  /// Reads the current row of a query for `columns`.
  init(_ row: SQLiteStatement) throws(VaultError) {
    func optional<R>(_ column: Int32, _ read: (Int32) -> R) -> R? { row.isNull(column) ? nil : read(column) }
    self.init(
      id: row.text(0), contentDigest: row.blob(1), chain: row.text(2), testnet: row.integer(3) != 0,
      sender: optional(4, row.text), nonce: optional(5) { UInt64(clamping: row.integer($0)) },
      txID: optional(6, row.text), txData: row.text(7), signed: row.text(8), signedAt: row.integer(9),
      expiresAt: optional(10, row.integer),
      lastValidHeight: optional(11) { UInt64(clamping: row.integer($0)) })
    lastSeen = row.integer(12)
    nonceGivenTo = optional(13, row.text)
  }

  func values() throws(VaultError) -> [SQLiteValue] {
    func integer(_ value: UInt64?, _ name: String) throws(VaultError) -> SQLiteValue {
      guard let value else { return .null }
      guard let integer = Int64(exactly: value) else {
        throw VaultError(.invalidArgument, "the \(name) \(value) is larger than 9223372036854775807")
      }
      return .integer(integer)
    }
    return [
      .text(id), .blob(contentDigest), .text(chain), SQLiteValue(testnet), SQLiteValue(sender),
      try integer(nonce, "nonce"), SQLiteValue(txID), .text(txData), .text(signed), .integer(signedAt),
      SQLiteValue(expiresAt), try integer(lastValidHeight, "last valid height"), .integer(lastSeen),
      SQLiteValue(nonceGivenTo),
    ]
  }
}
