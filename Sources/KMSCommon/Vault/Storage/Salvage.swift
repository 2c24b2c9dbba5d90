internal import CSQLite
internal import KMSChains
internal import KMSCrypto

/// Brings what opens of a damaged vault into a new one.
final class Salvage {
  private let old: Vault
  private let new: Vault
  private var recovery = Vault.Recovery()
  private var waiting: [Vault.Addition] = []
  /// How many wallets open, to be compared with the census.
  private var counts: [Census.Key: UInt64] = [:]
  private var seenRows: Set<Int64> = []
  private var seenIDs: Set<String> = []

  private static let walletsPerTransaction = 1000

  init(from old: Vault, to new: Vault) {
    self.old = old
    self.new = new
  }

  /// Does it; throws what `Vault.add` throws.
  func run() throws -> Vault.Recovery {
    try takeAllRows()
    try store()
    compareWithCensus()
    try takePolicy()
    let check = try new.check()
    guard check.isSound, check.wallets == recovery.wallets else {
      throw VaultError(.cannotWrite, "the new vault does not keep what is stored in it")
    }
    return recovery
  }

  private func store() throws {
    recovery.wallets += try new.add(waiting, derivingAddresses: false).count
    waiting.removeAll(keepingCapacity: true)
  }

  /// Nothing may be demanded less of what is signed without a word.
  private func takePolicy() throws {
    guard let full = old.keys.full,
      let policy = try? old.connection.reading({ try VaultPolicy.read(old.database, keys: old.keys, full) })
    else {
      recovery.isIncomplete = true
      recovery.problems.append(
        "the policy is lost: approvers that were set must be set again (kms-wallet approver)")
      return
    }
    try new.set(policy)
    try new.takeJournal(of: old)
  }

  private func compareWithCensus() {
    let read = Result {
      try old.connection.reading { try Census.read(old.database, keys: old.keys) }
    }
    guard case .success(let census) = read else {
      recovery.problems.append("the list of wallets is damaged: whether one is missing can't be told")
      return
    }
    for key in Set(census.entries.keys).union(counts.keys).sorted() {
      let (expected, found) = (census.entries[key]?.count ?? 0, counts[key] ?? 0)
      guard expected != found else { continue }
      if found < expected { recovery.isIncomplete = true }
      recovery.problems.append(
        "\(key.chain) \(key.testnet ? "testnet" : "mainnet"): \(expected) wallets were stored and \(found) recovered"
      )
    }
  }

  // MARK: One row

  private func take(_ row: WalletRow) throws {
    let id = LegacyConversion.printable(row.signatureID)
    guard seenIDs.insert(row.signatureID).inserted else {
      recovery.problems.append("wallet \(id) is in the file twice")
      return
    }
    guard let kind = WalletKind(rawValue: row.kind), (try? Vault.checkedSignatureID(row.signatureID)) != nil,
      let full = old.keys.full, let secret = try? row.secret(old.keys, full)
    else { return lose(id, "its secret can't be opened") }
    var wallet: NewWallet
    if let view = try? row.view(old.keys, checkingIdentity: false) {
      wallet = NewWallet(
        kind: kind, secret: secret, xpub: view.xpub, address: view.address, publicKey: view.publicKey)
      wallet.path = view.path
    } else if let derived = Self.derive(kind, secret, row) {
      wallet = derived
      recovery.problems.append(
        "wallet \(id): its public side was damaged and is derived from the secret again, at the "
          + "chain's own path")
    } else {
      wallet = NewWallet(kind: kind, secret: secret)
      recovery.problems.append("wallet \(id): its public side was damaged and is left out")
    }
    counts[Census.Key(chain: row.chain, testnet: row.testnet), default: 0] += 1
    waiting.append(
      .init(wallet, chain: row.chain, testnet: row.testnet, signatureID: row.signatureID))
    if waiting.count >= Self.walletsPerTransaction { try store() }
  }

  private func lose(_ id: String, _ reason: String) {
    recovery.lost.append(id)
    recovery.problems.append("wallet \(id) is lost: \(reason)")
  }

  private static func derive(_ kind: WalletKind, _ secret: SecretBytes, _ row: WalletRow) -> NewWallet? {
    guard let scheme = SigningRegistry.wallets(of: row.chain),
      let derived = kind == .mnemonic
        ? try? scheme.wallet(mnemonic: secret, testnet: row.testnet)
        : try? scheme.wallet(privateKey: secret, testnet: row.testnet)
    else { return nil }
    return NewWallet(
      kind: kind, secret: secret, xpub: derived.xpub, address: derived.address, publicKey: derived.publicKey)
  }

  // MARK: All rows, also of a file whose structure is damaged

  /// Takes every row: as SQLite gives them, and where that ends early, from every page of the file that is a leaf of a
  /// table, whatever became of the pages above it.
  private func takeAllRows() throws {
    if try walk() { return }
    recovery.problems.append("the structure of the file is damaged")
    try TablePages(old.database).forEachRow { number, values in
      guard let row = WalletRow(values), seenRows.insert(number).inserted else { return }
      try take(row)
    }
    for id in indexedIDs().sorted() where !seenIDs.contains(id) {
      lose(LegacyConversion.printable(id), "its row can't be read")
    }
  }

  /// Takes rows in portions; false when the file's structure ends the way.
  private func walk() throws -> Bool {
    var last = Int64.min
    while true {
      var found: [(number: Int64, row: WalletRow)] = []
      var isWhole = true
      do {
        try old.database.query(
          "SELECT \(WalletRow.columns), number FROM wallet WHERE number > ? ORDER BY number LIMIT 500",
          [.integer(last)]
        ) { row in
          last = row.integer(7)
          found.append((last, WalletRow(row, withSecret: true)))
          return true
        }
      } catch let error as SQLiteError where error.isDamage { isWhole = false }
      for (number, row) in found where seenRows.insert(number).inserted { try take(row) }
      guard isWhole, !found.isEmpty else { return isWhole }
    }
  }

  /// The signature IDs that the index has, as far as it can be read from either end.
  private func indexedIDs() -> Set<String> {
    var ids: Set<String> = []
    for order in ["", " DESC"] {
      let columns = ["chain", "testnet", "signature_id"].map { $0 + order }.joined(separator: ", ")
      // An error is the end of what can be read; the rest of the file is damaged as well.
      try? old.database.query(
        "SELECT signature_id FROM wallet INDEXED BY wallet_by_chain ORDER BY \(columns)"
      ) {
        ids.insert($0.text(0))
        return true
      }
    }
    return ids
  }
}

extension SQLiteError {
  /// Whether the file is not what SQLite wrote.
  fileprivate var isDamage: Bool { [SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_IOERR].contains(code) }
}
