import Glibc
import KMSChains
import KMSCrypto
import KMSPrimitives
import KMSRecords
import KMSWallets
import Testing

@testable import KMSVault

/// The file of the journal: what is cut off, what is damage, what is bound to what.
@Suite struct JournalFileTests {
  /// Three groups, the last one of three entries; where each entry ends.
  private func filled() throws -> (test: TestJournal, bytes: [UInt8], ends: [Int]) {
    let test = try TestJournal()
    var ends = [readFile(test.path).count]
    try test.sign("a", nonce: 1)
    ends.append(readFile(test.path).count)
    try test.sign("b", nonce: nil)
    ends.append(readFile(test.path).count)
    try test.journal.group {
      for id in ["c", "d", "e"] { try test.journal.record(test.entry(id, nonce: 5)) }
    }
    let bytes = readFile(test.path)
    let size = (bytes.count - ends[2]) / 3
    return (test, bytes, ends + [ends[2] + size, ends[2] + 2 * size, bytes.count])
  }

  @Test func takesATailThatWasCutOffAnywhereForUnfinished() throws {
    let (test, bytes, ends) = try filled()
    for count in ends[2]...bytes.count {
      writeFile(test.path, bytes[..<count])
      let journal = try test.reopened()
      let whole = ends.count { $0 <= count } - 1
      #expect(journal.count() == whole, "\(count)")
      let isWhole = ends.contains(count)
      try journal.group { try journal.record(test.entry("z", nonce: nil)) }
      #expect(journal.takeNotes().isEmpty == isWhole, "\(count)")
      #expect(try test.reopened().check() == whole + 1, "\(count)")
    }
  }

  @Test func findsEveryByteThatWasChanged() throws {
    let (test, bytes, _) = try filled()
    for at in bytes.indices {
      var changed = bytes
      changed[at] ^= 1 << UInt8(at % 8)
      writeFile(test.path, changed)
      let found = code { _ = try test.reopened() }
      let expected: [VaultError.Code] =
        at < 96 ? [.notAJournal, .newerVersion, .wrongJournal] : [.damagedJournal]
      #expect(found.map(expected.contains) == true, "\(at): \(found?.rawValue ?? "nothing")")
      #expect(readFile(test.path) == changed, "a damaged journal is not touched")
    }
  }

  @Test func findsEntriesThatWereRemovedRepeatedOrExchanged() throws {
    let (test, bytes, ends) = try filled()
    let entries = zip(ends, ends.dropFirst()).map { Array(bytes[$0..<$1]) }
    let head = Array(bytes[..<ends[0]])
    var others: [[[UInt8]]] = []
    for i in entries.indices.dropLast() {
      var removed = entries
      removed.remove(at: i)
      var exchanged = entries
      exchanged.swapAt(i, i + 1)
      others += [removed, exchanged]
    }
    for i in entries.indices {
      var repeated = entries
      repeated.insert(entries[i], at: i)
      others.append(repeated)
    }
    for other in others {
      writeFile(test.path, head + other.flatMap(\.self))
      #expect(code { _ = try test.reopened() } == .damagedJournal)
    }
  }

  @Test func takesZerosOfAPowerCutForUnfinished() throws {
    let (test, bytes, ends) = try filled()
    for zeros in [32, 40, bytes.count - ends[4]] {
      writeFile(test.path, Array(bytes.dropLast(zeros)) + [UInt8](repeating: 0, count: zeros))
      #expect(try test.reopened().count() == 4, "\(zeros)")
    }
    writeFile(test.path, bytes + [UInt8](repeating: 0, count: 5000))
    #expect(try test.reopened().count() == 5)
  }

  @Test func noticesWhileItIsOpenThatTheFileWasCutOrReplaced() throws {
    let (test, bytes, ends) = try filled()
    writeFile(test.path, bytes[..<ends[1]])
    #expect(code { try test.journal.begin() } == .damagedJournal)
    let (second, newer, _) = try filled()
    unlink(second.path)
    writeFile(second.path, newer)
    try second.journal.begin()
    try second.journal.record(second.entry("z", nonce: nil))
    try second.journal.commit()
    try second.journal.rest()
    #expect(try second.reopened().count() == 6, "it is the file that has the name now")
  }

