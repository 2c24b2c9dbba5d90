import Glibc
import Testing

@testable import KMSVault

@Suite struct JournalTests {
  @Test func givesBackWhatWasRecorded() throws {
    let test = try TestJournal()
    var entry = test.entry("a", nonce: 7)
    entry.txID = "0xid"
    entry.expiresAt = 1234
    entry.lastValidHeight = 99
    try test.journal.group { try test.journal.record(entry) }
    #expect(try test.reopened().find("a") == entry)
    #expect(try test.journal.find("b") == nil)
    #expect(try test.journal.count() == 1)
  }

  @Test func keepsNothingOfAGroupThatWasNotCommitted() throws {
    let test = try TestJournal()
    try test.journal.begin()
    try test.journal.record(test.entry("a", nonce: 1))
    #expect(try test.journal.find("a") != nil)
    test.journal.rollback()
    #expect(try test.journal.find("a") == nil)
    #expect(code { try test.journal.group { throw VaultError(.interrupted, "") } } == .interrupted)
    try test.journal.group { try test.journal.record(test.entry("b", nonce: 1)) }
    #expect(try test.reopened().count() == 1)
  }

  @Test func refusesASecondEntryForAnID() throws {
    let test = try TestJournal()
    try test.sign("a", nonce: 1)
    #expect(code { try test.sign("a", nonce: 2) } == .alreadyExists)
    #expect(try test.journal.find("a")?.nonce == 1)
    #expect(try test.journal.find("a")?.nonceGivenTo == nil)
  }

  @Test func makesTwoProcessesTakeTurns() throws {
    let test = try TestJournal()
    let other = try Journal.open(at: test.path, lockTimeout: 0)
    try test.journal.begin()
    #expect(code { try other.begin() } == .busy)
    try test.journal.record(test.entry("a", nonce: 1))
    try test.journal.commit()
    try other.begin()
    #expect(try other.lookup("a", now: 0) != nil)
    try other.commit()
  }

  @Test func archivesAnEntrySoThatTheIDCanBeSignedAgain() throws {
    let test = try TestJournal()
    try test.sign("a", nonce: 1)
    #expect(try test.journal.archive("a", now: 5))
    #expect(try !test.journal.archive("a", now: 6))
    #expect(try test.journal.find("a") == nil)
    try test.sign("a", nonce: 1)
    #expect(try test.journal.archive("a", now: 7))
    let archived = try test.journal.connection.database.first(
      "SELECT count(*), max(archived_at) FROM archive"
    ) {
      [$0.integer(0), $0.integer(1)]
    }
    #expect(archived == [2, 7])
  }

  @Test func neverReplacesAFileThatItCantRead() throws {
    let folder = TemporaryFolder()
    let path = folder.file("journal.db")
    for content in ["", "not a database, but long enough to be one if one wished", "SQLite format 3\0"] {
      writeFile(path, Array(content.utf8))
      #expect(code { _ = try Journal.open(at: path) } != nil)
      #expect(readFile(path) == Array(content.utf8))
    }
    let vault = try TestVault()
    #expect(code { _ = try Journal.open(at: vault.path) } == .notAJournal)
    let test = try TestJournal()
    #expect(code { _ = try Vault.open(at: test.path, password: secret("x")) } == .notAVault)
    try test.journal.connection.database.execute("PRAGMA user_version=2")
    #expect(code { _ = try test.reopened() } == .newerVersion)
    try test.journal.connection.database.execute(
      "PRAGMA user_version=1; CREATE TRIGGER t DELETE ON entry BEGIN SELECT 1; END")
    #expect(code { _ = try test.reopened() } == .damaged)
  }

  @Test func refusesFilesThatOthersMayUse() throws {
    let test = try TestJournal()
    chmod(test.path, 0o640)
    #expect(code { _ = try test.reopened() } == .permissionsTooOpen)
    chmod(test.path, 0o600)
    chmod(test.folder.path, 0o750)
    #expect(code { _ = try test.reopened() } == .permissionsTooOpen)
    chmod(test.folder.path, 0o700)
    _ = try test.reopened()
  }

