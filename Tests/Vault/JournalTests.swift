import Glibc
import KMSChains
import KMSCrypto
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
    #expect(test.journal.count() == 1)
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
    let other = try test.reopened(lockTimeout: 0)
    try test.journal.begin()
    #expect(code { try other.begin() } == .busy)
    try test.journal.record(test.entry("a", nonce: 1))
    try test.journal.commit()
    #expect(code { try other.begin() } == .busy)
    try test.journal.rest()
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
    #expect(test.journal.count() == 0)
    #expect(try test.reopened().count() == 0)
    #expect(try test.reopened().check() == 4)
  }

  @Test func neverReplacesAFileThatItCantRead() throws {
    let test = try TestJournal()
    for content in ["", "not a journal, but long enough to be one if one wished", "SQLite format 3\0"] {
      writeFile(test.path, Array(content.utf8))
      #expect(code { _ = try test.reopened() } == .notAJournal)
      #expect(code { try Journal.make(at: test.path, of: TestVault().vault, now: 0) } == .alreadyExists)
      #expect(readFile(test.path) == Array(content.utf8))
    }
    writeFile(test.path, Array("tatum-kms journal 3\n".utf8) + [UInt8](repeating: 0, count: 100))
    #expect(code { _ = try test.reopened() } == .newerVersion)
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
    #expect(code { _ = try test.assign(count: 0, explicit: .max) } == .invalidArgument)
    #expect(code { _ = try test.assign(count: nil) } == .invalidArgument)
    try test.journal.record(test.entry("b", nonce: UInt64(Int64.max)))
  }
}

/// A journal of one test, whose grace time is 600 seconds and whose clock starts at 1000.
struct TestJournal {
  let folder = TemporaryFolder()
  let key: SecretBytes
  let journal: Journal
  var path: String { folder.file("journal.db") }

  init() throws {
    key = try SecretBytes(copying: [UInt8](repeating: 9, count: 32))
    try Journal.make(at: folder.file("journal.db"), id: [UInt8](repeating: 3, count: 16), key: key, now: 999)
    journal = try Journal(at: folder.file("journal.db"), key: key, nonceGrace: 600)
  }

  /// What a second process has in its hands.
  init(sharing other: TestJournal) throws {
    key = other.key
    journal = try other.reopened()
  }

  func reopened(lockTimeout: Int = 30) throws -> Journal {
    try Journal(at: path, key: key, nonceGrace: 600, lockTimeout: lockTimeout)
  }

  func entry(_ id: String, nonce: UInt64?, now: Int64 = 1000, sender: String = "0xsender") -> JournalEntry {
    JournalEntry(
      id: id, contentDigest: [UInt8](repeating: 7, count: 32), chain: "ETH", testnet: true,
      sender: nonce == nil ? nil : sender, nonce: nonce, txID: nil, signed: Array(#"{"txData":"0x00"}"#.utf8),
      signedAt: now)
  }

  func sign(_ id: String, nonce: UInt64?, now: Int64 = 1000) throws {
    try journal.group { try journal.record(entry(id, nonce: nonce, now: now)) }
  }

  /// The assignment of a group of its own.
  func assignment(
    count: UInt64?, explicit: UInt64? = nil, now: Int64, allowsJumps: Bool = false
  ) throws -> NonceAssignment {
    try journal.group {
      try journal.assignNonce(
        of: NonceQuestion(
          of: Self.account(), networkCount: count, explicit: explicit, allowsJumps: allowsJumps), now: now)
    }
  }

  func assign(
    count: UInt64?, explicit: UInt64? = nil, now: Int64 = 1000, sender: String = "0xsender",
    emptyTime: ClosedRange<Int64>? = nil
  ) throws -> NonceAssignment {
    try journal.assignNonce(
      of: NonceQuestion(
        of: Self.account(sender), networkCount: count, explicit: explicit, emptyTime: emptyTime), now: now)
  }

  static func account(_ sender: String = "0xsender", chain: String = "ETH", testnet: Bool = true)
    -> CountedAccount
  {
    CountedAccount(chain: chain, testnet: testnet, address: sender)
  }

  /// Polls that list nothing of the journal, every `step` seconds, as if others were pending all the time.
  func polls(from first: Int64, through last: Int64, every step: Int64 = 60) throws {
    for time in stride(from: first, through: last, by: Int(step)) {
      try journal.note(PolledChain(name: "ETH", testnet: true), listedAt: time)
    }
  }

  /// One tick: looks all ids up, then signs those that are new. Returns each id's nonce, nil for those that wait.
  ///
  /// - Parameter named: whether what is signed has a transaction id.
  func tick(_ ids: [String], count: UInt64, now: Int64, named: Bool = false) throws -> [UInt64?] {
    let nonces: [UInt64?] = try journal.group {
      let known = try ids.map { try journal.lookup($0, now: now) }
      return try zip(ids, known).map { id, known in
        if let known { return known.nonce }
        guard case .use(let nonce) = try assign(count: count, now: now) else { return nil }
        var entry = entry(id, nonce: nonce, now: now)
        entry.networkCount = count
        if named { entry.txID = "0x\(id)" }
        try journal.record(entry)
        return nonce
      }
    }
    try journal.note(PolledChain(name: "ETH", testnet: true), listedAt: now)
    return nonces
  }
}
