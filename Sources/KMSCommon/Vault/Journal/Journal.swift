internal import KMSCrypto

/// The journal of kms-sign: what was signed, committed to disk before it leaves the process.
///
/// One SQLite file. A group of records is one transaction (`begin` … `commit`), so that the disk is waited for once
/// per group; nothing that was recorded may be emitted before `commit` has returned. Two processes on one journal
/// take turns: `begin` waits for the other's `commit`.
///
/// Within a group: `lookup` each record, best all of them before the first `assignNonce`, so that what is pending is
/// known to be; then `assignNonce`, sign, `record` one after the other. An entry is never removed but by `archive`.
public final class Journal {
  /// The file, symbolic links resolved.
  public let path: String
  /// Seconds after which a nonce can be given out again (`NonceAssignment`).
  public let nonceGrace: Int64

  package let connection: JournalConnection
  private var database: SQLiteDatabase { connection.database }

  private static let findSQL = "SELECT \(JournalEntry.columns) FROM entry WHERE id = ?"
  private static let insertSQL =
    "INSERT INTO entry (\(JournalEntry.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

  private struct Sender: Hashable {
    let chain: String
    let testnet: Bool
    let sender: String

    init(chain: String, testnet: Bool, sender: String) {
      self.chain = chain
      self.testnet = testnet
      self.sender = sender
    }

    init(_ entry: JournalEntry, _ sender: String) {
      self.init(chain: entry.chain, testnet: entry.testnet, sender: sender)
    }
  }
  /// What the file says of the senders that were asked for; valid until another process changes it.
  private var ledgers: [Sender: NonceLedger] = [:]
  /// SQLite's `data_version` for which that holds.
  private var ledgerVersion: Int64?
  /// How many nonces are remembered from one group to the next, a sender counting for eight: some 10 MiB.
  private static let rememberedNonces = 100_000

  /// Opens a journal; makes one, in a folder of mode 0700, when there is no file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - nonceGrace: seconds, not negative.
  ///   - lockTimeout: how many seconds `begin` waits for another process.
  /// - Throws: `not-a-journal`, `damaged`, `newer-version`, `permissions-too-open`, `cannot-create`. A file that can't
  ///   be read is never replaced: an empty journal would allow everything to be signed again.
  public static func open(at path: String, nonceGrace: Int64 = 600, lockTimeout: Int = 30) throws -> Journal {
    Journal(
      connection: try JournalConnection(path, lockTimeout: lockTimeout), nonceGrace: max(0, nonceGrace))
  }

  private init(connection: JournalConnection, nonceGrace: Int64) {
    self.connection = connection
    self.nonceGrace = nonceGrace
    path = connection.path
  }

  // MARK: Groups

  /// Begins a group and takes the write lock.
  ///
  /// - Throws: `busy` when another process holds it for longer than the lock timeout; `cannot-write`, `damaged`.
  public func begin() throws {
    try connection.reporting {
      try database.execute("BEGIN IMMEDIATE")
      do {
        // Changes when another connection has committed, and not by our own commits (sqlite.org/pragma.html).
        let version = try database.first("PRAGMA data_version") { $0.integer(0) }
        if version != ledgerVersion { ledgers = [:] }
        ledgerVersion = version
      } catch {
        rollback()
        throw error
      }
    }
  }

  /// Makes everything that was recorded since `begin` durable.
  ///
  /// - Throws: `cannot-write`, `busy`: nothing of the group was recorded then, and nothing of it may be emitted.
  public func commit() throws {
    do { try connection.reporting { try database.execute("COMMIT") } } catch {
      rollback()
      throw error
    }
    if ledgers.values.reduce(0, { $0 + 8 + $1.openCount }) > Self.rememberedNonces { ledgers = [:] }
    for key in ledgers.keys { ledgers[key]?.endGroup() }
  }

  /// Forgets the group.
  public func rollback() {
    ledgers = [:]
    database.rollback()
  }