  @Test func refusesAnotherKeyAndAnotherJournal() throws {
    let (test, _, _) = try filled()
    let key = try SecretBytes(copying: [UInt8](repeating: 8, count: 32))
    #expect(code { _ = try Journal(at: test.path, key: key) } == .wrongJournal)
    #expect(code { _ = try Journal(at: test.folder.file("missing"), key: key) } == .noJournal)
  }

  // MARK: Index

  @Test func isTheSameWithAndWithoutItsIndex() throws {
    let test = try TestJournal()
    let coin = SpentCoin(transactionHash: [UInt8](repeating: 1, count: 32), index: 7, amount: 5)
    for i in 0..<100 {
      try test.journal.group {
        var entry = test.entry("ID\(i)", nonce: i % 3 == 0 ? nil : UInt64(i), now: 1000 + Int64(i))
        entry.txID = "tx\(i)"
        entry.coins = i == 9 ? [coin] : []
        try test.journal.record(entry)
      }
      if i % 30 == 20 { #expect(try test.journal.archive("ID\(i - 1)", now: 2000)) }
      if i % 25 == 24 { try test.journal.writeIndex() }
    }
    try test.journal.group { _ = try test.journal.lookup("id10", now: 5000) }
    func state() throws -> [JournalEntry?] {
      let journal = try test.reopened()
      #expect(journal.count() == 97)
      try journal.begin()
      #expect(
        try journal.assignNonce(
          of: .init(of: TestJournal.account(), networkCount: 3, explicit: nil), now: 1500) == .use(99))
      var entry = test.entry("new", nonce: nil)
      entry.coins = [SpentCoin(transactionHash: coin.transactionHash, index: 7, amount: 6)]
      #expect(code { try journal.record(entry) } == .coinSignedBefore)
      journal.rollback()
      return try (0..<100).map { try journal.find("id\($0)") }
    }
    let with = try state()
    #expect(PrivateFile.exists(test.path + ".index"))
    PrivateFile.remove(test.path + ".index")
    #expect(try state() == with)
    #expect(with[19] == nil && with[10]?.lastSeen == 5000)
  }

  @Test func makesAnIndexAnewThatWasDamaged() throws {
    let (test, _, _) = try filled()
    try test.journal.writeIndex()
    let index = readFile(test.path + ".index")
    #expect(index.count > 128)
    for at in index.indices {
      var changed = index
      changed[at] ^= 4
      writeFile(test.path + ".index", changed)
      #expect(try test.reopened().count() == 5)
      #expect(try test.reopened().find("d")?.nonce == 5)
    }
  }

  @Test func findsAnOlderCopyByItsIndex() throws {
    let (test, bytes, ends) = try filled()
    try test.journal.writeIndex()
    writeFile(test.path, bytes[..<ends[1]])
    #expect(code { _ = try test.reopened() } == .damagedJournal)
  }

  // MARK: Another reader

