public import KMSCrypto
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

  /// Copies every wallet whose secret still opens from a damaged vault into a new one, with a new key and the same password.
  ///
  /// The damaged file is only read. Rows are sealed one by one, so what opens is what was stored. What only the list of
  /// wallets could tell is not known when the list is damaged: that a row was deleted, or that one which was removed is
  /// there again.
  ///
  /// - Parameters:
  ///   - path: the damaged vault.
  ///   - password: that of the damaged vault, and of the new one.
  ///   - copy: the new vault; it gets its name when it is complete.
  /// - Throws: `already-exists`; `wrong-password`, also when the sealed key is damaged: then nothing can be recovered; as
  ///   `Vault.open` and `Vault.create`.
  /// - Complexity: linear in the number of wallets.
  public static func recover(from path: String, password: SecretBytes, to copy: String) throws -> Recovery {
    try recover(from: path, password: password, to: copy, unsafeAnyCost: false)
  }

  /// Recovers a vault whose cost may be below the floor: for tests.
  package static func recover(
    from path: String, password: SecretBytes, to copy: String, unsafeAnyCost: Bool
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
      vaultKey: meta.open(password: password, cost: cost), vaultID: meta.vaultID)
    let old = Vault(connection: connection, keys: keys, cost: cost, unlockTime: nil)
    let random = Hex.encode(RandomBytes.generate(count: 4))
    let temporary = "\(PrivateFile.folder(of: copy))/.\(PrivateFile.name(of: copy)).\(random)"
    do {
      let salvage = Salvage(
        from: old, to: try create(at: temporary, password: password, cost: cost))
      let recovery = try salvage.run()
      try PrivateFile.publish(temporary, as: copy)
      return recovery
    } catch {
      for suffix in ["", "-journal"] { PrivateFile.remove(temporary + suffix) }
      throw error
    }
  }
}