  /// Runs `body` as a group: committed when it returns, forgotten when it throws.
  public func group<R>(_ body: () throws -> R) throws -> R {
    try begin()
    do {
      let result = try body()
      try commit()
      return result
    } catch {
      rollback()
      throw error
    }
  }

  // MARK: Entries

  /// The entry of an id, and the note that a record with this id came in at `now`; nil when it was never signed.
  ///
  /// Inside a group only. The caller compares `contentDigest` with that of the record in hand.
  /// - Throws: `damaged`, `cannot-write`.
  public func lookup(_ id: String, now: Int64) throws -> JournalEntry? {
    guard var entry = try find(id) else { return nil }
    // Not at each tick: a write per known record and tick would cost more than it tells.
    if now.subtractingClamped(entry.lastSeen) >= max(1, nonceGrace / 10) {
      _ = try connection.reporting {
        try database.run("UPDATE entry SET last_seen = ? WHERE id = ?", [.integer(now), .text(id)])
      }
      entry.lastSeen = now
      if let sender = entry.sender, let nonce = entry.nonce {
        ledgers[Sender(entry, sender)]?.see(nonce: nonce, at: now)
      }
    }
    return entry
  }

  /// The entry of an id, without the note that it was seen.
  public func find(_ id: String) throws -> JournalEntry? {
    try connection.reporting {
      try database.first(Self.findSQL, [.text(id)]) { try JournalEntry($0) }
    }
  }

  /// Records what was signed. Inside a group only.
  ///
  /// - Throws: `already-exists` when the id has an entry; `invalid-argument` for a nonce or height of 2^63 and more.
  public func record(_ entry: JournalEntry) throws {
    guard entry.contentDigest.count == 32 else {
      throw VaultError(.invalidArgument, "the content digest of a journal entry has 32 bytes")
    }
    let values = try entry.values()
    try connection.reporting {
      do throws(SQLiteError) {
        try database.run(Self.insertSQL, values)
      } catch {
        guard error.isUniqueViolation else { throw error }
        throw VaultError(.alreadyExists, "the journal has an entry for \(entry.id) already")
      }
      if let sender = entry.sender, let nonce = entry.nonce, nonce <= NonceLedger.last {
        let key = Sender(entry, sender)
        if ledgers[key]?.isNew(nonce) != true { try giveAway(nonce, of: key, to: entry) }
        ledgers[key]?.add(nonce: nonce, signedAt: entry.signedAt, lastSeen: entry.lastSeen)
      }
    }
  }

  /// Whoever had this nonce and vanished must not be sent any more. Live ones with the same explicit nonce are what the
  /// caller of the API asked for: a replacement.
  private func giveAway(_ nonce: UInt64, of sender: Sender, to entry: JournalEntry) throws {
    try database.run(
      "UPDATE entry SET nonce_given_to = ? WHERE chain = ? AND testnet = ? AND sender = ? AND nonce = ? AND "
        + "last_seen <= ? AND id <> ?",
      [
        .text(entry.id), .text(sender.chain), SQLiteValue(sender.testnet), .text(sender.sender),
        .integer(Int64(clamping: nonce)), .integer(entry.signedAt.subtractingClamped(nonceGrace)),
        .text(entry.id),
      ])
  }

