internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives

/// Where in a journal things are: ids, transaction ids and outpoints by a keyed hash, nonces by their account.
///
/// It is derived from the entries, and all of it can be made anew from them. The larger part may come from a file
/// (`JournalSnapshot`); what came later is in memory. A hash that is found is only a hint: who asks reads the entry.
final class JournalIndex {
  /// An entry with a nonce.
  struct NonceRow {
    var nonce: UInt64
    var place: UInt64
    var signedAt: Int64
    var lastSeen: Int64
    /// The network's count by which the nonce was chosen.
    var told: UInt64?
    /// The row of the same account and nonce before this one; -1 when there is none.
    var previous: Int32 = -1
  }

  /// The nonces of one account.
  struct Account {
    var rows: [NonceRow] = []
    /// The last row of each nonce.
    var last: [UInt64: Int32] = [:]
    var highest: UInt64 = 0
  }

  private let hash: ShortHash
  private(set) var snapshot: JournalSnapshot?
  /// The place of each hash that is not in the snapshot; further places of the same hash in `more`.
  private(set) var places: [UInt64: UInt64] = [:]
  private(set) var more: [UInt64: [UInt64]] = [:]
  private(set) var accounts: [UInt64: Account] = [:]
  /// When entries of the snapshot were seen since.
  private(set) var seen: [UInt64: Int64] = [:]
  /// Entries of the snapshot that do not count any more.
  private(set) var forgotten: Set<UInt64> = []
  /// How many entries there are of things that were signed and not forgotten.
  private(set) var count = 0
  /// When each chain's list of pending transactions came in whole. Not in the snapshot: they are needed for a short time only.
  private var polls: [PolledChain: PollHistory] = [:]

  init(hash: ShortHash, snapshot: JournalSnapshot?) {
    self.hash = hash
    self.snapshot = snapshot
    count = Int(clamping: snapshot?.entries ?? 0)
  }

  /// How much of it is in memory alone.
  var size: Int { places.count + seen.count + forgotten.count }

  // MARK: Keys

  /// Ids that differ in letter case only are one id.
  func key(ofID id: String) -> UInt64 {
    withTemporaryBytes(capacity: 65) { out in
      out.append(UInt8(ascii: "i"))
      let id = id.utf8.span
      for i in 0..<min(id.count, 64) {
        let byte = id[i]
        out.append((65...90).contains(byte) ? byte | 0x20 : byte)
      }
      return hash.hash(out.span)
    }
  }

  func key(ofAccount account: CountedAccount) -> UInt64 {
    key(UInt8(ascii: "a"), account.chain, account.testnet, account.address)
  }

  func key(ofTransaction id: String, chain: String, testnet: Bool) -> UInt64 {
    key(UInt8(ascii: "t"), chain, testnet, id)
  }

  func key(of coin: SpentCoin, chain: String, testnet: Bool) -> UInt64 {
    key(UInt8(ascii: "c"), chain, testnet, Hex.encode(coin.transactionHash) + ":\(coin.index)")
  }

  private func key(_ kind: UInt8, _ chain: String, _ testnet: Bool, _ text: String) -> UInt64 {
    let (chain, text) = (chain.utf8.span, text.utf8.span)
    return withTemporaryBytes(capacity: chain.count + text.count + 3) { out in
      out.append(kind)
      out.append(testnet ? 1 : 0)
      out.append(contentsOf: chain)
      out.append(0)
      out.append(contentsOf: text)
      return hash.hash(out.span)
    }
  }

  /// The hashes of an entry, made once for all that is asked of it when it is recorded.
  struct Keys {
    let id: UInt64
    let transaction: UInt64?
    let account: UInt64?
  }

  func keys(of entry: JournalEntry) -> Keys {
    Keys(
      id: key(ofID: entry.id),
      transaction: entry.txID.map { key(ofTransaction: $0, chain: entry.chain, testnet: entry.testnet) },
      account: entry.account.map { key(ofAccount: $0) })
  }

  // MARK: Asking

  /// Where entries with this hash are, the latest first.
  func places(of key: UInt64) -> [UInt64] {
    var found: [UInt64] = []
    if let place = places[key] {
      found = (more[key] ?? []).reversed()
      found.append(place)
    }
    if let snapshot {
      for place in snapshot.places(of: key).reversed() where !forgotten.contains(place) {
        found.append(place)
      }
    }
    return found
  }

  /// Whether there may be entries with this hash.
  func has(_ key: UInt64) -> Bool {
    if places[key] != nil { return true }
    guard let snapshot else { return false }
    return snapshot.places(of: key).contains { !forgotten.contains($0) }
  }

  /// The rows of an account from a nonce on, and its highest one below.
  func nonces(of account: UInt64, from first: UInt64, _ body: (NonceRow) -> Void) {
    snapshot?.nonces(of: account, from: first) { row in
      guard !forgotten.contains(row.place) else { return }
      var row = row
      row.lastSeen = max(row.lastSeen, seen[row.place] ?? row.lastSeen)
      body(row)
    }
    guard let rows = accounts[account] else { return }
    if rows.highest >= first, rows.highest - first < UInt64(rows.rows.count) {
      for nonce in first...rows.highest { Self.each(rows, nonce, body) }
    } else {
      for row in rows.rows where row.nonce >= first && row.place > 0 { body(row) }
    }
  }

