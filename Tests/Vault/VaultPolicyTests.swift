import KMSChains
import KMSCrypto
import KMSRecords
import KMSSigning
import Testing

@testable import KMSVault
@testable import KMSWallets

/// What the owner of a vault demands is kept in it: nobody without the vault's key changes or drops it.
@Suite struct VaultPolicyTests {
  private static let keys = [
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
  ].compactMap { ApproverKey($0) }

  private func policy(_ required: Int = 1) throws -> VaultPolicy {
    try VaultPolicy(approvers: Self.keys, required: required)
  }

  @Test func isEmptyAtFirstAndKeptWhenSet() throws {
    let test = try TestVault()
    #expect(try test.vault.policy() == VaultPolicy())
    try test.vault.set(policy(2))
    #expect(try test.reopened().policy() == policy(2))
    try test.vault.set(VaultPolicy())
    #expect(try test.reopened().policy() == VaultPolicy())
  }

  @Test func refusesWhatCanNeverBeMet() {
    for (keys, required) in [(Self.keys, 0), (Self.keys, 3), ([], 1), (Self.keys + Self.keys, 1)] {
      #expect(throws: VaultError.self) { try VaultPolicy(approvers: keys, required: required) }
    }
  }

  @Test func survivesNewPasswordsAndNewKeys() throws {
    let test = try TestVault()
    try test.vault.set(policy())
    try test.vault.changePassword(to: secret("other"))
    try test.vault.rekey(password: secret("other"))
    #expect(try test.vault.policy() == policy())
  }

  @Test func staysClosedToTheViewKey() throws {
    let test = try TestVault()
    let view = try Vault.open(at: test.path, key: test.vault.key(for: .view))
    #expect(throws: VaultError.self) { try view.policy() }
    #expect(throws: VaultError.self) { try view.set(policy()) }
  }

  /// Whoever holds the view key can seal a census, but no policy.
  @Test(arguments: [
    "DELETE FROM policy", "UPDATE policy SET sealed = zeroblob(length(sealed))",
    "UPDATE policy SET sealed = (SELECT sealed FROM census)",
  ]) func isMissedWhenItIsGoneOrChanged(change: String) throws {
    let test = try TestVault()
    try test.vault.set(policy())
    try test.tamper(change)
    let error = #expect(throws: VaultError.self) { try test.reopened().policy() }
    #expect(error?.code == .damaged)
    #expect(try test.reopened().check().isSound == false)
  }

  /// A vault can't be turned back into one of the version that knew no policy.
  @Test func doesNotGoBackToTheFirstVersion() throws {
    let test = try TestVault()
    try test.vault.set(policy())
    try test.tamper("DROP TABLE policy; PRAGMA user_version=1")
    #expect(throws: VaultError.self) { try test.reopened() }
  }

  @Test func readsAVaultOfTheFirstVersionAndBringsItUpToDate() throws {
    let folder = TemporaryFolder()
    let path = folder.file("wallet.dat")
    let old = try Vault.create(
      at: path, password: secret(TestVault.password), cost: quick, pageSize: 4096, version: .one)
    let view = try old.store(wallet(1))
    let keyOfOld = try old.key(for: .vault).line()
    #expect(try old.policy() == VaultPolicy())
    #expect(!old.canHavePolicy)
    #expect(throws: VaultError.self) { try old.set(policy()) }
    #expect(try Vault.open(at: path, keyLine: keyOfOld).check().isSound)
    try old.rekey(password: secret(TestVault.password))
    #expect(old.canHavePolicy)
    try old.set(policy())
    let new = try Vault.open(at: path, password: secret(TestVault.password), unsafeAnyCost: true)
    #expect(try new.policy() == policy())
    #expect(try new.check().isSound)
    #expect(try new.view(of: view.signatureID)?.address == view.address)
    #expect(throws: VaultError.self) { try Vault.open(at: path, keyLine: keyOfOld) }
  }

  @Test func comesAlongWhenAVaultIsRecovered() throws {
    let test = try TestVault()
    _ = try test.vault.store(3)
    try test.vault.set(policy())
    let copy = test.folder.file("copy.dat")
    let recovery = try Vault.recover(
      from: test.path, password: secret(TestVault.password), to: copy, unsafeAnyCost: true)
    #expect(recovery.problems.isEmpty)
    let new = try Vault.open(at: copy, password: secret(TestVault.password), unsafeAnyCost: true)
    #expect(try new.policy() == policy())
  }
}