  @Test func pythonReadsTheSame() throws {
    let test = try TestJournal()
    #expect(try test.tick(["a", "B", "c"], count: 5, now: 1000) == [5, 6, 7])
    try test.polls(from: 1100, through: 1900)
    #expect(try test.tick(["d", "c"], count: 5, now: 2000) == [5, 7])
    try test.journal.group {
      var entry = test.entry("coins", nonce: nil)
      entry.txID = "t"
      (entry.expiresAt, entry.lastValidHeight) = (77, 88)
      entry.coins = [
        SpentCoin(transactionHash: [UInt8](repeating: 0xab, count: 32), index: 3, amount: 1 << 60)
      ]
      try test.journal.record(entry)
      try test.journal.record(test.entry("gone", nonce: nil))
    }
    #expect(try test.journal.archive("gone", now: 3000))
    let (status, output) = try python(test)
    #expect(status == 0, "\(output)")
    let signed = try JSONValue(parsing: output)["signed"]
    #expect(signed?.object?.members.map(\.name).sorted() == ["a", "b", "c", "coins", "d"])
    for id in ["a", "b", "c", "d", "coins"] {
      let (read, entry) = (signed?[id], try test.journal.find(id))
      #expect(read?["id"]?.string == entry?.id)
      #expect(read?["contentDigest"]?.string == entry.map { Hex.encode($0.contentDigest) })
      #expect(read?["nonce"]?.uint64 == entry?.nonce)
      #expect(read?["networkCount"]?.uint64 == entry?.networkCount)
      #expect(read?["txId"]?.string == entry?.txID)
      #expect(read?["nonceGivenTo"]?.string == entry?.nonceGivenTo)
      #expect(read?["signed"]?.text == entry.map { String(decoding: $0.signed, as: UTF8.self) })
      if entry?.nonce != nil { #expect(read?["lastSeen"]?.uint64 == (entry?.lastSeen).map(UInt64.init)) }
    }
    #expect(signed?["a"]?["nonceGivenTo"]?.string == "d")
    #expect(try JSONValue(parsing: output)["listed"]?["ETH testnet"]?.array?.last?.uint64 == 2000)
    #expect(signed?["coins"]?["expiresAt"]?.uint64 == 77)
    #expect(
      signed?["coins"]?["coins"]?.array?.first?.string
        == String(repeating: "ab", count: 32) + ":3=1152921504606846976")
    let bytes = readFile(test.path)
    writeFile(test.path, bytes.dropLast(5))
    #expect(try python(test).output.contains("\"unfinished\": "))
    var changed = bytes
    changed[200] ^= 1
    writeFile(test.path, changed)
    #expect(try python(test) == (1, "damaged at byte 96\n"))
  }

  private func python(_ test: TestJournal) throws -> (status: Int32, output: String) {
    let script =
      "\(#filePath)".split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/read_journal.py"
    let key = test.key.withUnsafeBytes { Hex.encode($0) }
    let out = test.folder.file("out")
    let status = system("python3 '\(script)' \(key) '\(test.path)' > '\(out)' 2>&1")
    return (status >> 8 & 0xff, String(decoding: readFile(out), as: UTF8.self))
  }

  // MARK: Coins and ids

  @Test func refusesOneOutputWithTwoAmountsAndOneTransactionForTwoIDs() throws {
    let test = try TestJournal()
    func entry(_ id: String, amount: UInt64, txID: String, testnet: Bool = true) -> JournalEntry {
      var entry = test.entry(id, nonce: nil)
      entry.testnet = testnet
      entry.txID = txID
      entry.coins = [SpentCoin(transactionHash: [UInt8](repeating: 1, count: 32), index: 0, amount: amount)]
      return entry
    }
    try test.journal.group { try test.journal.record(entry("a", amount: 5, txID: "t1")) }
    try test.journal.group {
      #expect(code { try test.journal.record(entry("b", amount: 6, txID: "t2")) } == .coinSignedBefore)
      #expect(code { try test.journal.record(entry("c", amount: 5, txID: "t1")) } == .coinSignedBefore)
      try test.journal.record(entry("d", amount: 5, txID: "t3"))
      try test.journal.record(entry("e", amount: 6, txID: "t1", testnet: false))
      #expect(code { try test.journal.record(entry("D", amount: 5, txID: "t4")) } == .alreadyExists)
    }
    #expect(try test.reopened().find("A")?.id == "a", "ids that differ in letter case only are one")
    #expect(try test.journal.archive("a", now: 9))
    try test.journal.group { try test.journal.record(entry("c", amount: 5, txID: "t1")) }
  }

  @Test func saysHowManyNoncesItDoesNotKnow() throws {
    let test = try TestJournal()
    #expect(try test.tick(["a"], count: 5, now: 1000) == [5])
    try test.journal.group { () throws -> Void in
      #expect(try test.assign(count: 6) == .use(6))
      #expect(test.journal.unknownNonces(of: TestJournal.account()) == nil)
      #expect(try test.assign(count: 9) == .use(9))
      #expect(test.journal.unknownNonces(of: TestJournal.account()) == 3)
      #expect(try test.assign(count: 9, sender: "0xother") == .use(9))
      #expect(test.journal.unknownNonces(of: TestJournal.account("0xother")) == nil)
    }
  }

  // MARK: Two at once

