public import KMSChains
public import KMSCrypto

extension Vault {
  /// Gives the vault another password or other Argon2id parameters; one row is rewritten, no wallet is touched.
  ///
  /// The old password opens old copies of the file still: after a leak, use `rekey`.
  ///
  /// - Throws: `key-required`, `empty-password`, `cannot-write`, `busy`; the old password is valid then.
  public func changePassword(to password: SecretBytes, cost: Argon2Cost? = nil) throws {
    let full = try fullKeys("changing the password")
    let cost = cost ?? self.cost
    let meta = try VaultMeta.seal(keys, full, password: password, cost: cost)
    try writing { try meta.write(database) }
    self.cost = cost
  }

  /// Gives the vault a new key under the same password and seals every wallet anew, all in one transaction; a vault of
  /// an older format becomes one of the newest.
  ///
  /// Keys that were handed to stages do not open the vault any more. Bytes sealed under the old key may remain in
  /// unused blocks of the disk and in backups.
  ///
  /// - Throws: `wrong-password`, `key-required`, `damaged` when one wallet can't be opened, `cannot-write`, `busy`;
  ///   nothing was changed then.
  /// - Complexity: linear in the number of wallets.
  public func rekey(password: SecretBytes) throws {
    let full = try fullKeys("changing the key")
    let meta = try reading { try VaultMeta.read(database) }
    _ = try meta.open(password: password, cost: cost, version: keys.version)
    let newKeys = try VaultKeys(
      vaultKey: SecretBytes.random(count: 32), vaultID: keys.vaultID, version: .newest)
    guard let newFull = newKeys.full else { throw VaultError(.internalError, "a new key is not complete") }
    let newMeta = try VaultMeta.seal(newKeys, newFull, password: password, cost: cost)
    try writing {
      guard try VaultMeta.read(database).salt == meta.salt else {
        throw VaultError(
          .busy, "the password of the vault \(path) was changed at the same time", hint: "try again")
      }
      let census = try Census.read(database, keys: keys)
      let policy = try VaultPolicy.read(database, keys: keys, full)
      // The journal keeps its key, which is sealed under the new one.
      let journal = try JournalBinding(VaultPolicy.stored(database, keys: keys, full), keys: keys, full)
      if keys.version != .newest {
        try database.execute(VaultFormat.policyTable.sql)
        try database.execute("PRAGMA user_version=\(VaultFormat.Version.newest.rawValue)")
      }
      let problems = try censusProblems(census)
      if let first = problems.first { throw VaultError(.damaged, first, hint: "restore it from a backup") }
      try forEachRow { number, row in
        let sealed = try WalletRow(
          try row.view(keys), secret: row.secret(keys, full), keys: newKeys, full: newFull)
        try database.run(
          "UPDATE wallet SET identity = ?, public = ?, secret = ? WHERE number = ?",
          [
            SQLiteValue(sealed.identity), .blob(sealed.publicSealed), .blob(sealed.secretSealed),
            .integer(number),
          ])
      }
      try census.write(database, keys: newKeys)
      try policy.write(
        database, keys: newKeys, newFull, journal: journal.json(newKeys, newFull, keyIsOld: true))
      try newMeta.write(database)
    }
    keys = newKeys
    connection.isNowNewest()
  }

  /// Copies the vault, as it is at one instant, into a new file of mode 0600, then opens every wallet of the copy.
  ///
  /// Other processes may use the vault meanwhile. The copy has the vault's password and keys.
  ///
  /// - Returns: the number of wallets in the copy.
  /// - Throws: `already-exists` when there is a file at `path`; `damaged` when a wallet of the copy does not open;
  ///   `key-required`, `cannot-create`, `cannot-write`. There is no copy then.
  public func backup(to path: String) throws -> Int {
    _ = try fullKeys("a backup, which is checked,")
    if PrivateFile.exists(path) { throw VaultError(.alreadyExists, "there is a file at \(path) already") }
    try DatabaseFiles.refuseLeftovers(at: path)
    var wallets = 0
    try Self.publishing(as: path) { temporary in
      try copy(to: temporary)
      let copy = Vault(
        connection: try VaultConnection(unchecked: temporary), keys: keys, cost: cost, unlockTime: nil)
      let report = try copy.check()
      guard report.isSound else {
        throw VaultError(
          .damaged, "the copy was not kept: \(report.problems.first ?? "a wallet does not open")",
          hint: "`kms-wallet check` lists what is damaged")
      }
      wallets = report.wallets
    }
    return wallets
  }

