import Glibc
import KMSChains
import KMSCrypto
import Testing

@testable import KMSVault
@testable import KMSWallets

/// Backups that come back, and vaults with what a crash left beside them.
@Suite struct VaultRestoreTests {
  /// A vault in the middle of a change, as a power cut leaves it: half changed, with the journal that undoes the half.
  private func crash(_ test: TestVault, at path: String) throws {
    let database = try SQLiteDatabase(path: test.path, busyTimeoutMilliseconds: 5000)
    // Pages go to the file before the end.
    try database.execute("PRAGMA cache_size=1; BEGIN IMMEDIATE; UPDATE wallet SET secret = zeroblob(300)")
    writeFile(path, readFile(test.path))
    writeFile(path + "-journal", readFile(test.path + "-journal"))
    try database.execute("ROLLBACK")
    #expect(readFile(path) != readFile(test.path), "it is half changed")
    #expect(
      readFile(path + "-journal").prefix(8).elementsEqual([0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7]))
  }

  private func restore(
    _ backup: String, to path: String, replacing: Bool = false, password: String = TestVault.password
  ) throws -> Vault.Restoration {
    try Vault.restore(
      from: backup, to: path, password: secret(password), replacing: replacing, time: "20261122T100000Z",
      unsafeAnyCost: true)
  }

  private func files(_ folder: TemporaryFolder) -> [String] {
    guard let entries = opendir(folder.path) else { return [] }
    defer { closedir(entries) }
    var names: [String] = []
    while let entry = readdir(entries) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  @Test func restoresOnAnEmptyMachine() throws {
    let test = try TestVault()
    let ids = try test.vault.store(20).map(\.signatureID)
    let stick = TemporaryFolder()
    chmod(stick.path, 0o777)
    #expect(try test.vault.backup(to: stick.file("b.dat")) == 20)
    chmod(stick.file("b.dat"), 0o666)
    let before = readFile(stick.file("b.dat"))
    let machine = TemporaryFolder()
    let done = try restore(stick.file("b.dat"), to: machine.file("tatumrc/wallet.dat"))
    #expect(done.wallets == 20 && done.aside == nil && done.missing == [])
    #expect(try Set(done.vault.views().map(\.signatureID)) == Set(ids))
    var status = stat()
    #expect(stat(machine.file("tatumrc/wallet.dat"), &status) == 0 && status.st_mode & 0o777 == 0o600)
    #expect(readFile(stick.file("b.dat")) == before && files(stick) == ["b.dat"], "the backup is only read")
  }

  @Test func keepsWhatWasThereWithWhatACrashLeftBesideIt() throws {
    let test = try TestVault()
    _ = try test.vault.store(300)
    let backup = TemporaryFolder()
    _ = try test.vault.backup(to: backup.file("b.dat"))
    let later = try test.vault.store(2, from: 300).map(\.signatureID)
    let machine = TemporaryFolder()
    let path = machine.file("wallet.dat")
    try crash(test, at: path)
    let (database, journal) = (readFile(path), readFile(path + "-journal"))
    #expect(code { _ = try restore(backup.file("b.dat"), to: path) } == .alreadyExists)
    #expect(readFile(path) == database && readFile(path + "-journal") == journal)
    let done = try restore(backup.file("b.dat"), to: path, replacing: true)
    #expect(done.wallets == 300 && done.missing.map(Set.init) == Set(later))
    #expect(try done.vault.check().isSound)
    let aside = try #require(done.aside)
    #expect(readFile(aside) == database && readFile(aside + "-journal") == journal, "kept as it was")
    #expect(
      files(machine) == [
        "wallet.dat", "wallet.dat.before-restore-20261122T100000Z",
        "wallet.dat.before-restore-20261122T100000Z-journal",
      ])
    // What was put aside is a vault still.
    #expect(
      try Vault.open(at: aside, password: secret(TestVault.password), unsafeAnyCost: true).views().count
        == 302)
  }

  /// A backup by `cp` while something was written has its journal beside it.
  @Test func undoesWhatIsHalfDoneInABackup() throws {
    let test = try TestVault()
    _ = try test.vault.store(300)
    let backup = TemporaryFolder()
    try crash(test, at: backup.file("b.dat"))
    let database = readFile(backup.file("b.dat"))
    let machine = TemporaryFolder()
    #expect(try restore(backup.file("b.dat"), to: machine.file("wallet.dat")).wallets == 300)
    #expect(readFile(backup.file("b.dat")) == database && files(backup) == ["b.dat", "b.dat-journal"])
    // Without its journal it is half changed, which is found before anything is touched.
    unlink(backup.file("b.dat-journal"))
    #expect(code { _ = try restore(backup.file("b.dat"), to: machine.file("other.dat")) } == .damaged)
    #expect(files(machine) == ["wallet.dat"])
  }

  @Test func recoveringOnlyReadsTheDamagedVault() throws {
    let test = try TestVault()
    _ = try test.vault.store(300)
    let machine = TemporaryFolder()
    try crash(test, at: machine.file("wallet.dat"))
    let (database, journal) = (
      readFile(machine.file("wallet.dat")), readFile(machine.file("wallet.dat-journal"))
    )
    let recovery = try Vault.recover(
      from: machine.file("wallet.dat"), password: secret(TestVault.password), to: machine.file("new.dat"),
      unsafeAnyCost: true)
    #expect(recovery.wallets == 300 && recovery.problems == [])
    #expect(
      readFile(machine.file("wallet.dat")) == database
        && readFile(machine.file("wallet.dat-journal")) == journal)
    #expect(files(machine) == ["new.dat", "wallet.dat", "wallet.dat-journal"])
  }

  /// Somebody has opened the file with another tool, which left its changes in a log.
  @Test func bringsBackAVaultWithAWriteAheadLog() throws {
    let test = try TestVault()
    _ = try test.vault.store(5)
    let (machine, elsewhere) = (TemporaryFolder(), TemporaryFolder())
    let (path, source) = (machine.file("wallet.dat"), elsewhere.file("wallet.dat"))
    writeFile(source, readFile(test.path))
    let database = try SQLiteDatabase(path: source, busyTimeoutMilliseconds: 5000)
    try database.execute("PRAGMA journal_mode=WAL")
    try database.execute("PRAGMA wal_autocheckpoint=0; CREATE TABLE x(a); DROP TABLE x")
    // Whoever closes it last brings the log into the database.
    try withExtendedLifetime(database) {
      for suffix in ["", "-wal"] { writeFile(path + suffix, readFile(source + suffix)) }
      try database.execute("PRAGMA user_version")
    }
    #expect(readFile(path + "-wal").count > 32)
    let before = readFile(path)
    #expect(try restore(path, to: machine.file("restored/wallet.dat")).wallets == 5)
    let recovery = try Vault.recover(
      from: path, password: secret(TestVault.password), to: machine.file("new.dat"), unsafeAnyCost: true)
    #expect(recovery.wallets == 5)
    #expect(
      readFile(path) == before && files(machine) == ["new.dat", "restored", "wallet.dat", "wallet.dat-wal"])
  }

  /// A journal of a vault that is gone would be rolled into the next one that gets the name.
  @Test(arguments: ["-journal", "-wal"])
  func nothingIsPutBesideWhatACrashLeft(_ suffix: String) throws {
    let test = try TestVault()
    _ = try test.vault.store(3)
    let machine = TemporaryFolder()
    let path = machine.file("wallet.dat")
    writeFile(path + suffix, [1, 2, 3])
    #expect(code { _ = try Vault.create(at: path, password: secret("x"), cost: quick) } == .alreadyExists)
    #expect(code { _ = try test.vault.backup(to: path) } == .alreadyExists)
    #expect(
      code {
        _ = try Vault.recover(
          from: test.path, password: secret(TestVault.password), to: path, unsafeAnyCost: true)
      } == .alreadyExists)
    #expect(code { _ = try restore(test.path, to: path) } == .alreadyExists)
    #expect(files(machine) == ["wallet.dat" + suffix])
    #expect(try restore(test.path, to: path, replacing: true).wallets == 3)
    #expect(files(machine) == ["wallet.dat", "wallet.dat.before-restore-20261122T100000Z" + suffix])
  }

  @Test func refusesWhatIsNoBackupAndNamesIt() throws {
    let test = try TestVault()
    _ = try test.vault.store(3)
    let machine = TemporaryFolder()
    let (path, backup) = (machine.file("wallet.dat"), machine.file("b.dat"))
    func refusal(_ bytes: [UInt8]?, password: String = TestVault.password) -> VaultError? {
      if let bytes { writeFile(backup, bytes) }
      return #expect(throws: VaultError.self) { _ = try restore(backup, to: path, password: password) }
    }
    #expect(refusal(nil)?.code == .noVault)
    let good = readFile(test.path)
    for (bytes, password, code) in [
      (good, "wrong", VaultError.Code.wrongPassword), (Array("U2FsdGVkX19".utf8), "", .legacyWalletFile),
      ([], "", .notAVault),
      (Array("SQLite".utf8), "", .notAVault),
      (good.prefix(8000) + [UInt8](repeating: 7, count: good.count - 8000), TestVault.password, .damaged),
    ] {
      let error = refusal(bytes, password: password)
      #expect(error?.code == code, "\(String(describing: error))")
      #expect(
        error?.message.contains(".wallet.dat.") == false && error?.hint?.contains(".wallet.dat.") != true)
      #expect(files(machine) == ["b.dat"])
    }
    #expect(code { _ = try restore(test.path, to: test.path, replacing: true) } == .alreadyExists)
  }
}