  @Test func showsAGroupOnlyWhenItIsDurable() throws {
    let test = try TestJournal()
    let other = try test.reopened()
    try test.journal.begin()
    try test.journal.record(test.entry("a", nonce: 5))
    try test.journal.commit()
    try test.journal.begin()
    #expect(try test.journal.lookup("a", now: 1000) != nil, "the next group sees what is on its way")
    try test.journal.waitUntilDurable()
    try test.journal.record(test.entry("b", nonce: 6))
    try test.journal.commit()
    try test.journal.rest()
    try other.begin()
    #expect(try other.lookup("b", now: 1000)?.nonce == 6)
    try other.commit()
  }
}

/// Which journal belongs to which vault.
@Suite struct JournalVaultTests {
  private func sign(_ id: String, _ journal: Journal, _ test: TestJournal) throws {
    try journal.group { try journal.record(test.entry(id, nonce: 1)) }
  }

  @Test func staysThroughANewPasswordAndNewKeys() throws {
    let (vault, entries) = (try TestVault(), try TestJournal())
    let path = vault.folder.file("journal.db")
    #expect(code { _ = try Journal.open(at: path, of: vault.vault, now: 1) } == .noJournal)
    try Journal.make(at: path, of: vault.vault, now: 1)
    try sign("a", Journal.open(at: path, of: vault.vault, now: 1), entries)
    try vault.vault.changePassword(to: secret("other"))
    try vault.vault.rekey(password: secret("other"))
    try vault.vault.rekey(password: secret("other"))
    let reopened = try vault.reopened("other")
    #expect(try Journal.open(at: path, of: reopened, now: 1).find("a") != nil)
    #expect(try reopened.policy() == VaultPolicy())
    try reopened.set(VaultPolicy())
    #expect(try Journal.open(at: path, of: reopened, now: 1).find("a") != nil)
  }

  @Test func isRefusedForAnotherVaultAndAfterANewOneWasMade() throws {
    let (vault, other) = (try TestVault(), try TestVault())
    let path = vault.folder.file("journal.db")
    try Journal.make(at: path, of: vault.vault, now: 1)
    try Journal.make(at: other.folder.file("journal.db"), of: other.vault, now: 1)
    #expect(code { _ = try Journal.open(at: path, of: other.vault, now: 1) } == .wrongJournal)
    #expect(code { try Journal.make(at: path, of: vault.vault, now: 1) } == .alreadyExists)
    try Journal.make(at: vault.folder.file("second"), of: vault.vault, now: 1)
    #expect(code { _ = try Journal.open(at: path, of: vault.vault, now: 1) } == .wrongJournal)
    _ = try Journal.open(at: vault.folder.file("second"), of: vault.vault, now: 1)
    unlink(path)
    #expect(code { _ = try Journal.open(at: path, of: vault.vault, now: 1) } == .noJournal)
  }

  @Test func goesOverToARecoveredVault() throws {
    let vault = try TestVault()
    _ = try vault.vault.store(wallet(1))
    let path = vault.folder.file("journal.db")
    try Journal.make(at: path, of: vault.vault, now: 1)
    try sign("a", Journal.open(at: path, of: vault.vault, now: 1), TestJournal())
    _ = try Vault.recover(
      from: vault.path, password: secret(TestVault.password), to: vault.folder.file("new.dat"),
      unsafeAnyCost: true)
    let new = try Vault.open(
      at: vault.folder.file("new.dat"), password: secret(TestVault.password), unsafeAnyCost: true)
    #expect(try Journal.open(at: path, of: new, now: 1).find("a") != nil)
  }

  @Test func goesOverFromAVaultOfTheFirstVersion() throws {
    let folder = TemporaryFolder()
    let vault = try Vault.create(
      at: folder.file("wallet.dat"), password: secret(TestVault.password), cost: quick, pageSize: 4096,
      version: .one)
    let path = folder.file("journal.db")
    try Journal.make(at: path, of: vault, now: 1)
    try sign("a", Journal.open(at: path, of: vault, now: 1), TestJournal())
    try vault.rekey(password: secret(TestVault.password))
    #expect(try Journal.open(at: path, of: vault, now: 1).find("a") != nil)
    let other = try TestVault()
    #expect(code { _ = try Journal.open(at: path, of: other.vault, now: 1) } == .wrongJournal)
  }

