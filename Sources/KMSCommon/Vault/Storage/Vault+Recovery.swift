package import KMSCrypto
internal import KMSPrimitives

extension Vault {
  /// What `recover` found.
  public struct Recovery: Sendable {
    /// The number of wallets in the new vault.
    public internal(set) var wallets = 0
    /// Signature IDs of wallets whose secret does not open.
    public internal(set) var lost: [String] = []
    /// Everything that is wrong, in sentences.
    public internal(set) var problems: [String] = []
    /// Whether more wallets were stored than are in the new vault.
    public internal(set) var isIncomplete = false
  }

  /// Copies every wallet whose secret still opens from a damaged vault into a new one (see KMSWallets).
  ///
  /// - Parameters:
  ///   - unsafeAnyCost: whether the cost may be below the floor: for tests.
  ///   - derive: derives a damaged public side again.
  package static func recover(
    from path: String, password: SecretBytes, to copy: String, unsafeAnyCost: Bool,
    deriving derive: @escaping Derivation
  ) throws -> Recovery {
    try makeFolder(for: copy)
    if PrivateFile.exists(copy) {
      throw VaultError(.alreadyExists, "there is a file at \(copy) already; it was not touched")
    }
    let connection = try VaultConnection(opening: path)
    let meta = try connection.reading { try VaultMeta.read(connection.database) }
    let cost = try meta.cost(unsafeAnyCost: unsafeAnyCost)
    // Authenticated encryption vouches for the key; its check, which may be damaged, is not looked at.
    let keys = try VaultKeys(
      vaultKey: meta.open(password: password, cost: cost, version: connection.version),
      vaultID: meta.vaultID, version: connection.version)
    let old = Vault(connection: connection, keys: keys, cost: cost, unlockTime: nil)
    let random = Hex.encode(RandomBytes.generate(count: 4))
    let temporary = "\(PrivateFile.folder(of: copy))/.\(PrivateFile.name(of: copy)).\(random)"
    do {
      let salvage = Salvage(
        from: old, to: try create(at: temporary, password: password, cost: cost), deriving: derive)
      let recovery = try salvage.run()
      try PrivateFile.publish(temporary, as: copy)
      return recovery
    } catch {
      for suffix in ["", "-journal"] { PrivateFile.remove(temporary + suffix) }
      throw error
    }
  }
}
