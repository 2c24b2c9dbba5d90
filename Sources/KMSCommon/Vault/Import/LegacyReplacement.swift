internal import Glibc
internal import KMSChains
public import KMSCrypto
internal import KMSProcess
public import KMSSigning
public import KMSVault

/// Puts a vault in the place of the original's wallet file.
public enum LegacyReplacement {
  /// Makes a vault of the file's wallets and gives it the file's name. The old file stays beside it, unchanged but for
  /// its permissions (0600), as `<name>.original`.
  ///
  /// At every instant there is, under the name, either the whole old file or the whole vault; a crash leaves at most a
  /// hidden file, which the next attempt removes.
  ///
  /// - Parameters:
  ///   - file: the original's file.
  ///   - wallets: its content.
  ///   - password: the vault's.
  ///   - cost: the vault's Argon2id parameters.
  ///   - shouldStop: asked again and again; once true, nothing is changed.
  ///   - progress: told how many entries are done.
  /// - Returns: What was imported, and where the old file is now.
  /// - Throws: `busy` when another process does the same, or when the file was changed meanwhile; `interrupted`;
  ///   `permissions-too-open` when others may use the folder; as `Vault.create` and `Vault.importWallets`. The old file
  ///   is in its place then.
  public static func replace(
    _ file: LegacyWalletFile, with wallets: LegacyWallets, password: SecretBytes, cost: Argon2Cost,
    assurance: KeyAssurance = KeyAssurance(), bothNetworks: Bool = false,
    shouldStop: () -> Bool = { false },
    progress: (Int) -> Void = { _ in }
  ) throws -> (report: ImportReport, original: String) {
    let folder = PrivateFile.folder(of: file.path)
    try PrivateFile.checkFolder(folder)
    let lock = System.open(file.path, O_RDONLY)
    guard lock >= 0 else {
      throw VaultError(.cannotRead, "\(file.path) can't be read: \(System.reason())")
    }
    defer { close(lock) }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      throw VaultError(.busy, "another process is importing \(file.path) right now")
    }
    let temporary = "\(folder)/.\(PrivateFile.name(of: file.path)).import"
    let leftovers = ["", "-journal"].map { temporary + $0 }
    leftovers.forEach(PrivateFile.remove)  // of an attempt that was killed: we have the lock
    do {
      let report = try fill(
        temporary, wallets, password, cost, assurance, bothNetworks, shouldStop, progress)
      guard file.isUnchanged() else {
        throw VaultError(
          .busy, "\(file.path) was changed while it was imported",
          hint: "stop the original's programs, then try again")
      }
      let kept = try keep(file.path)
      try PrivateFile.replace(file.path, with: temporary)
      return (report, kept)
    } catch {
      leftovers.forEach(PrivateFile.remove)
      throw error
    }
  }

  /// Makes the vault, and opens every wallet of it.
  private static func fill(
    _ path: String, _ wallets: LegacyWallets, _ password: SecretBytes, _ cost: Argon2Cost,
    _ assurance: KeyAssurance, _ bothNetworks: Bool, _ shouldStop: () -> Bool, _ progress: (Int) -> Void
  ) throws -> ImportReport {
    let vault = try Vault.create(at: path, password: password, cost: cost)
    let report = try vault.importWallets(
      wallets, assurance: assurance, bothNetworks: bothNetworks, shouldStop: shouldStop, progress: progress)
    guard !report.isStopped else {
      throw VaultError(.interrupted, "the import was interrupted; nothing was changed")
    }
    let check = try vault.check()
    guard check.isSound, check.wallets == report.imported else {
      throw VaultError(
        .cannotWrite, "the new vault does not keep what is stored in it; nothing was changed",
        hint: check.problems.first)
    }
    return report
  }

  /// Gives the old file its second name: the first of `.original`, `.original.2`, … that is free, or is its own already.
  private static func keep(_ path: String) throws(VaultError) -> String {
    for number in 1...1000 {
      let name = number == 1 ? "\(path).original" : "\(path).original.\(number)"
      if !System.link(path, to: name) {
        guard errno == EEXIST else {
          throw VaultError(.cannotCreate, "\(name) can't be created: \(System.reason())")
        }
        guard let old = System.status(name), let own = System.status(path), old.st_ino == own.st_ino,
          old.st_dev == own.st_dev
        else { continue }
      }
      unsafe chmod(name, 0o600)
      return name
    }
    throw VaultError(.cannotCreate, "there are a thousand old wallet files beside \(path) already")
  }
}