  /// The highest nonce of an account.
  func highestNonce(of account: UInt64) -> UInt64? {
    var highest = accounts[account]?.rows.lazy.filter { $0.place > 0 }.map(\.nonce).max()
    snapshot?.lastNonces(of: account) { row in
      guard !forgotten.contains(row.place) else { return true }
      highest = max(highest ?? 0, row.nonce)
      return false
    }
    return highest
  }

  /// The rows of one nonce.
  func rows(of account: UInt64, nonce: UInt64) -> [NonceRow] {
    var found: [NonceRow] = []
    snapshot?.nonces(of: account, from: nonce, to: nonce) { row in
      guard !forgotten.contains(row.place) else { return }
      var row = row
      row.lastSeen = max(row.lastSeen, seen[row.place] ?? row.lastSeen)
      found.append(row)
    }
    if let rows = accounts[account] { Self.each(rows, nonce) { found.append($0) } }
    return found
  }

  private static func each(_ account: Account, _ nonce: UInt64, _ body: (NonceRow) -> Void) {
    var index = account.last[nonce] ?? -1
    while index >= 0 {
      let row = account.rows[Int(index)]
      if row.place > 0 { body(row) }
      index = row.previous
    }
  }

  // MARK: Taking in

  /// Takes in what was signed at a place.
  func add(_ entry: JournalEntry, _ keys: Keys, at place: UInt64) {
    count += 1
    add(keys.id, place)
    if let transaction = keys.transaction { add(transaction, place) }
    for coin in entry.coins { add(key(of: coin, chain: entry.chain, testnet: entry.testnet), place) }
    guard let account = keys.account, let nonce = entry.nonce else { return }
    var row = NonceRow(
      nonce: nonce, place: place, signedAt: entry.signedAt, lastSeen: entry.signedAt, told: entry.networkCount
    )
    accounts[account, default: Account()].append(&row)
  }

  private func add(_ key: UInt64, _ place: UInt64) {
    if places[key] == nil { places[key] = place } else { more[key, default: []].append(place) }
  }

  /// Takes in that records came in.
  func see(_ entry: JournalEntry, at place: UInt64, now: Int64) {
    guard let account = entry.account, let nonce = entry.nonce else { return }
    let key = key(ofAccount: account)
    if accounts[key]?.see(nonce: nonce, place: place, now: now) != true {
      seen[place] = max(seen[place] ?? now, now)
    }
  }

  /// Takes in that all that was pending on a chain was listed.
  func note(_ chain: PolledChain, listedAt time: Int64) {
    polls[chain, default: PollHistory()].add(time)
  }

  /// When the lists of a chain came in.
  func polls(of chain: PolledChain) -> PollHistory { polls[chain] ?? PollHistory() }

  /// Takes in that the entry at a place does not count any more.
  func forget(_ entry: JournalEntry, at place: UInt64) {
    count -= 1
    if snapshot.map({ place < $0.end }) == true { forgotten.insert(place) }
    remove(key(ofID: entry.id), place)
    if let txID = entry.txID {
      remove(key(ofTransaction: txID, chain: entry.chain, testnet: entry.testnet), place)
    }
    for coin in entry.coins { remove(key(of: coin, chain: entry.chain, testnet: entry.testnet), place) }
    if let account = entry.account { accounts[key(ofAccount: account)]?.forget(place) }
  }

  private func remove(_ key: UInt64, _ place: UInt64) {
    var left = more.removeValue(forKey: key) ?? []
    left.removeAll { $0 == place }
    if places[key] == place { places[key] = left.isEmpty ? nil : left.removeFirst() }
    if !left.isEmpty { more[key] = left }
  }
}

extension JournalIndex.Account {
  fileprivate mutating func append(_ row: inout JournalIndex.NonceRow) {
    row.previous = last[row.nonce] ?? -1
    last[row.nonce] = Int32(truncatingIfNeeded: rows.count)
    highest = max(highest, row.nonce)
    rows.append(row)
  }

  /// Whether the row is here.
  fileprivate mutating func see(nonce: UInt64, place: UInt64, now: Int64) -> Bool {
    var index = last[nonce] ?? -1
    while index >= 0 {
      if rows[Int(index)].place == place {
        rows[Int(index)].lastSeen = max(rows[Int(index)].lastSeen, now)
        return true
      }
      index = rows[Int(index)].previous
    }
    return false
  }

  /// A row without a place is none: its links are needed.
  fileprivate mutating func forget(_ place: UInt64) {
    if let index = rows.firstIndex(where: { $0.place == place }) { rows[index].place = 0 }
  }
}

extension JournalEntry {
  /// Whose nonce it has; nil without one.
  var account: CountedAccount? {
    sender.map { CountedAccount(chain: chain, testnet: testnet, address: $0) }
  }
}
