package import KMSCrypto

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
    try DatabaseFiles.refuseLeftovers(at: copy)
    // Whoever opens a database finishes what is half done in it: it is done in a copy.
    let damaged = temporaryName(beside: copy)
    defer { DatabaseFiles.remove(damaged) }
    do {
      guard let file = PrivateFile.resolve(path) else { throw PrivateFile.missing(path, what: "vault") }
      try PrivateFile.check(file, what: "vault")
      let holes = try DatabaseFiles.copy(file, to: damaged, withHoles: true)
      var recovery = try salvage(damaged, password, to: copy, unsafeAnyCost, derive)
      recovery.problems = recovery.problems.map { $0.replacing(damaged, with: file) }
      if holes > 0 { recovery.problems.append("\(holes) bytes of \(file) could not be read") }
      return recovery
    } catch let error as VaultError { throw error.about(path, insteadOf: damaged) }
  }

  /// Finds out what would be in the way before anybody is asked for a password. The damaged vault is not opened, for that would
  /// finish what is half done in it.
  ///
  /// - Throws: as `recover`.
  public static func checkRecovering(from path: String, to copy: String) throws {
    guard let file = PrivateFile.resolve(path) else { throw PrivateFile.missing(path, what: "vault") }
    try PrivateFile.check(file, what: "vault")
    try VaultConnection.refuseLegacyFile(file)
    if PrivateFile.exists(copy) {
      throw VaultError(.alreadyExists, "there is a file at \(copy) already; it was not touched")
    }
    try DatabaseFiles.refuseLeftovers(at: copy)
  }

  private static func salvage(
    _ damaged: String, _ password: SecretBytes, to copy: String, _ unsafeAnyCost: Bool,
    _ derive: @escaping Derivation
  ) throws -> Recovery {
    let connection = try VaultConnection(opening: damaged)
    let meta = try connection.reading { try VaultMeta.read(connection.database) }
    let cost = try meta.cost(unsafeAnyCost: unsafeAnyCost)
    // Authenticated encryption vouches for the key; its check, which may be damaged, is not looked at.
    let keys = try VaultKeys(
      vaultKey: meta.open(password: password, cost: cost, version: connection.version),
      vaultID: meta.vaultID, version: connection.version)
    let old = Vault(connection: connection, keys: keys, cost: cost, unlockTime: nil)
    let temporary = temporaryName(beside: copy)
    do {
      let salvage = Salvage(
        from: old, to: try create(at: temporary, password: password, cost: cost), deriving: derive)
      let recovery = try salvage.run()
      try PrivateFile.publish(temporary, as: copy)
      return recovery
    } catch {
      DatabaseFiles.remove(temporary)
      throw (error as? VaultError)?.about(copy, insteadOf: temporary) ?? error
    }
  }
}