  /// Assigns the nonce of a transaction, and keeps it for it until `record`, `release` or the end of the group.
  ///
  /// Inside a group only. `NonceLedger` states the rule.
  /// - Parameters:
  ///   - chain: the chain's name.
  ///   - testnet: the network.
  ///   - sender: the account whose nonces are counted.
  ///   - networkCount: the count that the network reports: the next nonce as it sees it.
  ///   - explicit: the nonce that the pending transaction carries; it is used whatever else is known.
  ///   - now: Unix time in seconds.
  ///   - allowsJumps: whether nonces far above what was signed here are used.
  /// - Throws: `invalid-argument` for nonces of 2^63 and more.
  /// - Complexity: constant for the following transactions of a sender in a group, as long as no gap is suspected.
  public func assignNonce(
    chain: String, testnet: Bool, sender: String, networkCount: UInt64?, explicit: UInt64?, now: Int64,
    allowsJumps: Bool = false
  ) throws -> NonceAssignment {
    if let explicit {
      guard explicit <= NonceLedger.last else { throw Self.nonceTooLarge }
      let sender = Sender(chain: chain, testnet: testnet, sender: sender)
      if !allowsJumps,
        let why = NoncePlausibility.objection(to: explicit, highest: try highestNonce(of: sender))
      {
        return .implausible(why)
      }
      return .use(explicit)
    }
    guard let networkCount else { throw Self.nonceTooLarge }
    guard networkCount <= NonceLedger.last else {
      return .implausible("the network's count is \(networkCount), more than any account can have sent")
    }
    let key = Sender(chain: chain, testnet: testnet, sender: sender)
    let known = ledgers[key]
    if known?.networkCount != networkCount {
      var ledger = try ledger(key, networkCount)
      if let known { ledger.takeOver(from: known) }
      ledgers[key] = ledger
    }
    guard let assignment = ledgers[key]?.assign(now: now, grace: nonceGrace, allowsJumps: allowsJumps) else {
      throw Self.nonceTooLarge
    }
    return assignment
  }

  /// Takes back a nonce that was assigned in this group and not used, because signing was refused.
  public func release(nonce: UInt64, chain: String, testnet: Bool, sender: String) {
    ledgers[Sender(chain: chain, testnet: testnet, sender: sender)]?.release(nonce)
  }

  /// Moves the entry of an id to the archive, so that the id can be signed again (`--resign`): the decision of a person
  /// who knows that the recorded bytes can't be mined any more. False when there is no entry.
  ///
  /// A transaction of its own; not inside a group.
  public func archive(_ id: String, now: Int64) throws -> Bool {
    defer { ledgers = [:] }
    return try group {
      try connection.reporting {
        let columns = JournalEntry.columns
        try database.run(
          "INSERT INTO archive (archived_at, \(columns)) SELECT ?, \(columns) FROM entry WHERE id = ?",
          [.integer(now), .text(id)])
        return try database.run("DELETE FROM entry WHERE id = ?", [.text(id)]) > 0
      }
    }
  }

  /// The number of entries.
  public func count() throws -> Int {
    try connection.reporting { Int(try database.first("SELECT count(*) FROM entry") { $0.integer(0) } ?? 0) }
  }

  private static let nonceTooLarge = VaultError(
    .invalidArgument, "a nonce is missing, or larger than 9223372036854775807")

  /// The highest nonce that was recorded for a sender.
  private func highestNonce(of sender: Sender) throws -> UInt64? {
    try connection.reporting {
      try database.first(
        "SELECT nonce FROM entry WHERE chain = ? AND testnet = ? AND sender = ? AND nonce IS NOT NULL "
          + "ORDER BY nonce DESC LIMIT 1",
        [.text(sender.chain), SQLiteValue(sender.testnet), .text(sender.sender)]
      ) { $0.integer(0) }.flatMap { UInt64(exactly: $0) }
    }
  }

  private func ledger(_ key: Sender, _ networkCount: UInt64) throws -> NonceLedger {
    var ledger = NonceLedger(networkCount: networkCount)
    let sender: [SQLiteValue] = [.text(key.chain), SQLiteValue(key.testnet), .text(key.sender)]
    try connection.reporting {
      func add(_ row: SQLiteStatement) -> Bool {
        if let nonce = UInt64(exactly: row.integer(0)) {
          ledger.add(nonce: nonce, signedAt: row.integer(1), lastSeen: row.integer(2))
        }
        return true
      }
      let columns =
        "SELECT nonce, signed_at, last_seen FROM entry WHERE chain = ? AND testnet = ? AND sender = ?"
      try database.query(columns + " AND nonce >= ?", sender + [.integer(Int64(clamping: networkCount))], add)
      try database.query(columns + " AND nonce IS NOT NULL ORDER BY nonce DESC LIMIT 1", sender, add)
    }
    return ledger
  }
}
