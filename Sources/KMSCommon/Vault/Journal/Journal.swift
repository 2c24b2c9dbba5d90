internal import KMSChains
package import KMSCrypto

/// The local journal of kms-sign: what was signed, on disk before it leaves the process. docs/journal.md specifies it.
///
/// A file to which entries are appended, and an index of it. A group is one write and one wait for the disk, which
/// go on while the next group is signed. Processes take turns; who holds the journal lets others have it between two groups
/// when they wait, and whenever it waits for input itself. An entry is never removed but by `archive`.
public final class Journal: JournalStore {
  /// The file, symbolic links resolved.
  public let path: String
  /// Seconds after which a nonce can be given out again (`NonceAssignment`).
  public let nonceGrace: Int64
  /// What a person should know that was found while the journal was in use, in sentences.
  var notes: [String] = []

  let key: SecretBytes
  let lockTimeout: Int
  private(set) var log: JournalLog
  var index: JournalIndex
  private var isInGroup = false
  /// Why a group could not be made durable, until `waitUntilDurable` has said so.
  private var failure: (any Error)?

  /// What the journal says of the senders that were asked for; valid until another process changes it.
  var ledgers: [CountedAccount: NonceLedger] = [:] { didSet { lastLedger = nil } }
  /// The one that was asked for last: most records of a group are of one sender.
  private var lastLedger: (account: CountedAccount, ledger: NonceLedger)?
  /// The entries of this group that came in again.
  private var seenEntries: [UInt64] = []
  private var seenAt: Int64 = 0
  /// When the transactions at these places were refused by the network.
  var refusals: [UInt64: Int64] = [:]
  /// After how many seconds an entry, or a list, is noted again.
  var seenInterval: Int64 { max(1, nonceGrace / 10) }
  /// How many nonces are remembered from one group to the next, a sender counting for eight: some 10 MiB.
  private static let rememberedNonces = 100_000
  /// How many rows of the index are in memory alone before it is written: some 5 MiB, and a sixteenth of what is there.
  private static let indexRows = 1 << 16

  /// Opens a journal.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - key: 32 bytes (`Vault.journalKey`).
  ///   - nonceGrace: seconds, not negative.
  ///   - lockTimeout: how many seconds `begin` waits for another process.
  /// - Throws: `no-journal`, `not-a-journal`, `wrong-journal`, `damaged-journal`, `newer-version`, `permissions-too-open`.
  package init(at path: String, key: SecretBytes, nonceGrace: Int64 = 600, lockTimeout: Int = 30) throws {
    guard let resolved = PrivateFile.resolve(path) else { throw VaultError.noJournal(path) }
    try PrivateFile.check(resolved, what: "journal")
    self.path = resolved
    self.key = key
    self.nonceGrace = max(0, nonceGrace)
    self.lockTimeout = lockTimeout
    log = try JournalLog(resolved, key: key, lockTimeout: lockTimeout)
    index = try Self.index(of: log)
    try catchUp(mayCut: false)
  }

  /// Which journal it is, 16 bytes.
  var id: [UInt8] { log.id }
  /// What can be read of the index file.
  private static func index(of log: JournalLog) throws -> JournalIndex {
    let hash = try ShortHash(
      SecretBytes(copying: log.key.authenticate(Array("index".utf8) + log.id).prefix(16)))
    let path = log.path + ".index"
    guard let snapshot = JournalSnapshot(path, journal: log.id, key: log.key) else {
      return JournalIndex(hash: hash, snapshot: nil)
    }
    guard try log.skip(to: snapshot.end, mac: snapshot.mac) else {
      throw VaultError(
        .damagedJournal,
        "the journal \(log.path) is not the one any more that its index \(path) was made of: its end is missing, or an older copy "
          + "was put in its place",
        hint:
          "put the newest copy back; if there is none, remove \(path), and see docs/journal.md, \"An older copy\""
      )
    }
    return JournalIndex(hash: hash, snapshot: snapshot)
  }

