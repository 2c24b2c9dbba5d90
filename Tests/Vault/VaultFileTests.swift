import Glibc
import KMSChains
import KMSCrypto
import KMSProcess
import KMSRecords
import Testing

@testable import KMSVault

@Suite struct VaultFileTests {
  @Test func makesAPrivateFileInAPrivateFolder() throws {
    let folder = TemporaryFolder()
    let path = folder.file("new/wallet.dat")
    let old = umask(0)
    defer { umask(old) }
    let vault = try Vault.create(at: path, password: secret("x"), cost: quick)
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o7777 == 0o600)
    #expect(stat(folder.file("new"), &status) == 0 && status.st_mode & 0o7777 == 0o700)
    _ = try vault.store(1)
    #expect(try vault.database.first("PRAGMA application_id") { $0.integer(0) } == 0x544B_4D53)
    #expect(try vault.database.first("PRAGMA secure_delete") { $0.integer(0) } == 1)
    #expect(try vault.database.first("PRAGMA synchronous") { $0.integer(0) } == 3)
    let files = [folder.file("new/wallet.dat-journal"), folder.file("new/wallet.dat-wal")]
    #expect(files.allSatisfy { !PrivateFile.exists($0) })
  }

  @Test func neverReplacesAFile() throws {
    let test = try TestVault()
    let before = readFile(test.path)
    #expect(
      code { _ = try Vault.create(at: test.path, password: secret("x"), cost: quick) } == .alreadyExists)
    #expect(readFile(test.path) == before)
    let link = test.folder.file("dangling")
    symlink("nowhere", link)
    #expect(code { _ = try Vault.create(at: link, password: secret("x"), cost: quick) } == .alreadyExists)
  }

  @Test func refusesAnEmptyPassword() throws {
    let folder = TemporaryFolder()
    let path = folder.file("wallet.dat")
    #expect(code { _ = try Vault.create(at: path, password: secret(""), cost: quick) } == .emptyPassword)
    #expect(!PrivateFile.exists(path))
  }

  @Test(arguments: [0o640, 0o604, 0o660, 0o601, 0o620] as [mode_t])
  func refusesAFileThatOthersMayUse(_ mode: mode_t) throws {
    let test = try TestVault()
    chmod(test.path, mode)
    let error = #expect(throws: VaultError.self) { try test.reopened() }
    #expect(error?.code == .permissionsTooOpen)
    #expect(error?.exitStatus == .noPermission)
    #expect(error?.hint == "chmod 600 '\(test.path)'")
  }

  /// Whoever may write in a folder above can rename this one and put another in its place.
  @Test func refusesAFolderInWhosePlaceOthersCanPutAnother() throws {
    let folder = TemporaryFolder()
    let above = folder.file("above")
    #expect(mkdir(above, 0o700) == 0 && mkdir(above + "/own", 0o700) == 0)
    let path = above + "/own/wallet.dat"
    chmod(above, 0o777)
    #expect(
      code { _ = try Vault.create(at: path, password: secret("x"), cost: quick) } == .permissionsTooOpen)
    // As /tmp is: there, nobody renames what is another's.
    chmod(above, 0o1777)
    _ = try Vault.create(at: path, password: secret("x"), cost: quick)
    chmod(above, 0o777)
    #expect(code { try PrivateFile.check(path, what: "vault") } == .permissionsTooOpen)
    chmod(above, 0o755)
    #expect(code { try PrivateFile.check(path, what: "vault") } == nil)
  }

  @Test(arguments: [0o755, 0o710, 0o701, 0o770] as [mode_t])
  func refusesAFolderThatOthersMayUse(_ mode: mode_t) throws {
    let test = try TestVault()
    chmod(test.folder.path, mode)
    defer { chmod(test.folder.path, 0o700) }
    let error = #expect(throws: VaultError.self) { try test.reopened() }
    #expect(error?.code == .permissionsTooOpen)
    #expect(error?.hint == "chmod 700 '\(test.folder.path)'")
    let new = test.folder.file("new.dat")
    #expect(
      code { _ = try Vault.create(at: new, password: secret("x"), cost: quick) } == .permissionsTooOpen)
  }

  /// Nobody is to be told to close /tmp.
  @Test func advisesAnotherPlaceThanASharedFolder() throws {
    let test = try TestVault()
    chmod(test.folder.path, 0o1777)
    defer { chmod(test.folder.path, 0o700) }
    let error = #expect(throws: VaultError.self) { try test.reopened() }
    #expect(error?.code == .permissionsTooOpen)
    #expect(error?.hint == "--path names a place in a folder of your own")
  }

  @Test(.enabled(if: geteuid() == 0)) func refusesAFileOfAnotherUser() throws {
    let test = try TestVault()
    chown(test.path, 65534, 65534)
    #expect(code { _ = try test.reopened() } == .permissionsTooOpen)
  }

  @Test func followsALinkAndChecksWhereItLeads() throws {
    let test = try TestVault()
    _ = try test.vault.store(1)
    let other = TemporaryFolder()
    let link = other.file("link.dat")
    symlink(test.path, link)
    let vault = try Vault.open(at: link, password: secret(TestVault.password), unsafeAnyCost: true)
    #expect(vault.path == PrivateFile.resolve(test.path))
    #expect(try vault.views().count == 1)
    chmod(test.path, 0o644)
    #expect(code { _ = try Vault.open(at: link, password: secret("x")) } == .permissionsTooOpen)
  }

  @Test func refusesFoldersAndPipes() throws {
    let folder = TemporaryFolder()
    mkdir(folder.file("a"), 0o700)
    mkfifo(folder.file("b"), 0o600)
    for name in ["a", "b"] {
      #expect(code { _ = try Vault.open(at: folder.file(name), password: secret("x")) } == .cannotRead)
    }
    #expect(code { _ = try Vault.open(at: folder.file("c/d"), password: secret("x")) } == .noVault)
  }

  @Test func changesNothingOnAFullDisk() throws {
    let test = try TestVault()
    let views = try test.vault.store(20)
    let pages = try test.vault.database.first("PRAGMA page_count") { $0.integer(0) } ?? 0
    _ = try test.vault.database.first("PRAGMA max_page_count=\(pages)") { $0.integer(0) }
    let error = #expect(throws: VaultError.self) { try test.vault.store(200, from: 20) }
    #expect(error?.code == .cannotWrite)
    #expect(error?.exitStatus == .io)
    let other = try test.connection()
    #expect(Set(try other.views().map(\.signatureID)) == Set(views.map(\.signatureID)))
    #expect(try other.check().isSound)
    #expect(try other.store(200, from: 20).count == 200)
  }

  @Test(.enabled(if: geteuid() == 0)) func changesNothingOnARealFullDisk() throws {
    let folder = TemporaryFolder()
    guard mount("tmpfs", folder.path, "tmpfs", 0, "size=256k,mode=700") == 0 else { return }
    defer { umount(folder.path) }
    var stored: [String] = []
    do {
      let vault = try Vault.create(at: folder.file("wallet.dat"), password: secret("x"), cost: quick)
      let failure = #expect(throws: VaultError.self) {
        for i in 0..<2000 { stored += try vault.store(10, from: i * 10).map(\.signatureID) }
      }
      #expect(failure?.code == .cannotWrite)
      #expect(failure?.message.contains("no space left") == true)
    }
    #expect(stored.count > 50)
    let vault = try Vault.open(at: folder.file("wallet.dat"), password: secret("x"), unsafeAnyCost: true)
    #expect(try Set(vault.views().map(\.signatureID)) == Set(stored))
    #expect(try vault.remove(stored[0]))
    #expect(try vault.check().isSound)
  }

  @Test func readsAVaultThatIsReadOnly() throws {
    let test = try TestVault()
    _ = try test.vault.store(2)
    chmod(test.path, 0o400)
    let vault = try test.connection()
    #expect(try vault.views().count == 2)
    if geteuid() != 0 { #expect(code { try vault.store(wallet(5)) } == .cannotWrite) }
  }
}
