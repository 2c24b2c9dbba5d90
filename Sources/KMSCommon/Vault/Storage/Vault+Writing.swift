public import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

extension Vault {
  /// A wallet on its way into the vault.
  public struct Addition: Sendable {
    /// The wallet.
    public var wallet: NewWallet
    /// The chain's name.
    public var chain: String
    /// Whether it is for testnets.
    public var testnet: Bool
    /// The signature ID to keep, when the wallet has one already (import).
    public var signatureID: String?

    /// Creates an addition; a signature ID is made when none is given.
    public init(_ wallet: NewWallet, chain: String, testnet: Bool, signatureID: String? = nil) {
      self.wallet = wallet
      self.chain = chain
      self.testnet = testnet
      self.signatureID = signatureID
    }
  }

  /// Stores a wallet in a transaction of its own, under a new signature ID.
  ///
  /// Before it is committed it is read back and opened; secret, xpub, address and public key must be those given, and
  /// the chain's code must derive them from the secret read back.
  ///
  /// - Throws: `key-required`, `invalid-wallet`, `wallet-exists` when the signature ID is taken, `cannot-write`,
  ///   `busy`. Nothing is stored then.
  /// - Complexity: logarithmic in the number of wallets, plus 1/256 of the wallets of the chain.
  public func add(_ wallet: NewWallet, chain: String, testnet: Bool, signatureID: String? = nil) throws
    -> WalletView
  {
    let addition = Addition(wallet, chain: chain, testnet: testnet, signatureID: signatureID)
    guard let view = try add([addition], derivingAddresses: true).first else {
      throw VaultError(.internalError, "one wallet was stored and none returned")
    }
    return view
  }

  /// Stores wallets in one transaction: all of them or none. The views come in the order of `additions`.
  ///
  /// A caller with very many wallets stores some thousands at a time and reports them after each call: what was
  /// reported is stored, whatever happens then.
  ///
  /// - Parameters:
  ///   - additions: the wallets.
  ///   - derivingAddresses: whether the chain's code also derives addresses from the secrets read back. Not needed for
  ///     keys that were generated a moment ago, and slow for mnemonics (2048 rounds of PBKDF2 each).
  /// - Throws: as `add(_:chain:testnet:signatureID:)`.
  public func add(_ additions: [Addition], derivingAddresses: Bool) throws -> [WalletView] {
    try add(additions) { derivingAddresses ? SigningRegistry.wallets(of: $0) : nil }
  }

  package func add(_ additions: [Addition], schemes: (String) -> (any WalletScheme)?) throws -> [WalletView] {
    let full = try fullKeys("storing a wallet")
    let rows = try additions.map { addition -> WalletRow in
      guard !addition.chain.isEmpty, addition.wallet.secret.count > 0 else {
        throw VaultError(.invalidWallet, "a wallet without a chain or without a secret can't be stored")
      }
      let id = try addition.signatureID.map { try Self.checkedSignatureID($0) } ?? Self.newSignatureID()
      let view = WalletView(
        addition.wallet, signatureID: id, chain: addition.chain, testnet: addition.testnet)
      return try WalletRow(view, secret: addition.wallet.secret, keys: keys, full: full)
    }
    let views = try writing {
      var census = try CensusUpdate(
        database, keys: keys,
        changing: rows.map { ($0.signatureID, Census.Key(chain: $0.chain, testnet: $0.testnet)) })
      for row in rows { try insert(row) }
      try census.finish(database, keys: keys)
      return try zip(rows, additions).map { row, addition in
        try readBack(row.signatureID, addition, full, scheme: schemes(addition.chain))
      }
    }
    return views
  }

  /// Removes a wallet and overwrites its row; false when there is none.
  ///
  /// - Throws: `key-required`, `damaged`, `cannot-write`, `busy`.
  public func remove(_ signatureID: String) throws -> Bool {
    _ = try fullKeys("removing a wallet")
    return try writing {
      guard let row = try row(of: signatureID, withSecret: false) else { return false }
      let key = Census.Key(chain: row.chain, testnet: row.testnet)
      var census = try CensusUpdate(database, keys: keys, changing: [(row.signatureID, key)])
      try database.run("DELETE FROM wallet WHERE signature_id = ?", [.text(row.signatureID)])
      try census.finish(database, keys: keys)
      return true
    }
  }

  private func insert(_ row: WalletRow) throws {
    do {
      try database.run(
        "INSERT INTO wallet (\(WalletRow.columns)) VALUES (?, ?, ?, ?, ?, ?, ?)", row.values)
    } catch {
      guard error.isUniqueViolation else { throw error }
      throw VaultError(
        .walletExists, "the vault has a wallet with the signature ID \(row.signatureID) already")
    }
  }

  private func readBack(
    _ signatureID: String, _ given: Addition, _ full: VaultKeys.Full, scheme: (any WalletScheme)?
  ) throws -> WalletView {
    func refuse(_ reason: String) -> VaultError {
      VaultError(.invalidWallet, "the wallet was not stored: \(reason)")
    }
    guard let row = try row(of: signatureID, withSecret: true) else {
      throw refuse("it could not be read back")
    }
    let view = try row.view(keys)
    let secret = try row.secret(keys, full)
    guard secret == given.wallet.secret,
      view == WalletView(given.wallet, signatureID: signatureID, chain: given.chain, testnet: given.testnet)
    else { throw refuse("what was read back is not what was given") }
    if let scheme = try scheme?.scheme(of: view) {
      let derived =
        view.kind == .mnemonic
        ? try scheme.wallet(uncheckedMnemonic: secret, testnet: view.testnet)
        : try scheme.wallet(privateKey: secret, testnet: view.testnet)
      guard derived.address == view.address, derived.xpub == view.xpub, derived.publicKey == view.publicKey
      else { throw refuse("its address is not the one that its secret yields") }
    }
    return view
  }

  /// A random UUID, version 4 (RFC 9562 section 5.4), in lower case.
  static func newSignatureID() -> String {
    var bytes = RandomBytes.generate(count: 16)
    bytes[6] = bytes[6] & 0x0f | 0x40
    bytes[8] = bytes[8] & 0x3f | 0x80
    return uuidText(bytes)
  }

  /// The text form of 16 bytes, in lower case.
  static func uuidText(_ bytes: [UInt8]) -> String {
    let hex = Array(Hex.encode(bytes))
    return [hex[0..<8], hex[8..<12], hex[12..<16], hex[16..<20], hex[20..<32]].map { String($0) }
      .joined(separator: "-")
  }

  /// A UUID in lower case.
  static func checkedSignatureID(_ text: String) throws(VaultError) -> String {
    let text = text.lowercased()
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [8, 4, 4, 4, 12],
      parts.allSatisfy({ $0.utf8.allSatisfy(Hex.isDigit) })
    else { throw VaultError(.invalidWallet, "the signature ID of a wallet is not a UUID") }
    return text
  }
}
