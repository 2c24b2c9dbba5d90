internal import Glibc
public import KMSCrypto

extension Vault {
  /// Makes an empty vault: a file of mode 0600, in a folder that is made with mode 0700 when it is missing.
  ///
  /// The file gets its name when it is complete and on the disk: there is never half a vault.
  ///
  /// - Throws: `already-exists`, also when another process was faster; `legacy-wallet-file`;
  ///   `empty-password`; `permissions-too-open` when others may use the folder; `cannot-create`.
  public static func create(
    at path: String, password: SecretBytes, cost: Argon2Cost = .standard
  ) throws -> Vault {
    try create(at: path, password: password, cost: cost, pageSize: 4096)
  }

  /// Makes the folder of a vault that is about to be made (mode 0700) when it is missing, its parent being there.
  ///
  /// - Throws: `no-home`, `cannot-create`, `permissions-too-open` when others may use the folder.
  public static func makeFolder(for path: String) throws {
    try PrivateFile.makeFolder(PrivateFile.folder(of: path))
  }

  static func create(
    at path: String, password: SecretBytes, cost: Argon2Cost, pageSize: Int,
    version: VaultFormat.Version = .newest
  ) throws -> Vault {
    try makeFolder(for: path)
    guard let folder = PrivateFile.resolve(PrivateFile.folder(of: path)) else {
      throw PrivateFile.missing(path, what: "vault")
    }
    let path = "\(folder)/\(PrivateFile.name(of: path))"
    if PrivateFile.exists(path) {
      try VaultConnection.refuseLegacyFile(path)
      throw VaultError(.alreadyExists, "there is a file at \(path) already; it was not touched")
    }
    try DatabaseFiles.refuseLeftovers(at: path)
    let keys = try VaultKeys(
      vaultKey: SecretBytes.random(count: 32), vaultID: RandomBytes.generate(count: 16), version: version)
    guard let full = keys.full else { throw VaultError(.internalError, "a new vault has no key") }
    let meta = try VaultMeta.seal(keys, full, password: password, cost: cost)
    try publishing(as: path) { temporary in
      do {
        let database = try SQLiteDatabase(path: temporary, busyTimeoutMilliseconds: 0)
        try database.execute("PRAGMA page_size=\(pageSize)")
        try database.configure()
        try database.transaction(write: true) {
          try database.execute("PRAGMA application_id=\(VaultFormat.applicationID)")
          try database.execute("PRAGMA user_version=\(version.rawValue)")
          for (_, sql) in version.schema { try database.execute(sql) }
          try meta.write(database)
          try Census().write(database, keys: keys)
          if version != .one { try VaultPolicy().write(database, keys: keys, full, journal: nil) }
        }
      } catch let error as SQLiteError { throw error.vaultError("vault", path: path) }
    }
    return Vault(
      connection: try VaultConnection(opening: path), keys: keys, cost: cost, unlockTime: nil)
  }

  /// Lets `body` fill an empty file of mode 0600 next to `path`, and gives it that name when `body` is done.
  static func publishing(as path: String, _ body: (_ temporary: String) throws -> Void) throws {
    let temporary = temporaryName(beside: path)
    do {
      try PrivateFile.create(temporary)
      try body(temporary)
      try PrivateFile.publish(temporary, as: path)
    } catch {
      for suffix in ["", "-journal"] { PrivateFile.remove(temporary + suffix) }
      throw (error as? VaultError)?.about(path, insteadOf: temporary) ?? error
    }
  }
}
