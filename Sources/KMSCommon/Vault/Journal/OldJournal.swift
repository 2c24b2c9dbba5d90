internal import KMSChains
internal import KMSCrypto
internal import KMSRecords

/// The journal of earlier versions of this program: an SQLite file. It is read once, when it is converted.
struct OldJournal {
  /// `TKMJ` in ASCII.
  private static let applicationID: Int64 = 0x544B_4D4A

  private let path: String
  private let database: SQLiteDatabase

  /// Whether a file is one, by its first bytes (https://sqlite.org/fileformat2.html section 1.3).
  static func isOne(_ path: String) -> Bool {
    PrivateFile.head(path, count: 16).elementsEqual("SQLite format 3\0".utf8)
  }

  /// Opens it, and keeps everybody else from changing it.
  ///
  /// - Throws: `not-a-journal`, `damaged`, `busy`.
  init(_ path: String) throws {
    self.path = path
    do {
      database = try SQLiteDatabase(path: path, busyTimeoutMilliseconds: 30_000)
      try database.configure()
      try database.execute("BEGIN IMMEDIATE")
      let applicationID = try database.first("PRAGMA application_id") { $0.integer(0) }
      guard applicationID == Self.applicationID,
        try database.first("PRAGMA user_version", [], { $0.integer(0) }) == 1
      else { throw VaultError.notAJournal(path) }
      guard try database.first("PRAGMA integrity_check(1)", [], { $0.text(0) }) == "ok" else {
        throw VaultError.damagedJournal(path, "SQLite's own check fails")
      }
    } catch let error as SQLiteError { throw error.vaultError("journal", path: path) }
  }

  /// Lets others have it again.
  func close() { database.rollback() }

  /// An entry as it was, and whose nonce went to it.
  struct Entry {
    var entry: JournalEntry
    var nonceGivenTo: String?
  }

  /// Gives every entry to `body`, in the order in which they were signed. Archived ones do not count any more.
  func forEach(_ body: (Entry) throws -> Void) throws {
    do {
      try database.query(
        "SELECT id, content_digest, chain, testnet, sender, nonce, tx_id, signed, signed_at, expires_at, "
          + "last_valid_height, last_seen, nonce_given_to FROM entry ORDER BY number"
      ) { row in
        func optional<R>(_ column: Int32, _ read: (Int32) -> R) -> R? {
          row.isNull(column) ? nil : read(column)
        }
        let digest = row.blob(1)
        guard digest.count == 32 else {
          throw VaultError.damagedJournal(path, "the entry for \(row.text(0).debugDescription) has no digest")
        }
        var entry = JournalEntry(
          id: row.text(0), contentDigest: digest, chain: row.text(2), testnet: row.integer(3) != 0,
          sender: optional(4, row.text), nonce: optional(5) { UInt64(clamping: row.integer($0)) },
          txID: optional(6, row.text), signed: Array(row.text(7).utf8), signedAt: row.integer(8),
          expiresAt: optional(9, row.integer),
          lastValidHeight: optional(10) { UInt64(clamping: row.integer($0)) })
        entry.lastSeen = row.integer(11)
        try body(Entry(entry: entry, nonceGivenTo: optional(12, row.text)))
        return true
      }
    } catch let error as SQLiteError { throw error.vaultError("journal", path: path) }
  }
}
