import Glibc
import KMSChains
import KMSCrypto
import KMSProcess
import KMSRecords
import KMSSigning
import Testing

@testable import KMSVault

@Suite struct VaultTamperTests {
  /// Everything that a reader can learn from a vault.
  struct Reading: Equatable {
    var views: [WalletView] = []
    var secrets: [String] = []
    var ids: [[String]] = []
    var chains: [Vault.ChainCount] = []
    var stranger: WalletView?

    init(_ vault: Vault, ids known: [String]) throws {
      chains = try vault.chains()
      views = try vault.views()
      secrets = try known.map { id in try vault.secret(of: id).map { text($0.secret) } ?? "none" }
      ids = try [("ETH", true), ("BTC", false)].map { try vault.signatureIDs(chain: $0, testnet: $1) }
      stranger = try vault.view(of: "\(known.first?.prefix(8) ?? "")-0000-4000-8000-000000000000")
    }
  }

  @Test(arguments: [UInt8(0x01), 0xff])
  func everyChangedByteHasNoEffectOrIsRefused(_ change: UInt8) throws {
    let test = try TestVault(pageSize: 512)
    let ids = try [
      test.vault.store(wallet(1)), test.vault.store(wallet(2)),
      test.vault.store(wallet(3, kind: .mnemonic), chain: "BTC", testnet: false),
    ].map(\.signatureID)
    let bytes = readFile(test.path)
    let original = try Reading(test.connection(), ids: ids)
    #expect(original.secrets == ["secret of wallet 1", "secret of wallet 2", "secret of wallet 3"])
    let folder = TemporaryFolder()
    let copy = folder.file("wallet.dat")
    var refused = 0
    for i in bytes.indices {
      var changed = bytes
      changed[i] ^= change
      writeFile(copy, changed)
      do {
        let vault = try Vault.open(at: copy, password: secret(TestVault.password), unsafeAnyCost: true)
        let reading = try Reading(vault, ids: ids)
        #expect(reading == original, "byte \(i)")
      } catch let error as VaultError {
        refused += 1
        #expect(error.exitStatus != .internalError, "byte \(i): \(error.message)")
      }
      unlink(copy + "-journal")
    }
    #expect(refused > 1000)
    #expect(refused < bytes.count)
  }

  @Test func everyTruncationIsRefusedOrHasNoEffect() throws {
    let test = try TestVault(pageSize: 512)
    let ids = [try test.vault.store(wallet(1)).signatureID]
    let bytes = readFile(test.path)
    let original = try Reading(test.connection(), ids: ids)
    let folder = TemporaryFolder()
    let copy = folder.file("wallet.dat")
    for count in stride(from: 0, to: bytes.count, by: 64) {
      writeFile(copy, bytes[..<count])
      if let vault = try? Vault.open(at: copy, key: test.vault.key(for: .vault)) {
        #expect((try? Reading(vault, ids: ids)).map { $0 == original } ?? true, "\(count) bytes")
      }
    }
  }