  @Test func emitsNothingOnAFullDisk() throws {
    let test = try TestJournal()
    try test.sign("a", nonce: 1)
    let pages = try test.journal.connection.database.first("PRAGMA page_count") { $0.integer(0) } ?? 0
    _ = try test.journal.connection.database.first("PRAGMA max_page_count=\(pages)") { $0.integer(0) }
    var entry = test.entry("b", nonce: 2)
    entry.txData = String(repeating: "00", count: 20_000)
    #expect(code { try test.journal.group { try test.journal.record(entry) } } == .cannotWrite)
    #expect(try test.reopened().count() == 1)
    _ = try test.journal.connection.database.first("PRAGMA max_page_count=10000") { $0.integer(0) }
    try test.journal.group { try test.journal.record(entry) }
    #expect(try test.reopened().find("b") == entry)
  }

  @Test func comparesWhatWouldBePaidAndNothingElse() {
    func digest(
      id: String = "id", chain: String = "ETH", testnet: Bool = true, serialized: String = "tx",
      withdrawal: String? = nil, keys: [JournalContent.Key] = [.init(signatureID: "k", index: nil)]
    ) -> [UInt8] {
      JournalContent.digest(
        id: id, chain: chain, testnet: testnet, serializedTransaction: serialized, withdrawalID: withdrawal,
        keys: keys)
    }
    let all = [
      digest(), digest(id: "id2"), digest(chain: "BSC"), digest(testnet: false), digest(serialized: "tx "),
      digest(id: "idE", chain: "TH"), digest(withdrawal: ""), digest(withdrawal: "-"),
      digest(withdrawal: "w"),
      digest(keys: []), digest(keys: [.init(signatureID: "k", index: 0)]),
      digest(keys: [.init(signatureID: "k", index: nil), .init(signatureID: "k", index: nil)]),
    ]
    #expect(Set(all).count == all.count)
    #expect(digest() == digest())
    #expect(digest().count == 32)
  }

  @Test func refusesNumbersThatDoNotFit() throws {
    let test = try TestJournal()
    try test.journal.begin()
    defer { test.journal.rollback() }
    #expect(code { try test.journal.record(test.entry("a", nonce: 1 << 63)) } == .invalidArgument)
    #expect(code { _ = try test.assign(count: 1 << 63) } == .invalidArgument)
    #expect(code { _ = try test.assign(count: 0, explicit: .max) } == .invalidArgument)
    #expect(code { _ = try test.assign(count: nil) } == .invalidArgument)
    try test.journal.record(test.entry("b", nonce: UInt64(Int64.max)))
    #expect(code { _ = try test.assign(count: 0) } == .invalidArgument)
  }
}

/// A journal of one test, whose grace time is 600 seconds and whose clock starts at 1000.
struct TestJournal {
  let folder = TemporaryFolder()
  let journal: Journal
  var path: String { folder.file("journal.db") }

  init() throws { journal = try Journal.open(at: folder.file("journal.db"), nonceGrace: 600) }

  /// What a second process has in its hands.
  init(sharing other: TestJournal) throws {
    journal = try Journal.open(at: other.path, nonceGrace: 600)
  }

  func reopened() throws -> Journal { try Journal.open(at: path, nonceGrace: 600) }

  func entry(_ id: String, nonce: UInt64?, now: Int64 = 1000, sender: String = "0xsender") -> JournalEntry {
    JournalEntry(
      id: id, contentDigest: [UInt8](repeating: 7, count: 32), chain: "ETH", testnet: true, sender: sender,
      nonce: nonce, txID: nil, txData: "0x00", signed: "{}", signedAt: now)
  }

  func sign(_ id: String, nonce: UInt64, now: Int64 = 1000) throws {
    try journal.group { try journal.record(entry(id, nonce: nonce, now: now)) }
  }

  func assign(
    count: UInt64?, explicit: UInt64? = nil, now: Int64 = 1000, sender: String = "0xsender"
  ) throws -> NonceAssignment {
    try journal.assignNonce(
      chain: "ETH", testnet: true, sender: sender, networkCount: count, explicit: explicit, now: now)
  }

  /// One tick: looks all ids up, then signs those that are new. Returns each id's nonce, nil for those that wait.
  func tick(_ ids: [String], count: UInt64, now: Int64) throws -> [UInt64?] {
    try journal.group {
      let known = try ids.map { try journal.lookup($0, now: now) }
      return try zip(ids, known).map { id, known in
        if let known { return known.nonce }
        guard case .use(let nonce) = try assign(count: count, now: now) else { return nil }
        try journal.record(entry(id, nonce: nonce, now: now))
        return nonce
      }
    }
  }
}
