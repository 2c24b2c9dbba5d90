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
    let (vaultKey, viewKey) = (try test.vault.key(for: .vault), try test.vault.key(for: .view))
    let stored = try await withThrowingTaskGroup(of: [String].self) { group in
      for writer in 0..<8 {
        group.addTask {
          let vault = try Vault.open(at: path, key: vaultKey)
          return try (0..<6).map {
            try vault.store(wallet(writer * 100 + $0), chain: "C\($0 % 2)").signatureID
          }
        }
        group.addTask {
          let vault = try Vault.open(at: path, key: viewKey)
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
