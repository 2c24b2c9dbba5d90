internal import KMSChains
public import KMSCrypto
internal import KMSPrimitives

extension Vault {
  /// What `restore` did.
  public struct Restoration {
    /// The vault that was restored, open.
    public let vault: Vault
    /// The number of its wallets.
    public let wallets: Int
    /// Where the vault is now that was there before; nil when there was none.
    public let aside: String?
    /// The signature IDs of wallets that the earlier vault has and the restored one has not; nil when that is not known,
    /// because it does not open with the password.
    public let missing: [String]?
  }

  /// Puts a backup in the place of a vault, when it opens with the password and every wallet of it opens.
  ///
  /// The backup is only read, wherever it lies. The vault that is there is kept beside it, as it is, with what a crash may have left
  /// beside that. At every instant there is, under the name, the whole old vault, nothing, or the whole backup.
  ///
  /// - Parameters:
  ///   - backup: a file of `backup`, or a copy of a vault, with its rollback journal if it has one.
  ///   - path: the vault.
  ///   - password: that of the backup.
  ///   - replacing: whether a vault that is there may be put aside.
  ///   - time: what is appended to its name.
  /// - Throws: `already-exists` when there is one and it may not; `no-vault` when there is no backup; `wrong-password`, `damaged`,
  ///   `not-a-vault`, `legacy-wallet-file` of the backup; `cannot-create`, `cannot-write`. Nothing was changed then.
  public static func restore(
    from backup: String, to path: String, password: SecretBytes, replacing: Bool, time: String
  ) throws -> Restoration {
    try restore(
      from: backup, to: path, password: password, replacing: replacing, time: time, unsafeAnyCost: false)
  }

  /// Restores a vault whose cost may be below the floor: for tests.
  package static func restore(
    from backup: String, to path: String, password: SecretBytes, replacing: Bool, time: String,
    unsafeAnyCost: Bool
  ) throws -> Restoration {
    let path = try checkRestoring(from: backup, to: path, replacing: replacing)
    let temporary = temporaryName(beside: path)
    defer { DatabaseFiles.remove(temporary) }
    let (restored, wallets, ids): (Vault, Int, Set<String>)
    do {
      _ = try DatabaseFiles.copy(backup, to: temporary)
      let vault = try open(at: temporary, password: password, unsafeAnyCost: unsafeAnyCost)
      let report = try vault.check()
      if let problem = report.problems.first { throw VaultError(.damaged, problem) }
      (restored, wallets, ids) = (vault, report.wallets, Set(try vault.views().map(\.signatureID)))
    } catch let error as VaultError {
      throw error.about(backup, insteadOf: temporary, hint: hint(for: error, backup))
    }
    let isThere = !DatabaseFiles.present(at: path).isEmpty
    let missing = isThere ? missingIDs(ids, of: path, password, unsafeAnyCost) : []
    let aside = isThere ? "\(path).before-restore-\(time)" : nil
    if let aside {
      guard DatabaseFiles.present(at: aside).isEmpty else {
        throw VaultError(.alreadyExists, "there is a file at \(aside) already", hint: "try again in a second")
      }
      try DatabaseFiles.move(path, to: aside)
    }
    try publish(temporary, as: path, orPutBack: aside)
    // The password was tried once, on the copy.
    let vault = Vault(
      connection: try VaultConnection(opening: path), keys: restored.keys, cost: restored.cost,
      unlockTime: nil)
    return Restoration(vault: vault, wallets: wallets, aside: aside, missing: missing)
  }

  /// Gives the restored vault its name, or the one that was put aside for it.
  private static func publish(
    _ temporary: String, as path: String, orPutBack aside: String?
  ) throws(VaultError) {
    do { try PrivateFile.publish(temporary, as: path) } catch {
      guard let aside else { throw error }
      guard error.code != .alreadyExists else {
        // Somebody has made another one meanwhile, which is not ours to replace.
        throw VaultError(error.code, error.message, hint: "the vault that was there is kept as \(aside)")
      }
      try DatabaseFiles.move(aside, to: path)
      throw error
    }
  }

  /// Finds out what would be in the way before anybody is asked for a password. Returns the file, symbolic links resolved.
  ///
  /// - Throws: as `restore`.
  @discardableResult
  public static func checkRestoring(from backup: String, to path: String, replacing: Bool) throws -> String {
    guard let source = PrivateFile.resolve(backup) else {
      throw VaultError(.noVault, "there is no backup at \(backup)")
    }
    try VaultConnection.refuseLegacyFile(source)
    try makeFolder(for: path)
    guard let folder = PrivateFile.resolve(PrivateFile.folder(of: path)) else {
      throw PrivateFile.missing(path, what: "vault")
    }
    let file = PrivateFile.resolve(path) ?? "\(folder)/\(PrivateFile.name(of: path))"
    guard source != file else {
      throw VaultError(
        .alreadyExists, "\(backup) is the vault itself",
        hint: "--path names the vault, the argument is the backup")
    }
    guard replacing || DatabaseFiles.present(at: file).isEmpty else {
      throw VaultError(
        .alreadyExists, "there is a vault at \(file) already; nothing was changed",
        hint: "with --replace it is put aside and kept")
    }
    return file
  }

  static func temporaryName(beside path: String) -> String {
    "\(PrivateFile.folder(of: path))/.\(PrivateFile.name(of: path)).\(Hex.encode(RandomBytes.generate(count: 4)))"
  }

  private static func hint(for error: VaultError, _ backup: String) -> String? {
    switch error.code {
    case .wrongPassword: "a backup has the password that the vault had when it was made"
    case .damaged:
      "nothing was changed; take another backup, or save what opens of this one with `kms-wallet recover FILE --path \(backup)`"
    case .notAVault: "nothing was changed; `kms-wallet backup` makes backups"
    default: nil
    }
  }

  /// The wallets of the vault at `path` that are not among `ids`; nil when it does not open. It is only read.
  private static func missingIDs(
    _ ids: Set<String>, of path: String, _ password: SecretBytes, _ unsafeAnyCost: Bool
  ) -> [String]? {
    let temporary = temporaryName(beside: path)
    defer { DatabaseFiles.remove(temporary) }
    // Whatever is wrong with it: it is kept, and not known.
    guard (try? DatabaseFiles.copy(path, to: temporary)) != nil,
      let vault = try? open(at: temporary, password: password, unsafeAnyCost: unsafeAnyCost),
      let views = try? vault.views()
    else { return nil }
    return views.map(\.signatureID).filter { !ids.contains($0) }
  }
}
