public import KMSChains
public import KMSCrypto
internal import KMSPrimitives

extension Vault {
  /// How many wallets one chain has on one network.
  public struct ChainCount: Sendable, Hashable {
    /// The chain's name.
    public let chain: String
    /// Whether it is about testnets.
    public let testnet: Bool
    /// The number of wallets.
    public let wallets: Int
  }

  /// The chains that have wallets, sorted by name, mainnet first.
  ///
  /// - Parameter testnet: nil for both networks.
  /// - Complexity: linear in the number of chains, not of wallets.
  public func chains(testnet: Bool? = nil) throws -> [ChainCount] {
    let census = try reading { try Census.read(database, keys: keys) }
    return census.entries.sorted { $0.key < $1.key }.compactMap { key, entry in
      guard testnet == nil || testnet == key.testnet else { return nil }
      return ChainCount(chain: key.chain, testnet: key.testnet, wallets: Int(clamping: entry.count))
    }
  }

  /// The signature IDs of a chain on a network, sorted; checked against the sealed census, so that a missing or a
  /// strange one is `damaged`.
  ///
  /// - Complexity: linear in their number, without opening any wallet: 25,000 in some milliseconds.
  public func signatureIDs(chain: String, testnet: Bool) throws -> [String] {
    let key = Census.Key(chain: chain, testnet: testnet)
    return try reading {
      let census = try Census.read(database, keys: keys)
      let expected = try census.buckets(database, key)
      var collector = Roster.Collector()
      var found: [String] = []
      found.reserveCapacity(Int(clamping: census.entries[key]?.count ?? 0))
      try database.query(
        "SELECT signature_id FROM wallet WHERE chain = ? AND testnet = ? ORDER BY signature_id",
        [.text(chain), SQLiteValue(testnet)]
      ) { row in
        let isID = row.withText(0) { text in
          found.append(String(decoding: text))
          return collector.add(text)
        }
        guard isID else { throw Census.changed(key) }
        return true
      }
      guard collector.finish() == expected else { throw Census.changed(key) }
      return found
    }
  }

  /// The public side of a wallet; nil when there is no such wallet.
  ///
  /// - Throws: `damaged` when it can't be opened.
  public func view(of signatureID: String) throws -> WalletView? {
    try reading {
      try row(of: signatureID, withSecret: false).map { row throws in try row.view(keys) }
    }
  }

  /// The public sides of all wallets, of one chain or on one network; sorted by chain, network and signature ID.
  ///
  /// Nothing is returned unless everything opens and nothing is missing.
  public func views(chain: String? = nil, testnet: Bool? = nil) throws -> [WalletView] {
    try reading {
      let census = try Census.read(database, keys: keys)
      var views: [WalletView] = []
      for key in census.entries.keys.sorted() {
        guard chain == nil || chain == key.chain, testnet == nil || testnet == key.testnet else { continue }
        var collector = Roster.Collector()
        try database.query(
          "SELECT \(WalletRow.columns) FROM wallet WHERE chain = ? AND testnet = ? ORDER BY signature_id",
          [.text(key.chain), SQLiteValue(key.testnet)]
        ) { row in
          let row = WalletRow(row, withSecret: false)
          guard collector.add(row.signatureID) else { throw Census.changed(key) }
          views.append(try row.view(keys))
          return true
        }
        guard try collector.finish() == census.buckets(database, key) else { throw Census.changed(key) }
      }
      return views
    }
  }

  /// A wallet with its secret; nil when there is no such wallet.
  ///
  /// - Throws: `damaged` when it can't be opened; `key-required` when the vault was opened with the view key.
  public func secret(of signatureID: String) throws -> (view: WalletView, secret: SecretBytes)? {
    let full = try fullKeys("reading a secret")
    return try reading {
      guard let row = try row(of: signatureID, withSecret: true) else { return nil }
      return (try row.view(keys), try row.secret(keys, full))
    }
  }

  /// The signature IDs under which the vault has the address of `wallet` already (or its xpub or public key, when
  /// it has no address), on that chain and network; verified, not only looked up.
  public func signatureIDs(holding wallet: NewWallet, chain: String, testnet: Bool) throws -> [String] {
    let view = WalletView(wallet, signatureID: "", chain: chain, testnet: testnet)
    guard let text = WalletRow.identityText(of: view) else { return [] }
    return try reading {
      var found: [String] = []
      try database.query(
        "SELECT \(WalletRow.columns) FROM wallet WHERE identity = ?",
        [.blob(keys.identity(of: text, chain: chain, testnet: testnet))]
      ) { row in
        found.append(try WalletRow(row, withSecret: false).view(keys).signatureID)
        return true
      }
      return found
    }
  }

  func row(of signatureID: String, withSecret: Bool) throws -> WalletRow? {
    let id = signatureID.lowercased()
    let row = try database.first(
      "SELECT \(WalletRow.columns) FROM wallet WHERE signature_id = ?", [.text(id)]
    ) { WalletRow($0, withSecret: withSecret) }
    guard let row else {
      try confirmAbsence(of: id)
      return nil
    }
    // A damaged index may lead to another row.
    guard row.signatureID == id else { throw WalletRow.damaged(id, "its row has another signature ID") }
    return row
  }

  /// Makes sure that a wallet that was not found was not made to vanish: the census vouches for all IDs that begin like
  /// this one, and it must not be among them.
  private func confirmAbsence(of id: String) throws {
    guard let prefix = Roster.prefix(of: id.utf8.span) else { return }
    let census = try Census.read(database, keys: keys)
    for key in census.entries.keys {
      let expected = try census.buckets(database, key).filter { $0.prefix == prefix }
      var isThere = false
      let found = try Roster.scan(database, key, [prefix]) { isThere = isThere || $0.elementsEqual(id.utf8) }
      guard found == expected, !isThere else { throw Census.changed(key) }
    }
  }
}

extension WalletView {
  package init(_ wallet: NewWallet, signatureID: String, chain: String, testnet: Bool) {
    self.init(
      signatureID: signatureID, chain: chain, testnet: testnet, kind: wallet.kind, xpub: wallet.xpub,
      address: wallet.address, publicKey: wallet.publicKey, path: wallet.path)
  }
}