  /// Writes the database as it is at one instant into an empty file. What goes wrong is said of the file it is wrong with.
  private func copy(to temporary: String) throws {
    do { try database.run("VACUUM INTO ?", [.text(temporary)]) } catch {
      // The vault is open and was read: what can't be opened, written or has no room is the copy (https://sqlite.org/rescode.html).
      guard error.isOfWriting else { throw error.vaultError("vault", path: path) }
      throw VaultError(
        .cannotWrite,
        error.isOfFullDisk
          ? "no space left for the copy \(temporary)"
          : "the copy \(temporary) can't be written: \(error.message)",
        hint: "there is no copy; the vault was only read")
    }
  }

  /// What `check` found.
  public struct Report: Sendable {
    /// The number of wallets that opened.
    public var wallets = 0
    /// The signature IDs of wallets that do not open.
    public var damaged: [String] = []
    /// Everything that is wrong, in sentences.
    public var problems: [String] = []
    /// Whether nothing is wrong.
    public var isSound: Bool { problems.isEmpty }
  }

  /// Opens every record, and checks that none is missing and that SQLite's own structures are whole.
  ///
  /// With the view key, the public sides only.
  ///
  /// - Parameter inspect: is given every wallet that opens, with its secret; not with the view key.
  /// - Complexity: linear in the number of wallets.
  public func check(
    inspecting inspect: (WalletView, SecretBytes) throws -> Void = { _, _ in }
  ) throws -> Report {
    try reading {
      var report = Report()
      try database.query("PRAGMA integrity_check(20)") { row in
        let text = row.text(0)
        if text != "ok" { report.problems.append("SQLite: \(text)") }
        return true
      }
      try forEachRow { _, row in
        do {
          let view = try row.view(keys)
          if let full = keys.full { try inspect(view, row.secret(keys, full)) }
          report.wallets += 1
        } catch let error as VaultError {
          report.damaged.append(row.signatureID)
          report.problems.append(error.message)
        }
      }
      if let full = keys.full {
        do { _ = try VaultPolicy.read(database, keys: keys, full) } catch let error as VaultError {
          report.problems.append(error.message)
        }
      }
      do { report.problems += try censusProblems(try Census.read(database, keys: keys)) } catch let error
        as VaultError
      { report.problems.append(error.message) }
      return report
    }
  }

  /// Gives every row to `body`, in the order in which they were stored; `body` may change the table.
  private func forEachRow(_ body: (_ number: Int64, _ row: WalletRow) throws -> Void) throws {
    var last = Int64.min
    while true {
      var rows: [(Int64, WalletRow)] = []
      try database.query(
        "SELECT \(WalletRow.columns), number FROM wallet WHERE number > ? ORDER BY number LIMIT 500",
        [.integer(last)]
      ) { row in
        last = row.integer(7)
        rows.append((last, WalletRow(row, withSecret: true)))
        return true
      }
      if rows.isEmpty { return }
      for (number, row) in rows { try body(number, row) }
    }
  }

  /// Compares all rows with the census.
  private func censusProblems(_ census: Census) throws -> [String] {
    var collectors: [Census.Key: Roster.Collector] = [:]
    var problems: [String] = []
    try database.query("SELECT chain, testnet, signature_id FROM wallet ORDER BY signature_id") { row in
      let key = Census.Key(chain: row.text(0), testnet: row.integer(1) != 0)
      let id = row.text(2)
      if !collectors[key, default: Roster.Collector()].add(id) {
        problems.append("the signature ID \(id.debugDescription) is not one")
      }
      return true
    }
    for key in Set(census.entries.keys).union(collectors.keys).sorted() {
      var collector = collectors[key] ?? Roster.Collector()
      let found = collector.finish()
      let count = found.reduce(0) { $0 + UInt64($1.count) }
      let expected = census.entries[key]?.count ?? 0
      let name = "\(key.chain) \(key.testnet ? "testnet" : "mainnet")"
      do {
        if try census.buckets(database, key) == found { continue }
        problems.append(
          "\(name) has \(count) wallets and \(expected) were stored"
            + (count == expected ? "; they are not the same ones" : ""))
      } catch let error as VaultError { problems.append(error.message) }
    }
    return problems
  }
}