  private func reopen() throws {
    (ledgers, refusals) = ([:], [:])
    seenEntries = []
    log = try JournalLog(path, key: key, lockTimeout: lockTimeout)
    index = try Self.index(of: log)
  }

  /// Takes in what others have appended.
  private func catchUp(mayCut: Bool) throws {
    var problem: JournalItem.Problem?
    var takenIn = 0
    let before = log.durableEnd
    try log.catchUp(mayCut: mayCut) { place, body in
      takenIn += 1
      do throws(JournalItem.Problem) { try take(JournalItem(body), at: place) } catch {
        problem = problem ?? error
      }
    }
    notes += log.notes
    log.notes = []
    if takenIn > 0 || before != log.durableEnd { ledgers = [:] }
    if let problem { throw problem.error(path) }
  }

  private func take(_ item: JournalItem, at place: UInt64) throws(JournalItem.Problem) {
    switch item {
    case .signed(let entry, _): index.add(entry, index.keys(of: entry), at: place)
    case .seen(let at, let places):
      for place in places {
        guard let (entry, _) = try? entry(at: place) else { throw .malformed }
        index.see(entry, at: place, now: at)
      }
    case .forgotten(_, _, let place):
      guard let (entry, _) = try? entry(at: place) else { throw .malformed }
      index.forget(entry, at: place)
    case .listed(let chain, let at): index.note(chain, listedAt: at)
    case .other: break
    }
  }

  private func entry(at place: UInt64) throws -> (JournalEntry, takes: [UInt64]) {
    let item = try log.entry(at: place) { body -> Result<JournalItem, JournalItem.Problem> in
      Result { () throws(JournalItem.Problem) in try JournalItem(body) }
    }
    switch item {
    case .success(.signed(let entry, let takes)): return (entry, takes)
    case .success: throw VaultError.damagedJournal(path, "what is at byte \(place) is of another kind")
    case .failure(let problem): throw problem.error(path)
    }
  }

  /// See `JournalStore`.
  public func takeNotes() -> [String] {
    defer { notes = [] }
    return notes
  }

  /// The name of the file beside a vault.
  public static let fileName = "journal.db"

  /// Where the journal of a vault is unless a person puts it elsewhere.
  public static func path(besideVault file: String) -> String {
    let folder = file.utf8.lastIndex(of: UInt8(ascii: "/")).map { file[...$0] } ?? "./"
    return folder + fileName
  }

  /// What is known of a sender; nil before the first nonce of it was assigned.
  func ledger(of account: CountedAccount) -> NonceLedger? {
    if let lastLedger, lastLedger.account == account { return lastLedger.ledger }
    guard let ledger = ledgers[account] else { return nil }
    lastLedger = (account, ledger)
    return ledger
  }

  // MARK: Groups

  /// See `JournalStore`.
  public func begin() throws {
    if isInGroup { rollback() }
    if let failure { throw failure }
    if log.othersWait {
      try settle()
      log.release()
    }
    do {
      if try log.take() { try catchUp(mayCut: true) }
    } catch let error as VaultError where error.code == .journalReplaced {
      try reopen()
      _ = try log.take()
      try catchUp(mayCut: true)
    }
    if index.size > max(Self.indexRows, Int(clamping: index.snapshot?.entries ?? 0) / 8) { try writeIndex() }
    isInGroup = true
  }

  /// See `JournalStore`.
  public func commit() throws {
    guard isInGroup else { return }
    if !seenEntries.isEmpty {
      let item = JournalItem.seen(at: seenAt, entries: seenEntries)
      _ = try log.append { item.write(to: &$0) }
      seenEntries = []
    }
    try settle()
    log.seal()
    isInGroup = false
    if ledgers.values.reduce(0, { $0 + 8 + $1.openCount }) > Self.rememberedNonces { ledgers = [:] }
    for ledger in ledgers.values { ledger.endGroup() }
  }

