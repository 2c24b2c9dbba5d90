public import KMSCrypto
public import KMSRecords

/// The vault: wallets in one SQLite file, secrets and addresses sealed. docs/vault.md specifies the file.
///
/// Opened with a password or the vault key it reads and writes everything; opened with the view key it reads the
/// public side of wallets only. Several processes may use one vault at once: each operation is a transaction, and
/// one that waits longer than 30 seconds for another process ends in `busy`.
///
/// Every function that touches the file throws `VaultError`: `busy`, `damaged`, `cannot-read`, `cannot-write` (then
/// nothing was changed), and `wrong-key` when `rekey` changed the vault's key since it was opened. One connection is
/// for one thread at a time.
public final class Vault {
  /// The file, symbolic links resolved.
  public let path: String
  /// How hard the password is to guess. Changes with `changePassword`.
  public internal(set) var cost: Argon2Cost
  /// How long Argon2id took to turn the password into a key; nil when the vault was opened with a key.
  public internal(set) var unlockTime: Duration?

  package let connection: VaultConnection
  var keys: VaultKeys

  var database: SQLiteDatabase { connection.database }

  init(connection: VaultConnection, keys: VaultKeys, cost: Argon2Cost, unlockTime: Duration?) {
    self.connection = connection
    path = connection.path
    self.keys = keys
    self.cost = cost
    self.unlockTime = unlockTime
  }

  /// Opens a vault for reading and writing everything.
  ///
  /// - Throws: `wrong-password`; `no-vault`, `not-a-vault`, `legacy-wallet-file`, `newer-version`,
  ///   `permissions-too-open`, `cost-out-of-range` before the password is tried.
  public static func open(at path: String, password: SecretBytes) throws -> Vault {
    try open(at: path, password: password, unsafeAnyCost: false)
  }

  /// Opens a vault whose cost may be below the floor: for tests.
  package static func open(at path: String, password: SecretBytes, unsafeAnyCost: Bool) throws -> Vault {
    let connection = try VaultConnection(opening: path)
    let meta = try connection.reading { try VaultMeta.read(connection.database) }
    let cost = try meta.cost(unsafeAnyCost: unsafeAnyCost)
    let clock = ContinuousClock()
    let start = clock.now
    let vaultKey = try meta.open(password: password, cost: cost, version: connection.version)
    let unlockTime = start.duration(to: clock.now)
    let keys = try VaultKeys(vaultKey: vaultKey, vaultID: meta.vaultID, version: connection.version)
    guard ConstantTime.equal(keys.keyCheck, meta.keyCheck) else {
      throw VaultError(
        .damaged, "the vault \(connection.path) is damaged: its key check does not fit its key")
    }
    return Vault(connection: connection, keys: keys, cost: cost, unlockTime: unlockTime)
  }

  /// Opens a vault with a key: the vault key opens everything, the view key the public side of wallets. The
  /// key is used up.
  ///
  /// - Throws: `wrong-key` when it is the key of another vault, or the approve key; as `open(at:password:)`.
  public static func open(at path: String, key: consuming StageKey) throws -> Vault {
    let connection = try VaultConnection(opening: path)
    let meta = try connection.reading { try VaultMeta.read(connection.database) }
    let keys: VaultKeys
    switch key.kind {
    case .vault:
      keys = try VaultKeys(vaultKey: key.secret, vaultID: meta.vaultID, version: connection.version)
    case .view:
      keys = try VaultKeys(viewKey: key.secret, vaultID: meta.vaultID, version: connection.version)
      try connection.reading { try connection.database.execute("PRAGMA query_only=ON") }
    case .approve: throw VaultError(.wrongKey, "the approve key opens nothing in a vault")
    }
    guard ConstantTime.equal(keys.keyCheck, meta.keyCheck) else {
      throw VaultError(
        .wrongKey, "the \(key.kind.rawValue) key is not of the vault \(connection.path)",
        hint: "`kms-wallet unlock` gives the keys of this vault")
    }
    return Vault(
      connection: connection, keys: keys, cost: try meta.cost(unsafeAnyCost: true), unlockTime: nil)
  }

  /// The key for one stage.
  ///
  /// - Throws: `key-required` when the vault was opened with the view key and another key is asked for.
  public func key(for kind: StageKey.Kind) throws -> StageKey {
    let secret: SecretBytes
    switch kind {
    case .view: secret = keys.view
    case .vault: secret = try fullKeys("handing over the vault key").vault
    case .approve: secret = try fullKeys("deriving the approve key").approve
    }
    guard let key = StageKey(kind, secret) else {
      throw VaultError(.internalError, "a key of the vault is not 32 bytes long")
    }
    return key
  }

  // MARK: For the other files of this class

  /// The keys that only the vault key gives.
  func fullKeys(_ purpose: String) throws(VaultError) -> VaultKeys.Full {
    guard let full = keys.full else {
      throw VaultError(.keyRequired, "\(purpose) needs the password or the vault key; this is the view key")
    }
    return full
  }

  /// Runs `body` on one consistent state of the file.
  func reading<R>(_ body: () throws -> R) throws -> R {
    try explaining { try connection.reading { try database.transaction(write: false, body) } }
  }

  /// Runs `body` in a transaction that holds the write lock.
  func writing<R>(_ body: () throws -> R) throws -> R {
    try connection.reading {
      try database.transaction(write: true) {
        try checkKeyIsCurrent()
        return try body()
      }
    }
  }

  /// Tells "damaged" from "has another key since": a vault can get a new key while a stage runs.
  private func explaining<R>(_ body: () throws -> R) throws -> R {
    do { return try body() } catch let error as VaultError where error.code == .damaged {
      try connection.reading { try checkKeyIsCurrent() }
      throw error
    }
  }

  private func checkKeyIsCurrent() throws {
    guard ConstantTime.equal(try VaultMeta.read(database).keyCheck, keys.keyCheck) else {
      throw VaultError(
        .wrongKey, "the vault \(path) got a new key since it was opened", hint: "unlock it again")
    }
  }
}
