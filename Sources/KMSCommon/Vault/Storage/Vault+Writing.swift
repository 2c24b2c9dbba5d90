public import KMSChains
package import KMSCrypto
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

  /// What the wallet `view`, with this secret, says of itself; nil where nobody knows its chain.
  ///
  /// The vault holds no code of chains, which kms-fetch would link: who stores keys hands it in (KMSWallets).
  package typealias Derivation = (_ view: WalletView, _ secret: SecretBytes) throws -> NewWallet?

  /// Stores wallets in one transaction: all of them or none. The views come in the order of `additions`.
  ///
  /// - Parameters:
  ///   - additions: the wallets.
  ///   - derive: what must derive, from the secret read back, what is stored beside it; nil: it isn't compared.
  /// - Throws: `key-required`, `invalid-wallet`, `wallet-exists` when a signature ID is taken, `cannot-write`, `busy`.
  ///   Nothing is stored then.
  package func add(_ additions: [Addition], deriving derive: Derivation?) throws -> [WalletView] {
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
        try readBack(row.signatureID, addition, full, derive)
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
    _ signatureID: String, _ given: Addition, _ full: VaultKeys.Full, _ derive: Derivation?
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
    if let derived = try derive?(view, secret) {
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
  package static func uuidText(_ bytes: [UInt8]) -> String {
    let hex = Array(Hex.encode(bytes))
    return [hex[0..<8], hex[8..<12], hex[12..<16], hex[16..<20], hex[20..<32]].map { String($0) }
      .joined(separator: "-")
  }

  /// A UUID in lower case.
  package static func checkedSignatureID(_ text: String) throws(VaultError) -> String {
    let text = text.lowercased()
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [8, 4, 4, 4, 12],
      parts.allSatisfy({ $0.utf8.allSatisfy(Hex.isDigit) })
    else { throw VaultError(.invalidWallet, "the signature ID of a wallet is not a UUID") }
    return text
  }

  /// Text of the file in a message: what is no address is not repeated.
  package static func printable(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    return isPlain && text.utf8.count <= 200 ? text : "something else"
  }
}