  /// See `JournalStore`.
  public func waitUntilDurable() throws {
    defer { failure = nil }
    try settle()
  }

  /// Waits for the disk; a failure is kept for who has to know of it.
  private func settle() throws {
    do { try log.settle() } catch { failure = failure ?? error }
    if let failure { throw failure }
  }

  /// See `JournalStore`.
  ///
  /// What was committed and is not on disk yet is waited for.
  public func rollback() {
    isInGroup = false
    seenEntries = []
    ledgers = [:]
    log.dropGroup()
    do {
      // A failure is kept for `waitUntilDurable`. The index begins anew, with what is on disk.
      try? settle()
      log.release()
      try reopen()
      try catchUp(mayCut: false)
    } catch {
      notes.append("\(error)")
    }
  }

  /// See `JournalStore`.
  public func rest() throws {
    try waitUntilDurable()
    log.release()
  }

  /// Runs `body` as a group that is durable when this returns; forgotten when it throws.
  public func group<R>(_ body: () throws -> R) throws -> R {
    try begin()
    do {
      let result = try body()
      try commit()
      try rest()
      return result
    } catch {
      rollback()
      throw error
    }
  }

  /// Writes the index to its file, and goes on with that. Where that can't be, memory is all there is.
  func writeIndex() throws {
    try settle()
    let file = path + ".index"
    do {
      try JournalSnapshot.write(
        index, to: file, journal: log.id, end: log.durableEnd, mac: log.durableMAC, key: log.key)
      index = try Self.index(of: log)
    } catch {
      if !isToldOfIndex {
        notes.append("the index of the journal can't be written, which only makes starts slower: \(error)")
      }
      isToldOfIndex = true
    }
  }

  private var isToldOfIndex = false

  // MARK: Entries

  /// See `JournalStore`.
  public func mayHave(_ id: String) -> Bool { index.has(index.key(ofID: id)) }

  /// See `JournalStore`.
  public func lookup(_ id: String, now: Int64) throws -> JournalEntry? {
    guard case (var entry, let place)? = try found(id) else { return nil }
    // Not at each tick: a write per known record and tick would cost more than it tells.
    let interval = refusals[place] == nil ? seenInterval : 1
    if entry.nonce != nil, now.subtractingClamped(entry.lastSeen) >= interval {
      seenEntries.append(place)
      seenAt = now
      index.see(entry, at: place, now: now)
      entry.lastSeen = now
      if let account = entry.account, let nonce = entry.nonce {
        ledger(of: account)?.see(nonce: nonce, at: now)
      }
    }
    return entry
  }

  /// See `JournalStore`.
  public func note(_ chain: PolledChain, listedAt time: Int64) throws {
    // As seldom as entries are noted to be seen.
    let interval = refusals.isEmpty ? seenInterval : 1
    guard time.subtractingClamped(index.polls(of: chain).last ?? .min) >= interval else { return }
    try group {
      let item = JournalItem.listed(chain, at: time)
      _ = try log.append { item.write(to: &$0) }
      index.note(chain, listedAt: time)
    }
  }

  /// The entry of an id, without the note that it was seen.
  public func find(_ id: String) throws -> JournalEntry? { try found(id)?.entry }

  func found(_ id: String) throws -> (entry: JournalEntry, place: UInt64)? {
    for place in index.places(of: index.key(ofID: id)) {
      var (entry, _) = try entry(at: place)
      guard entry.id.isSameID(as: id) else { continue }
      guard let account = entry.account, let nonce = entry.nonce else { return (entry, place) }
      let rows = index.rows(of: index.key(ofAccount: account), nonce: nonce)
      entry.lastSeen = rows.first { $0.place == place }?.lastSeen ?? entry.lastSeen
      for row in rows.sorted(by: { $0.place < $1.place }) where row.place > place {
        let (later, takes) = try self.entry(at: row.place)
        if takes.contains(place) { entry.nonceGivenTo = later.id }
      }
      return (entry, place)
    }
    return nil
  }

