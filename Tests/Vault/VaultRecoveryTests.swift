import KMSChains
import KMSCrypto
import KMSRecords
import Testing

@testable import KMSVault

/// What is left of a damaged vault.
@Suite struct VaultRecoveryTests {
  private func recover(_ test: TestVault, _ name: String = "new.dat") throws -> (
    Vault.Recovery, Vault
  ) {
    let copy = test.folder.file(name)
    let recovery = try Vault.recover(
      from: test.path, password: secret(TestVault.password), to: copy, unsafeAnyCost: true)
    return (
      recovery, try Vault.open(at: copy, password: secret(TestVault.password), unsafeAnyCost: true)
    )
  }

  @Test(arguments: [
    "DELETE FROM census", "UPDATE census SET sealed = zeroblob(60)", "DELETE FROM census; DELETE FROM roster",
    "DELETE FROM census; UPDATE meta SET key_check = zeroblob(32)",
  ])
  func bringsEveryWalletBackWhenTheListIsDamaged(_ change: String) throws {
    let test = try TestVault()
    let views = try test.vault.store(1200) + test.vault.store(3, chain: "BTC", testnet: false)
    try test.tamper(change)
    #expect(code { _ = try test.vault.views() } != nil, "nothing lists them any more")
    let before = readFile(test.path)
    let (recovery, new) = try recover(test)
    #expect(recovery.wallets == 1203 && recovery.lost.isEmpty && !recovery.isIncomplete)
    #expect(recovery.problems == ["the list of wallets is damaged: whether one is missing can't be told"])
    #expect(Set(try new.views()) == Set(views))
    #expect(try new.secret(of: views[7].signatureID).map { text($0.secret) } == "secret of wallet 7")
    #expect(try new.check().isSound)
    #expect(readFile(test.path) == before, "the damaged vault is only read")
    // Keys that were handed out are of the old one.
    #expect(code { _ = try Vault.open(at: new.path, key: test.vault.key(for: .vault)) } == .wrongKey)
  }

  @Test func namesWhatIsLostAndKeepsTheRest() throws {
    let test = try TestVault()
    let views = try test.vault.store(6)
    let ids = views.map(\.signatureID)
    let key = "0x4874827a55d87f2309c55b835af509e3427aa4d52321eeb49a2b93b5c0f8edfb"
    let real = try test.vault.store(
      NewWallet(
        kind: .privateKey, secret: secret(key), address: "0x8cb76aed9c5e336ef961265c6079c14e9cd3d2ea"))
    try test.tamper(
      "UPDATE wallet SET secret = zeroblob(60) WHERE signature_id = '\(ids[0])'",
      "DELETE FROM wallet WHERE signature_id = '\(ids[1])'",
      "UPDATE wallet SET identity = x'00' WHERE signature_id = '\(ids[2])'",
      "UPDATE wallet SET public = zeroblob(40) WHERE signature_id IN ('\(ids[3])', '\(real.signatureID)')",
      "UPDATE wallet SET chain = 'BTC' WHERE signature_id = '\(ids[4])'")
    let (recovery, new) = try recover(test)
    #expect(recovery.lost == [ids[0], ids[4]])
    #expect(recovery.isIncomplete)
    #expect(recovery.problems.last == "ETH testnet: 7 wallets were stored and 4 recovered")
    #expect(try Set(new.views()).isSuperset(of: [views[2], views[5], real]), "the address is derived again")
    #expect(try new.view(of: ids[3]) != nil, "its chain's code does not know the secret; it is kept")
    #expect(try new.check().wallets == 4)
  }

  @Test func readsAroundDamagedPages() throws {
    let test = try TestVault(pageSize: 512)
    let views = try test.vault.store(400)
    let good = readFile(test.path)
    var most = 0
    // Pages in the middle of the file: of the table, or of one of its indexes.
    for page in stride(from: 40, to: good.count / 512, by: 29) {
      var bad = good
      for i in page * 512..<page * 512 + 512 { bad[i] = 0xA5 }
      writeFile(test.path, bad)
      let (recovery, new) = try recover(test, "new\(page).dat")
      let found = Set(try new.views())
      #expect(found.isSubset(of: views) && found.count == recovery.wallets)
      #expect(recovery.wallets >= 300, "page \(page): \(recovery.wallets)")
      #expect(
        recovery.wallets == 400 || recovery.isIncomplete && !recovery.problems.isEmpty, "page \(page)")
      most = max(most, 400 - recovery.wallets)
    }
    #expect(most > 0, "some page was of the table")
  }

  @Test func writesOverNothingAndLeavesNothingBehind() throws {
    let test = try TestVault()
    _ = try test.vault.store(1)
    let copy = test.folder.file("new.dat")
    func refusal(_ password: String = TestVault.password, to path: String) -> VaultError.Code? {
      code {
        _ = try Vault.recover(
          from: test.path, password: secret(password), to: path, unsafeAnyCost: true)
      }
    }
    #expect(refusal("wrong", to: copy) == .wrongPassword)
    #expect(!PrivateFile.exists(copy))
    #expect(refusal(to: test.path) == .alreadyExists)
    #expect(refusal(to: "/nonexistent/folder/new.dat") == .cannotCreate)
    writeFile(copy, [1])
    #expect(refusal(to: copy) == .alreadyExists)
    #expect(readFile(copy) == [1])
  }
}