  @Test(arguments: ["public", "secret"])
  func refusesSwappedColumns(_ column: String) throws {
    let test = try TestVault()
    let (a, b) = (try test.vault.store(wallet(1)).signatureID, try test.vault.store(wallet(2)).signatureID)
    try test.tamper(
      "CREATE TEMP TABLE t AS SELECT signature_id AS id, \(column) AS v, identity AS i FROM wallet",
      "UPDATE wallet SET (\(column), identity) = (SELECT v, i FROM t WHERE id <> signature_id)")
    for id in [a, b] { #expect(code { _ = try test.vault.secret(of: id) } == .damaged) }
    let report = try test.vault.check()
    #expect(Set(report.damaged) == [a, b])
    #expect(report.wallets == 0)
  }

  @Test(arguments: [
    "signature_id = '00000000-0000-4000-8000-000000000000'", "chain = 'BSC'", "testnet = 0",
    "kind = 'mnemonic'", "kind = 'secret'", "kind = 'other'", "testnet = 2", "identity = NULL",
    "identity = x'00'", "public = secret", "secret = public", "secret = x''", "public = zeroblob(27)",
    "signature_id = upper(signature_id)",
  ])
  func refusesRelabelledRow(_ change: String) throws {
    let test = try TestVault()
    let id = try test.vault.store(wallet(1)).signatureID
    try test.tamper("UPDATE wallet SET \(change)")
    #expect(code { _ = try test.vault.secret(of: id) } == .damaged)
    if change != "secret = public", change != "secret = x''" {
      #expect(code { _ = try test.vault.views() } == .damaged)
    }
    #expect(try !test.vault.check().isSound)
  }

  @Test func noticesARowThatWasDeleted() throws {
    let test = try TestVault()
    let views = try test.vault.store(3)
    let id = views[1].signatureID
    try test.tamper("DELETE FROM wallet WHERE signature_id = '\(id)'")
    for body: () throws -> Void in [
      { _ = try test.vault.signatureIDs(chain: "ETH", testnet: true) }, { _ = try test.vault.views() },
      { _ = try test.vault.view(of: id) }, { _ = try test.vault.secret(of: id) },
      { try test.vault.rekey(password: secret(TestVault.password)) },
      { _ = try test.vault.backup(to: test.folder.file("copy")) },
      { try test.vault.store(wallet(9), signatureID: id) },
    ] { #expect(code(body) == .damaged) }
    let report = try test.vault.check()
    #expect(report.wallets == 2)
    #expect(report.problems == ["ETH testnet has 2 wallets and 3 were stored"])
    // The others can be read one by one.
    #expect(try test.vault.secret(of: views[0].signatureID) != nil)
  }

  @Test func noticesARowThatCameBack() throws {
    let test = try TestVault()
    let id = try test.vault.store(wallet(1)).signatureID
    try test.tamper("CREATE TABLE kept AS SELECT * FROM wallet")
    #expect(try test.vault.remove(id))
    try test.tamper("INSERT INTO wallet SELECT * FROM kept", "DROP TABLE kept")
    #expect(try test.vault.check().problems == ["ETH testnet has 1 wallets and 0 were stored"])
    #expect(try test.vault.views().isEmpty)
    #expect(code { _ = try test.vault.signatureIDs(chain: "ETH", testnet: true) } == .damaged)
    #expect(
      code {
        try test.vault.store(wallet(2), signatureID: "\(id.prefix(2))000000-0000-4000-8000-000000000000")
      } == .damaged)
  }

  @Test(arguments: [
    "DELETE FROM roster", "DELETE FROM census", "UPDATE roster SET buckets = zeroblob(37)",
    "UPDATE roster SET buckets = x''", "UPDATE roster SET chain = 'BSC'",
    "UPDATE census SET sealed = zeroblob(60)",
  ])
  func noticesAChangedCensus(_ change: String) throws {
    let test = try TestVault()
    _ = try test.vault.store(1)
    try test.tamper(change)
    #expect(code { _ = try test.vault.signatureIDs(chain: "ETH", testnet: true) } == .damaged)
    #expect(code { _ = try test.vault.views() } == .damaged)
    #expect(try !test.vault.check().isSound)
  }

  @Test func refusesAnOlderStateOfOneTable() throws {
    let test = try TestVault()
    _ = try test.vault.store(1)
    try test.tamper("CREATE TABLE old AS SELECT * FROM census")
    _ = try test.vault.store(1, from: 1)
    try test.tamper("DELETE FROM census", "INSERT INTO census SELECT * FROM old", "DROP TABLE old")
    #expect(code { _ = try test.vault.views() } == .damaged)
  }

  @Test(arguments: [
    "CREATE TRIGGER t AFTER INSERT ON wallet BEGIN SELECT 1; END", "CREATE VIEW v AS SELECT 1",
    "CREATE TABLE extra (a)", "DROP INDEX wallet_by_chain", "ALTER TABLE wallet ADD COLUMN more TEXT",
    "PRAGMA journal_mode=WAL",
  ])
  func refusesAnotherSchema(_ change: String) throws {
    let test = try TestVault()
    try test.tamper(change)
    #expect(code { _ = try test.reopened() } == .damaged)
  }

  @Test func refusesParametersThatWouldEatTheMachine() throws {
    let test = try TestVault()
    for (memory, passes) in [(1 << 40, 3), (262_144, 1 << 40), (2 << 20, 64), (-1, 3), (262_144, 0)] {
      try test.tamper("UPDATE meta SET kdf_memory_kib = \(memory), kdf_passes = \(passes)")
      #expect(code { _ = try Vault.open(at: test.path, password: secret("x")) } == .costOutOfRange)
    }
    try test.tamper("UPDATE meta SET kdf = 'scrypt'")
    #expect(code { _ = try test.reopened() } == .damaged)
  }

  @Test func refusesOtherFiles() throws {
    let folder = TemporaryFolder()
    let path = folder.file("wallet.dat")
    #expect(code { _ = try Vault.open(at: path, password: secret("x")) } == .noVault)
    writeFile(path, Array("U2FsdGVkX18AAQIDBAUGBwZfZR0e2NO2F8fAkbW1HpOvjTaq1Phr0zOfhsbd".utf8))
    for body: () throws -> Void in [
      { _ = try Vault.open(at: path, password: secret("x")) },
      { _ = try Vault.create(at: path, password: secret("x"), cost: quick) },
    ] {
      let error = #expect(throws: VaultError.self) { try body() }
      #expect(error?.code == .legacyWalletFile)
      #expect(error?.exitStatus == .configuration)
      #expect(error?.hint?.contains("kms-wallet import") == true)
    }
    // The original's file in the original's folder, which others may enter.
    chmod(path, 0o644)
    #expect(code { _ = try Vault.open(at: path, password: secret("x")) } == .legacyWalletFile)
    for content in ["", "{}", String(repeating: "x", count: 5000), "SQLite format 3\0"] {
      writeFile(path, Array(content.utf8))
      #expect(code { _ = try Vault.open(at: path, password: secret("x")) } == .notAVault)
    }
  }

  @Test func refusesANewerVersionWithAClearMessage() throws {
    let test = try TestVault()
    try test.tamper("PRAGMA user_version=3")
    let error = #expect(throws: VaultError.self) { try test.reopened() }
    #expect(error?.code == .newerVersion)
    #expect(error?.exitStatus == .configuration)
    #expect(error?.message.contains("has format 3; this program knows formats up to 2") == true)
  }
}