  /// See `JournalStore`.
  public func record(_ entry: JournalEntry) throws {
    guard entry.contentDigest.count == 32 else {
      throw VaultError(.invalidArgument, "the content digest of a journal entry has 32 bytes")
    }
    for (number, name) in [
      (entry.nonce, "nonce"), (entry.networkCount, "network's count"),
      (entry.lastValidHeight, "last valid height"),
    ] {
      guard number ?? 0 <= NonceLedger.last else {
        throw VaultError(.invalidArgument, "the \(name) \(number ?? 0) is larger than 9223372036854775807")
      }
    }
    let keys = index.keys(of: entry)
    if index.has(keys.id), try found(entry.id) != nil {
      throw VaultError(.alreadyExists, "the journal has an entry for \(entry.id) already")
    }
    let takes = vanished(before: entry)
    try refuseSpentCoins(entry, keys, takes: takes)
    let place = try log.append { JournalItem.write(entry, takes: takes, to: &$0) }
    index.add(entry, keys, at: place)
    if let account = entry.account, let nonce = entry.nonce {
      ledger(of: account)?.add(
        nonce: nonce, signedAt: entry.signedAt, lastSeen: entry.lastSeen, told: entry.networkCount)
    }
  }

  /// One output has one amount, and one transaction one id: who states it otherwise lies in at least one of two.
  ///
  /// But what gets the nonce of one that vanished, and pays the same, is that transaction, which is not sent for the other id
  /// any more.
  private func refuseSpentCoins(_ entry: JournalEntry, _ keys: JournalIndex.Keys, takes: [UInt64]) throws {
    let isItself = entry.networkCount == nil ? [] : takes
    if let txID = entry.txID, let key = keys.transaction {
      for place in index.places(of: key) where !isItself.contains(place) {
        let (other, _) = try self.entry(at: place)
        guard other.txID == txID, other.chain == entry.chain, other.testnet == entry.testnet else { continue }
        throw VaultError(
          .coinSignedBefore,
          "the transaction \(txID) was signed before, for the pending transaction \(other.id)")
      }
    }
    for coin in entry.coins {
      for place in index.places(of: index.key(of: coin, chain: entry.chain, testnet: entry.testnet)) {
        let (other, _) = try self.entry(at: place)
        guard other.chain == entry.chain, other.testnet == entry.testnet,
          let same = other.coins.first(where: {
            $0.transactionHash == coin.transactionHash && $0.index == coin.index
          }), same.amount != coin.amount
        else { continue }
        throw VaultError(
          .coinSignedBefore,
          "an input of \(coin.amount) was signed before with the amount \(same.amount), for the pending transaction "
            + other.id)
      }
    }
  }

  /// Takes an entry over from a journal of an earlier version, as it is.
  func take(old entry: JournalEntry, noncesOf others: [String]) throws {
    var takes: [UInt64] = []
    for id in others { if let place = try found(id)?.place { takes.append(place) } }
    let place = try log.append { JournalItem.write(entry, takes: takes.sorted(), to: &$0) }
    index.add(entry, index.keys(of: entry), at: place)
    if entry.nonce != nil, entry.lastSeen > entry.signedAt {
      _ = try log.append { JournalItem.seen(at: entry.lastSeen, entries: [place]).write(to: &$0) }
      index.see(entry, at: place, now: entry.lastSeen)
    }
  }
}

extension JournalItem.Problem {
  func error(_ path: String) -> VaultError {
    self == .newer
      ? .newerJournal(path) : .damagedJournal(path, "an entry does not have the form that it must have")
  }
}

extension String {
  /// Whether two ids differ in the case of their letters only.
  fileprivate func isSameID(as other: String) -> Bool {
    utf8.elementsEqual(other.utf8) { a, b in
      a == b || (a | 0x20 == b | 0x20 && (97...122).contains(a | 0x20))
    }
  }
}
