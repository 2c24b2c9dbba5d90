import KMSChains
import KMSCrypto
import KMSRecords
import Synchronization
import Testing

@testable import KMSVault

/// Several connections at once. That processes are killed while they write is tested with whole programs in
/// Tests/Pipeline; here the locks are.
@Suite struct VaultConcurrencyTests {
  @Test func manyWritersAndReadersAtOnce() async throws {
    let test = try TestVault()
    let path = test.path
    let (vaultKey, viewKey) = (try test.vault.key(for: .vault).line(), try test.vault.key(for: .view).line())
    let stored = try await withThrowingTaskGroup(of: [String].self) { group in
      for writer in 0..<8 {
        group.addTask {
          let vault = try Vault.open(at: path, keyLine: vaultKey)
          return try (0..<6).map {
            try vault.store(wallet(writer * 100 + $0), chain: "C\($0 % 2)").signatureID
          }
        }
        group.addTask {
          let vault = try Vault.open(at: path, keyLine: viewKey)
          var last = 0
          for _ in 0..<20 {
            let count = try vault.signatureIDs(chain: "C0", testnet: true).count
            #expect(count >= last)
            last = count
            #expect(try vault.views(chain: "C0").count >= last)
          }
          return []
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(stored.count == 48)
    #expect(try Set(test.vault.views().map(\.signatureID)) == Set(stored))
    #expect(try test.vault.check().isSound)
  }

  /// A new key is sealed under the password; one that was changed meanwhile must not come back.
  @Test func rekeyDoesNotBringAnOldPasswordBack() async throws {
    for round in 0..<30 {
      let test = try TestVault()
      _ = try test.vault.store(1)
      let (rekeying, changing) = (try test.reopened(), try test.reopened())
      let (first, second) = (Connection(rekeying), Connection(changing))
      async let new = Result { try first.vault.rekey(password: secret(TestVault.password)) }
      async let changed = Result { try second.vault.changePassword(to: secret("new")) }
      _ = await new
      if case .success = await changed {
        #expect(code { _ = try test.reopened("new") } == nil, "round \(round)")
        #expect(code { _ = try test.reopened() } == .wrongPassword, "round \(round)")
      }
    }
  }

  /// For one task alone.
  private struct Connection: @unchecked Sendable {
    let vault: Vault
    init(_ vault: Vault) { self.vault = vault }
  }

  @Test func onlyOneOfManyCreatesAVault() async {
    let folder = TemporaryFolder()
    let path = folder.file("wallet.dat")
    let made = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<8 {
        group.addTask { (try? Vault.create(at: path, password: secret("x"), cost: quick)) == nil ? 0 : 1 }
      }
      return await group.reduce(0, +)
    }
    #expect(made == 1)
    #expect(throws: Never.self) { try Vault.open(at: path, password: secret("x"), unsafeAnyCost: true) }
  }
}
