internal import KMSCrypto
internal import KMSPrimitives

extension Census {
  /// Opens the stored census.
  ///
  /// - Throws: `damaged` when it is missing or was not written with the key.
  static func read(_ database: SQLiteDatabase, keys: VaultKeys) throws -> Census {
    guard let sealed = try database.first("SELECT sealed FROM census WHERE id = 1", [], { $0.blob(0) }) else {
      throw damaged("it is missing")
    }
    let bytes: [UInt8]
    do {
      bytes = try AESGCM.open(sealed, key: keys.view, associatedData: keys.censusAssociatedData)
        .withBytes { Array($0) }
    } catch { throw damaged("it can't be opened") }
    guard let census = Census(bytes) else { throw damaged("it can't be read") }
    return census
  }

  private static func damaged(_ reason: String) -> VaultError {
    VaultError(
      .damaged, "the vault is damaged: of the list of its wallets, \(reason)",
      hint: "restore it from a backup, or save what still opens with `kms-wallet recover`")
  }

  /// Seals and stores the census.
  func write(_ database: SQLiteDatabase, keys: VaultKeys) throws {
    let sealed = try AESGCM.seal(
      try SecretBytes(copying: encoded()), key: keys.view, associatedData: keys.censusAssociatedData)
    try database.run("INSERT OR REPLACE INTO census (id, sealed) VALUES (1, ?)", [.blob(sealed)])
  }

  /// The roster of one chain and network, checked; empty when the census has none.
  func buckets(_ database: SQLiteDatabase, _ key: Key) throws -> [Roster.Bucket] {
    guard let entry = entries[key] else { return [] }
    let bytes = try database.first(
      "SELECT buckets FROM roster WHERE chain = ? AND testnet = ?",
      [.text(key.chain), SQLiteValue(key.testnet)]
    ) { $0.blob(0) }
    guard let bytes, Hash.sha256(bytes) == entry.roster, let buckets = Roster.decode(bytes) else {
      throw Self.changed(key)
    }
    return buckets
  }

  /// Stores the roster of one chain and network, and its digest here.
  mutating func set(_ buckets: [Roster.Bucket], _ key: Key, _ database: SQLiteDatabase) throws {
    guard !buckets.isEmpty else {
      entries[key] = nil
      try database.run(
        "DELETE FROM roster WHERE chain = ? AND testnet = ?", [.text(key.chain), SQLiteValue(key.testnet)])
      return
    }
    let bytes = Roster.encode(buckets)
    entries[key] = Entry(count: buckets.reduce(0) { $0 + UInt64($1.count) }, roster: Hash.sha256(bytes))
    try database.run(
      "INSERT OR REPLACE INTO roster (chain, testnet, buckets) VALUES (?, ?, ?)",
      [.text(key.chain), SQLiteValue(key.testnet), .blob(bytes)])
  }

  /// The wallets of a chain are not those that were stored.
  static func changed(_ key: Key) -> VaultError {
    VaultError(
      .damaged,
      "the vault is damaged: the list of \(key.chain) \(key.testnet ? "testnet" : "mainnet") wallets was changed",
      hint: "restore it from a backup; `kms-wallet check` says more")
  }
}

/// Keeps the census right across a change of the table `wallet`.
///
/// The buckets that will change are checked first, so that a change made by somebody without the key is never
/// taken over into the census.
struct CensusUpdate {
  private var census: Census
  private let affected: [Census.Key: Set<UInt8>]
  private var before: [Census.Key: [Roster.Bucket]] = [:]

  /// Checks the buckets of the `signatureIDs` that are about to be added or removed.
  init(
    _ database: SQLiteDatabase, keys: VaultKeys, changing signatureIDs: [(id: String, key: Census.Key)]
  ) throws {
    census = try Census.read(database, keys: keys)
    var affected: [Census.Key: Set<UInt8>] = [:]
    for (id, key) in signatureIDs {
      guard let prefix = Roster.prefix(of: id.utf8.span) else {
        throw VaultError(.invalidWallet, "a signature ID is not a UUID in lower case")
      }
      affected[key, default: []].insert(prefix)
    }
    self.affected = affected
    for (key, prefixes) in affected {
      let buckets = try census.buckets(database, key)
      before[key] = buckets
      guard try Roster.scan(database, key, prefixes) == buckets.filter({ prefixes.contains($0.prefix) })
      else {
        throw Census.changed(key)
      }
    }
  }

  /// Stores rosters and census as the table is now.
  mutating func finish(_ database: SQLiteDatabase, keys: VaultKeys) throws {
    for (key, prefixes) in affected {
      let kept = (before[key] ?? []).filter { !prefixes.contains($0.prefix) }
      let changed = try Roster.scan(database, key, prefixes)
      try census.set((kept + changed).sorted { $0.prefix < $1.prefix }, key, database)
    }
    try census.write(database, keys: keys)
  }
}

extension Roster {
  /// The buckets that the table `wallet` yields for some prefixes; `body` is given each ID.
  static func scan(
    _ database: SQLiteDatabase, _ key: Census.Key, _ prefixes: Set<UInt8>,
    _ body: (Span<UInt8>) -> Void = { _ in }
  ) throws -> [Bucket] {
    var collector = Collector()
    for prefix in prefixes.sorted() {
      let (low, high) = range(of: prefix)
      try database.query(
        "SELECT signature_id FROM wallet WHERE chain = ? AND testnet = ? AND signature_id >= ? AND "
          + "signature_id < ? ORDER BY signature_id",
        [.text(key.chain), SQLiteValue(key.testnet), .text(low), .text(high)]
      ) { row in
        let isID = row.withText(0) { id in
          body(id)
          return collector.add(id)
        }
        guard isID else { throw Census.changed(key) }
        return true
      }
    }
    return collector.finish()
  }
}
