internal import Glibc
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSProcess

/// The index of a journal up to some place, in a file beside it, so that a start need not read the whole journal.
///
/// It can be deleted at any time. It is written under the journal's key, and says up to which place and code of the journal
/// it goes: a journal that is not the one any more which it was made of is found out.
///
/// The file: a head of 128 bytes (text of 32 bytes, id of the journal, end, code at the end, entries, numbers of rows of
/// both tables), rows of 16 bytes (hash, place) in ascending order, rows of 48 bytes (hash of the account, nonce, place,
/// signed at, last seen, the network's count: all ones for none) in ascending order, and an HMAC of 32 bytes over all of it. Numbers have 8 bytes, little-endian.
@safe final class JournalSnapshot {
  /// Up to where it goes.
  let end: UInt64
  /// The code of the journal there.
  let mac: [UInt8]
  /// The number of entries that count.
  let entries: UInt64

  // From `init`, which has checked that all rows lie within it, to `deinit`.
  private let map: UnsafeRawBufferPointer
  private let keyRows: Int
  private let nonceRows: Int

  private static let magic = JournalFormat.padded("tatum-kms journal index 2\n")
  private static let headSize = 128
  private static let keySize = 16
  private static let nonceSize = 48

  /// Opens the file at `path`; nil when there is none, or it is not a whole index of this journal.
  init?(_ path: String, journal id: [UInt8], key: HMACKey) {
    let descriptor = System.open(path, O_RDONLY | O_NOFOLLOW)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    guard let status = System.status(descriptor), status.st_uid == geteuid(), status.st_mode & 0o077 == 0,
      status.st_size >= Self.headSize + JournalFormat.macSize
    else { return nil }
    let size = Int(status.st_size)
    // Read, not mapped, for this: what is mapped and touched counts as memory of the process.
    guard Self.isWhole(descriptor, size: size, key: key, path: path),
      let start = unsafe mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), unsafe start != MAP_FAILED
    else { return nil }
    unsafe map = UnsafeRawBufferPointer(start: start, count: size)
    unsafe madvise(start, size, MADV_RANDOM)
    let map = unsafe self.map
    func number(_ at: Int) -> UInt64 {
      unsafe UInt64(littleEndian: map.loadUnaligned(fromByteOffset: at, as: UInt64.self))
    }
    end = number(48)
    mac = unsafe Array(map[56..<88])
    entries = number(88)
    keyRows = Int(clamping: number(96))
    nonceRows = Int(clamping: number(104))
    guard unsafe map[..<32].elementsEqual(Self.magic), unsafe map[32..<48].elementsEqual(id), keyRows < size,
      nonceRows < size,
      Self.headSize + keyRows * Self.keySize + nonceRows * Self.nonceSize + JournalFormat.macSize == size
    else { return nil }
  }

  deinit { unsafe munmap(UnsafeMutableRawPointer(mutating: map.baseAddress), map.count) }

  private static func isWhole(_ descriptor: Int32, size: Int, key: HMACKey, path: String) -> Bool {
    var code = key.stream()
    var at = 0
    let end = size - JournalFormat.macSize
    while at < end {
      let count = min(256 << 10, end - at)
      guard let part = try? JournalLog.read(descriptor, at: UInt64(at), count: count, path: path),
        part.count == count
      else { return false }
      code.update(part.span)
      at += count
    }
    guard
      let tag = try? JournalLog.read(descriptor, at: UInt64(end), count: JournalFormat.macSize, path: path)
    else { return false }
    return ConstantTime.equal(code.finish(), tag)
  }

  private func number(_ at: Int) -> UInt64 {
    unsafe UInt64(littleEndian: map.loadUnaligned(fromByteOffset: at, as: UInt64.self))
  }

  private func keyAt(_ row: Int) -> Int { Self.headSize + row * Self.keySize }
  private func nonceAt(_ row: Int) -> Int {
    Self.headSize + keyRows * Self.keySize + row * Self.nonceSize
  }

  /// The places of a hash, in ascending order.
  func places(of key: UInt64) -> [UInt64] {
    var row = firstRow(of: key)
    guard row < keyRows, number(keyAt(row)) == key else { return [] }
    var places: [UInt64] = []
    while row < keyRows, number(keyAt(row)) == key {
      places.append(number(keyAt(row) + 8))
      row += 1
    }
    return places
  }

  /// Hashes are spread evenly, so a guess comes near; what is left is halved.
  private func firstRow(of key: UInt64) -> Int {
    var (low, high) = (0, keyRows)
    var guess = Int(key.multipliedFullWidth(by: UInt64(keyRows)).high)
    var width = 64
    while low < high {
      let row = min(max(guess, low), high - 1)
      if number(keyAt(row)) < key { low = row + 1 } else { high = row }
      // Around the guess at first, in growing steps, then in the middle.
      guess = width < keyRows ? (low > row ? row + width : row - width) : low + (high - low) / 2
      if guess < low || guess >= high { guess = low + (high - low) / 2 }
      width *= 4
    }
    return low
  }

  /// The rows of an account from one nonce to another, in ascending order.
  func nonces(
    of account: UInt64, from first: UInt64, to last: UInt64 = .max, _ body: (JournalIndex.NonceRow) -> Void
  ) {
    var row = firstNonce(account, first)
    while row < nonceRows, number(nonceAt(row)) == account, number(nonceAt(row) + 8) <= last {
      body(nonceRow(row))
      row += 1
    }
  }

  /// The rows of an account from the highest nonce on downwards, as long as `body` says so.
  func lastNonces(of account: UInt64, _ body: (JournalIndex.NonceRow) -> Bool) {
    var row = firstNonce(account, .max) - 1
    while row + 1 < nonceRows, number(nonceAt(row + 1)) == account { row += 1 }
    while row >= 0, number(nonceAt(row)) == account, body(nonceRow(row)) { row -= 1 }
  }

  private func firstNonce(_ account: UInt64, _ nonce: UInt64) -> Int {
    var (low, high) = (0, nonceRows)
    while low < high {
      let middle = low + (high - low) / 2
      let at = nonceAt(middle)
      if (number(at), number(at + 8)) < (account, nonce) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func nonceRow(_ row: Int) -> JournalIndex.NonceRow {
    let at = nonceAt(row)
    let told = number(at + 40)
    return JournalIndex.NonceRow(
      nonce: number(at + 8), place: number(at + 16), signedAt: Int64(bitPattern: number(at + 24)),
      lastSeen: Int64(bitPattern: number(at + 32)), told: told == .max ? nil : told)
  }

  // MARK: Writing

  /// Writes all of `index`, which goes to `end`, to a file. It need not be durable: half a file is none.
  ///
  /// - Throws: `cannot-write`.
  static func write(
    _ index: JournalIndex, to path: String, journal id: [UInt8], end: UInt64, mac: [UInt8], key: HMACKey
  ) throws {
    let temporary = path + ".new"
    PrivateFile.remove(temporary)
    try PrivateFile.create(temporary)
    let descriptor = System.open(temporary, O_WRONLY | O_NOFOLLOW)
    defer { if descriptor >= 0 { close(descriptor) } }
    do {
      var out = Output(descriptor: descriptor, path: path, code: key.stream())
      let keys = keys(of: index)
      let nonces = nonces(of: index)
      let old = index.snapshot
      // The rows of forgotten entries are left out; their number is needed first.
      let oldKeys = old?.countKeys(but: index.forgotten) ?? 0
      let oldNonces = old?.countNonces(but: index.forgotten) ?? 0
      try out.write(magic + id)
      for number in [end] { try out.write(number) }
      try out.write(mac)
      for number in [
        UInt64(index.count), UInt64(oldKeys + keys.count), UInt64(oldNonces + nonces.count), 0, 0,
      ] {
        try out.write(number)
      }
      try old.writeKeys(merging: keys, but: index.forgotten, to: &out)
      try old.writeNonces(merging: nonces, but: index.forgotten, seen: index.seen, to: &out)
      try out.finish()
      guard System.rename(temporary, to: path) else {
        throw VaultError(.cannotWrite, "\(path) can't be written: \(System.reason())")
      }
    } catch {
      PrivateFile.remove(temporary)
      throw error
    }
  }

  private static func keys(of index: JournalIndex) -> [(UInt64, UInt64)] {
    var rows = index.places.map { ($0.key, $0.value) }
    for (key, places) in index.more { rows += places.map { (key, $0) } }
    rows.sort { $0 < $1 }
    return rows
  }

  private static func nonces(of index: JournalIndex) -> [(account: UInt64, row: JournalIndex.NonceRow)] {
    var rows = index.accounts.flatMap { account, nonces in
      nonces.rows.filter { $0.place > 0 }.map { (account: account, row: $0) }
    }
    rows.sort { ($0.account, $0.row.nonce, $0.row.place) < ($1.account, $1.row.nonce, $1.row.place) }
    return rows
  }

  private func countKeys(but forgotten: Set<UInt64>) -> Int {
    guard !forgotten.isEmpty else { return keyRows }
    return (0..<keyRows).count { !forgotten.contains(number(keyAt($0) + 8)) }
  }

  private func countNonces(but forgotten: Set<UInt64>) -> Int {
    guard !forgotten.isEmpty else { return nonceRows }
    return (0..<nonceRows).count { !forgotten.contains(number(nonceAt($0) + 16)) }
  }

  /// Lets the system have back what was read of the map.
  private func drop(at: Int) {
    guard let start = unsafe map.baseAddress, at & (1 << 20 - 1) < Self.nonceSize else { return }
    unsafe madvise(UnsafeMutableRawPointer(mutating: start), map.count, MADV_DONTNEED)
  }

  struct Output: ~Copyable {
    let descriptor: Int32
    let path: String
    var code: HMACKey.Stream
    var buffer: [UInt8] = []

    mutating func write(_ bytes: [UInt8]) throws {
      buffer += bytes
      if buffer.count >= 256 << 10 { try flush() }
    }

    mutating func write(_ number: UInt64) throws {
      buffer.append(littleEndian: number)
      if buffer.count >= 256 << 10 { try flush() }
    }

    private mutating func flush() throws {
      do {
        let bytes = buffer
        code.update(bytes.span)
      }
      try put()
    }

    private mutating func put() throws {
      try Self.put(buffer.span, descriptor, path)
      buffer.removeAll(keepingCapacity: true)
    }

    private static func put(_ bytes: Span<UInt8>, _ descriptor: Int32, _ path: String) throws {
      do throws(Descriptor.Failure) { try Descriptor.write(descriptor, bytes) } catch {
        throw VaultError(.cannotWrite, "\(path) can't be written: \(error.reason)")
      }
    }

    consuming func finish() throws {
      try flush()
      let path = path
      let descriptor = descriptor
      let tag = code.finish()
      try Self.put(tag.span, descriptor, path)
    }
  }
}

extension JournalSnapshot? {
  fileprivate func writeKeys(
    merging new: [(UInt64, UInt64)], but forgotten: Set<UInt64>, to out: inout JournalSnapshot.Output
  ) throws {
    var next = 0
    func takeNew(below limit: (UInt64, UInt64)?, _ out: inout JournalSnapshot.Output) throws {
      while next < new.count, limit.map({ new[next] < $0 }) ?? true {
        try out.write(new[next].0)
        try out.write(new[next].1)
        next += 1
      }
    }
    try self?.forEachKey { key, place in
      guard !forgotten.contains(place) else { return }
      try takeNew(below: (key, place), &out)
      try out.write(key)
      try out.write(place)
    }
    try takeNew(below: nil, &out)
  }

  fileprivate func writeNonces(
    merging new: [(account: UInt64, row: JournalIndex.NonceRow)], but forgotten: Set<UInt64>,
    seen: [UInt64: Int64],
    to out: inout JournalSnapshot.Output
  ) throws {
    var next = 0
    func put(_ account: UInt64, _ row: JournalIndex.NonceRow, _ out: inout JournalSnapshot.Output) throws {
      for number in [
        account, row.nonce, row.place, UInt64(bitPattern: row.signedAt), UInt64(bitPattern: row.lastSeen),
        row.told ?? .max,
      ] {
        try out.write(number)
      }
    }
    try self?.forEachNonce { account, row in
      guard !forgotten.contains(row.place) else { return }
      while next < new.count,
        (new[next].account, new[next].row.nonce, new[next].row.place) < (account, row.nonce, row.place)
      {
        try put(new[next].account, new[next].row, &out)
        next += 1
      }
      var row = row
      row.lastSeen = Swift.max(row.lastSeen, seen[row.place] ?? row.lastSeen)
      try put(account, row, &out)
    }
    while next < new.count {
      try put(new[next].account, new[next].row, &out)
      next += 1
    }
  }
}

extension JournalSnapshot {
  fileprivate func forEachKey(_ body: (UInt64, UInt64) throws -> Void) rethrows {
    for row in 0..<keyRows {
      try body(number(keyAt(row)), number(keyAt(row) + 8))
      drop(at: keyAt(row))
    }
  }

  fileprivate func forEachNonce(_ body: (UInt64, JournalIndex.NonceRow) throws -> Void) rethrows {
    for row in 0..<nonceRows {
      try body(number(nonceAt(row)), nonceRow(row))
      drop(at: nonceAt(row))
    }
  }
}
