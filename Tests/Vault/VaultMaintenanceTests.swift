import Glibc
import KMSChains
import KMSCrypto
import KMSProcess
import KMSRecords
import KMSSigning
import Testing

@testable import KMSVault

@Suite struct VaultMaintenanceTests {
  @Test func tellsAWrongPassword() throws {
    let test = try TestVault()
    for wrong in ["", "correct horsf", "correct horse ", "correct hors"] {
      let error = #expect(throws: VaultError.self) { try test.reopened(wrong) }
      #expect(error?.code == .wrongPassword)
      #expect(error?.exitStatus == .noPermission)
    }
  }

  @Test func tellsHowLongUnlockingTook() throws {
    let test = try TestVault()
    let vault = try test.reopened()
    #expect(try #require(vault.unlockTime) > .zero)
    #expect(vault.cost == quick)
    #expect(try test.connection().unlockTime == nil)
  }

  @Test func changesThePasswordWithoutTouchingWallets() throws {
    let test = try TestVault()
    let id = try test.vault.store(wallet(1)).signatureID
    let sealed = try #require(try test.vault.row(of: id, withSecret: true)).secretSealed
    let viewKey = try test.vault.key(for: .view).line()
    try test.vault.changePassword(
      to: secret("new"), cost: Argon2Cost(unsafeUncheckedMemoryKiB: 16, passes: 2))
    #expect(code { _ = try test.reopened() } == .wrongPassword)
    let vault = try test.reopened("new")
    #expect(vault.cost.memoryKiB == 16 && vault.cost.passes == 2)
    #expect(try vault.row(of: id, withSecret: true)?.secretSealed == sealed)
    #expect(try Vault.open(at: test.path, keyLine: viewKey).views().count == 1)
    #expect(code { try vault.changePassword(to: secret("")) } == .emptyPassword)
    _ = try test.reopened("new")
  }

  @Test func keepsCostBetweenFloorAndCeiling() throws {
    #expect(try Argon2Cost(memoryKiB: 256 * 1024, passes: 3) == .standard)
    #expect(try Argon2Cost(memoryKiB: 19 * 1024, passes: 2) == .floor)
    #expect(try Argon2Cost(memoryKiB: 2 << 20, passes: 8).memoryKiB == 2 << 20)
    for (memory, passes) in [
      (19 * 1024 - 1, 2), (19 * 1024, 1), (0, 0), (2 << 20 + 1, 2), (19 * 1024, 65), (2 << 20, 9),
    ] {
      #expect(code { _ = try Argon2Cost(memoryKiB: memory, passes: passes) } == .costOutOfRange)
    }
    let test = try TestVault()
    #expect(
      code { _ = try Vault.open(at: test.path, password: secret(TestVault.password)) } == .costOutOfRange)
    let folder = TemporaryFolder()
    _ = try Vault.create(at: folder.file("v"), password: secret("x"), cost: .floor)
    _ = try Vault.open(at: folder.file("v"), password: secret("x"))
  }

  @Test func rekeySealsEverythingAnewAndShutsOutOldKeys() throws {
    let test = try TestVault()
    let views = try test.vault.store(30)
    let before = try #require(try test.vault.row(of: views[3].signatureID, withSecret: true))
    let stale = try test.connection()
    let oldKeys = try StageKey.Kind.allCases.map { try test.vault.key(for: $0).line() }
    #expect(code { try test.vault.rekey(password: secret("wrong")) } == .wrongPassword)
    try test.vault.rekey(password: secret(TestVault.password))
    let after = try #require(try test.vault.row(of: views[3].signatureID, withSecret: true))
    #expect(before.secretSealed != after.secretSealed && before.publicSealed != after.publicSealed)
    #expect(before.identity != after.identity)
    #expect(try test.vault.secret(of: views[3].signatureID).map { text($0.secret) } == "secret of wallet 3")
    let reopened = try test.reopened()
    #expect(Set(try reopened.views()) == Set(views))
    #expect(try reopened.check().isSound)
    #expect(
      try reopened.signatureIDs(holding: wallet(3), chain: "ETH", testnet: true) == [views[3].signatureID])
    for line in oldKeys { #expect(code { _ = try Vault.open(at: test.path, keyLine: line) } == .wrongKey) }
    for body: () throws -> Void in [
      { _ = try stale.secret(of: views[0].signatureID) }, { _ = try stale.views() },
      { try stale.store(wallet(99)) }, { try stale.changePassword(to: secret("x")) },
    ] { #expect(code(body) == .wrongKey) }
    for sealed in [before.secretSealed, before.publicSealed] {
      #expect(!contains(readFile(test.path), sealed))
    }
  }

  @Test func rekeyChangesNothingWhenAWalletIsDamaged() throws {
    let test = try TestVault()
    let views = try test.vault.store(3)
    try test.tamper("UPDATE wallet SET secret = zeroblob(60) WHERE signature_id = '\(views[2].signatureID)'")
    let before = readFile(test.path)
    #expect(code { try test.vault.rekey(password: secret(TestVault.password)) } == .damaged)
    #expect(readFile(test.path) == before)
    #expect(try test.vault.secret(of: views[0].signatureID) != nil)
  }

  @Test func backsUpAWholeVaultWhileOthersWrite() throws {
    let test = try TestVault()
    let views = try test.vault.store(50)
    let other = try test.connection()
    try other.database.execute("BEGIN IMMEDIATE")
    try other.database.execute("UPDATE wallet SET kind = 'x'")
    let copy = test.folder.file("copy.dat")
    #expect(try test.vault.backup(to: copy) == 50)
    other.database.rollback()
    var status = stat()
    #expect(stat(copy, &status) == 0 && status.st_mode & 0o7777 == 0o600)
    let restored = try Vault.open(at: copy, password: secret(TestVault.password), unsafeAnyCost: true)
    #expect(Set(try restored.views()) == Set(views))
    #expect(try restored.check().isSound)
    #expect(code { _ = try test.vault.backup(to: copy) } == .alreadyExists)
    #expect(code { _ = try test.vault.backup(to: "/nonexistent/copy") } == .cannotCreate)
  }

  @Test func keepsNoCopyOfADamagedVault() throws {
    let test = try TestVault()
    _ = try test.vault.store(3)
    try test.tamper("UPDATE wallet SET secret = zeroblob(60) WHERE number = 2")
    let copy = test.folder.file("copy.dat")
    #expect(code { _ = try test.vault.backup(to: copy) } == .damaged)
    #expect(!PrivateFile.exists(copy))
    #expect(
      code { _ = try Vault.open(at: test.path, key: test.vault.key(for: .view)).backup(to: copy) }
        == .keyRequired)
  }

  @Test func checkOpensEveryRecord() throws {
    let test = try TestVault()
    let views = try test.vault.store(10) + test.vault.store(5, chain: "BTC")
    #expect(try test.vault.check().wallets == 15)
    try test.tamper("UPDATE wallet SET secret = zeroblob(60) WHERE number = 4")
    let report = try test.vault.check()
    #expect(report.wallets == 14)
    #expect(report.damaged == [views[3].signatureID])
    #expect(!report.isSound)
    // The view key does not open secrets.
    #expect(try Vault.open(at: test.path, key: test.vault.key(for: .view)).check().isSound)
  }
}