  @Test func cleansUpWhatKillsLeft() throws {
    let vault = try TestVault()
    let path = vault.folder.file("journal.db")
    try Journal.make(at: path, of: vault.vault, now: 1)
    let (old, young) = (vault.folder.file(".journal.db.0a1b2c3d"), vault.folder.file(".journal.db.11223344"))
    for file in [old, young] { writeFile(file, [1]) }
    var times = [timespec(tv_sec: 1000, tv_nsec: 0), timespec(tv_sec: 1000, tv_nsec: 0)]
    utimensat(AT_FDCWD, old, &times, 0)
    _ = try Journal.open(at: path, of: vault.vault, now: 1)
    #expect(!PrivateFile.exists(old))
    #expect(PrivateFile.exists(young), "another process may be at it")
  }

  // MARK: Conversion

  /// A journal as earlier versions made it.
  private func old(_ path: String, _ statements: String...) throws {
    let columns =
      "id TEXT NOT NULL UNIQUE, content_digest BLOB NOT NULL, chain TEXT NOT NULL, testnet INTEGER NOT NULL, sender TEXT, "
      + "nonce INTEGER, tx_id TEXT, tx_data TEXT NOT NULL, signed TEXT NOT NULL, signed_at INTEGER NOT NULL, "
      + "expires_at INTEGER, last_valid_height INTEGER, last_seen INTEGER NOT NULL, nonce_given_to TEXT"
    writeFile(path, [])
    let database = try SQLiteDatabase(path: path, busyTimeoutMilliseconds: 0)
    try database.execute("PRAGMA application_id=1414221130; PRAGMA user_version=1")
    try database.execute("CREATE TABLE entry (number INTEGER PRIMARY KEY, \(columns)) STRICT")
    for statement in statements {
      try database.execute(
        "INSERT INTO entry (id, content_digest, chain, testnet, sender, nonce, tx_id, tx_data, signed, signed_at, "
          + "expires_at, last_valid_height, last_seen, nonce_given_to) VALUES (\(statement))")
    }
  }

  @Test func convertsAnOldOneOnceAndKeepsIt() throws {
    let vault = try TestVault()
    let path = vault.folder.file("journal.db")
    try old(
      path, "'a', zeroblob(32), 'ETH', 1, '0xs', 5, 't', '0x', '{}', 1000, NULL, NULL, 1300, 'b'",
      "'b', zeroblob(32), 'ETH', 1, '0xs', 5, NULL, '0x', '{}', 2000, 3, 4, 2000, NULL",
      "'c', zeroblob(32), 'BTC', 0, NULL, NULL, 'u', '0x', '{\"txData\":\"00\"}', 2000, NULL, NULL, 2000, NULL"
    )
    let before = readFile(path)
    let journal = try Journal.open(at: path, of: vault.vault, now: 9)
    #expect(journal.takeNotes().first?.contains("3 entries") == true)
    #expect(journal.count() == 3)
    let a = try #require(try journal.find("a"))
    #expect(a.lastSeen == 1300 && a.nonceGivenTo == "b" && a.txID == "t" && a.nonce == 5)
    let b = try #require(try journal.find("b"))
    #expect(b.expiresAt == 3 && b.lastValidHeight == 4 && b.nonceGivenTo == nil)
    #expect(try journal.find("c")?.signed == Array(#"{"txData":"00"}"#.utf8))
    #expect(readFile(path + ".version-1") == before)
    #expect(try Journal.open(at: path, of: vault.vault, now: 9).takeNotes().isEmpty)
    // An old journal in the place of the new one would be forgotten signatures.
    unlink(path)
    try old(path)
    #expect(code { _ = try Journal.open(at: path, of: vault.vault, now: 9) } == .wrongJournal)
  }

  @Test func takesAConversionUpAgainThatWasKilled() throws {
    let vault = try TestVault()
    let path = vault.folder.file("journal.db")
    try old(path, "'a', zeroblob(32), 'ETH', 1, '0xs', 5, 't', '0x', '{}', 1000, NULL, NULL, 1300, NULL")
    link(path, path + ".version-1")
    writeFile(vault.folder.file(".journal.db.converted"), [1, 2, 3])
    #expect(try Journal.open(at: path, of: vault.vault, now: 9).count() == 1)
    writeFile(path + ".version-1", [])
  }
}
