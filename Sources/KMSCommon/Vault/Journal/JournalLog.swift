internal import Glibc
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSProcess

/// The file of a journal: entries are appended to it and never changed. docs/journal.md specifies it.
///
/// Each entry is followed by a code over itself and the code in front of it, under the journal's key: nothing can be
/// changed, removed, put in or put elsewhere without the key, but for the end being cut off.
final class JournalLog {
  let path: String
  /// 16 bytes: which journal it is.
  let id: [UInt8]
  let key: HMACKey
  private let descriptor: Int32
  private let lock: JournalLock

  /// Up to where the file is known, sound and on disk.
  private(set) var durableEnd: UInt64
  /// The code in front of `durableEnd`, as it was when this was found out.
  private(set) var durableMAC: [UInt8]
  /// What was found at the end of the file and cut off, in sentences; for the log of the program.
  var notes: [String] = []

  /// Writes a group while the next one is made.
  private let writer = Worker()
  /// What is written behind `durableEnd`: the group on its way to the disk, then the one that is being made.
  private var flight: JournalFlight?
  private var group: [UInt8]
  private var groupStart: UInt64

  /// Opens a file that is known to be private.
  ///
  /// - Throws: `not-a-journal`, `newer-version`; `wrong-journal` when the head was not written with `key`.
  init(_ path: String, key: SecretBytes, lockTimeout: Int) throws {
    self.path = path
    self.key = try HMACKey(key)
    descriptor = System.open(path, O_RDWR | O_NOFOLLOW)
    guard descriptor >= 0 else {
      throw VaultError(.cannotRead, "the journal \(path) can't be opened: \(System.reason())")
    }
    lock = JournalLock(descriptor, path: path, timeout: lockTimeout)
    let head: [UInt8]
    do {
      head = try Self.read(descriptor, at: 0, count: JournalFormat.headSize, path: path)
      try Self.check(head, key: self.key, path: path)
    } catch {
      close(descriptor)
      throw error
    }
    id = Array(head[32..<48])
    durableEnd = UInt64(JournalFormat.headSize)
    durableMAC = Array(head.suffix(JournalFormat.macSize))
    group = durableMAC
    groupStart = durableEnd
  }

  deinit {
    flight?.wait()
    close(descriptor)
  }

  // MARK: The head

  /// The head of a new journal.
  static func head(id: [UInt8], key: HMACKey, now: Int64) -> [UInt8] {
    var head = JournalFormat.magic + id
    head.append(bigEndian: UInt64(bitPattern: now))
    head.append(bigEndian: 0 as UInt64)
    return head + key.authenticate(head)
  }

  private static func check(_ head: [UInt8], key: HMACKey, path: String) throws(VaultError) {
    guard head.starts(with: JournalFormat.family), head.count == JournalFormat.headSize else {
      throw .notAJournal(path)
    }
    guard head.starts(with: JournalFormat.magic) else { throw .newerJournal(path) }
    let tag = Array(head.suffix(JournalFormat.macSize))
    guard ConstantTime.equal(key.authenticate(Array(head.dropLast(JournalFormat.macSize))), tag) else {
      throw .wrongJournal(path)
    }
  }

  // MARK: Taking turns

  /// Takes the lock; false when we have it already.
  ///
  /// - Throws: `busy`; `journal-replaced` when another file has the name by now.
  func take() throws -> Bool { try lock.take() }

  /// Whether another process waits for the lock.
  var othersWait: Bool { lock.othersWait }

  /// Lets others have the journal; nothing is under way.
  func release() { if flight == nil { lock.release() } }

  // MARK: Reading

  /// Starts behind what an index vouches for; false when the file is not what it was then.
  func skip(to end: UInt64, mac: [UInt8]) throws -> Bool {
    guard end >= UInt64(JournalFormat.headSize), end <= (try size()) else { return false }
    let found = try Self.read(
      descriptor, at: end - UInt64(JournalFormat.macSize), count: JournalFormat.macSize, path: path)
    guard ConstantTime.equal(found, mac) else { return false }
    move(to: end, mac: mac)
    return true
  }

  private func move(to end: UInt64, mac: [UInt8]) {
    durableEnd = end
    durableMAC = mac
    group = mac
    groupStart = end
  }

  private func size() throws -> UInt64 {
    guard let status = System.status(descriptor) else {
      throw VaultError(.cannotRead, "the journal \(path) can't be read: \(System.reason())")
    }
    return UInt64(max(0, status.st_size))
  }

  /// Takes in what is behind `durableEnd`, and cuts off what a process that was killed left there unfinished.
  ///
  /// - Parameters:
  ///   - mayCut: whether we hold the lock; without it, an unfinished end is passed over.
  ///   - visit: told of each entry's place and body.
  /// - Throws: `damaged-journal`; what `visit` throws.
  func catchUp(mayCut: Bool, _ visit: (UInt64, Span<UInt8>) throws -> Void) throws {
    let size = try size()
    guard size >= durableEnd else {
      throw VaultError.damagedJournal(path, "it is shorter than it was: \(size) bytes of \(durableEnd)")
    }
    guard size > durableEnd else { return }
    var window = JournalWindow(descriptor, path: path, from: durableEnd, size: size)
    guard try window.mac() == durableMAC else {
      throw VaultError.damagedJournal(path, "what is in front of byte \(durableEnd) was changed")
    }
    var (end, mac) = (durableEnd, durableMAC)
    while let length = try window.nextLength() {
      guard let body = try window.body(of: length, key: key, { try visit(end, $0) }) else { break }
      end += UInt64(JournalFormat.prefixSize + length + JournalFormat.macSize)
      mac = body
    }
    move(to: end, mac: mac)
    guard end < size else { return }
    if let reason = try window.damage(key: key) {
      throw VaultError.damagedJournal(path, "at byte \(end) of \(size): \(reason)")
    }
    guard mayCut else { return }
    notes.append(
      "the last \(size - end) bytes of the journal \(path) were never finished, by a process that was killed or a disk that was "
        + "full; nothing of them had left, and they were cut off")
    try cut()
  }

  /// The body of the entry at a place, checked.
  ///
  /// - Throws: `damaged-journal`.
  func entry<R>(at place: UInt64, _ body: (Span<UInt8>) throws -> R) throws -> R {
    if place >= groupStart, place - groupStart < UInt64(group.count - JournalFormat.macSize) {
      return try Self.entry(in: group, at: place - groupStart, body)
    }
    if let flight, place >= flight.start {
      return try Self.entry(in: flight.bytes, at: place - flight.start, body)
    }
    var window = JournalWindow(descriptor, path: path, from: place, size: try size())
    var result: R?
    guard let length = try window.nextLength(),
      try window.body(of: length, key: key, { result = try body($0) }) != nil, let result
    else { throw VaultError.damagedJournal(path, "the entry at byte \(place) was changed") }
    return result
  }

  private static func entry<R>(
    in bytes: [UInt8], at place: UInt64, _ body: (Span<UInt8>) throws -> R
  ) throws -> R {
    let start = JournalFormat.macSize + Int(place)
    let length = Int(bytes.span.bigEndian(UInt32.self, at: start))
    let bodyStart = start + JournalFormat.prefixSize
    return try body(bytes.span.extracting(bodyStart..<bodyStart + length))
  }

  // MARK: Writing

  private static let roomForMAC = [UInt8](repeating: 0, count: JournalFormat.macSize)

  /// Appends an entry to the group; returns its place.
  func append(_ write: (inout [UInt8]) -> Void) throws(VaultError) -> UInt64 {
    let start = group.count
    group.append(bigEndian: 0 as UInt64)
    write(&group)
    let length = group.count - start - JournalFormat.prefixSize
    guard length <= JournalFormat.largestBody else {
      group.removeLast(group.count - start)
      throw VaultError(.invalidArgument, "an entry of the journal is longer than 64 MiB")
    }
    let prefix = UInt32(length)
    group.append(contentsOf: Self.roomForMAC)
    var bytes = group.mutableSpan
    bytes.write(bigEndian: prefix, at: start)
    bytes.write(bigEndian: prefix ^ JournalFormat.lengthMask, at: start + 4)
    key.authenticate(start - JournalFormat.macSize..<bytes.count - JournalFormat.macSize, of: &bytes)
    return groupStart + UInt64(start - JournalFormat.macSize)
  }

  /// Forgets the group that is being made.
  func dropGroup() {
    group.removeLast(group.count - JournalFormat.macSize)
  }

  /// Begins to write the group; what was sealed before is settled.
  func seal() {
    // Nothing from outside decides this: `Journal.commit` settles first. Going on would lose what was signed.
    precondition(flight == nil, "two groups of the journal are under way")
    guard group.count > JournalFormat.macSize else { return }
    let flight = JournalFlight(group, start: groupStart, descriptor: descriptor)
    self.flight = flight
    groupStart += UInt64(group.count - JournalFormat.macSize)
    group = Array(group.suffix(JournalFormat.macSize))
    group.reserveCapacity(flight.bytes.count)
    writer.run { flight.run() }
  }

  /// Waits until what was sealed is on disk.
  ///
  /// - Throws: `cannot-write`: it is not, and was cut off again.
  func settle() throws {
    guard let flight else { return }
    flight.wait()
    self.flight = nil
    if flight.problem == 0 {
      durableEnd = flight.start + UInt64(flight.bytes.count - JournalFormat.macSize)
      durableMAC = Array(flight.bytes.suffix(JournalFormat.macSize))
      return
    }
    let reason = System.reason(flight.problem)
    group = durableMAC
    groupStart = durableEnd
    try? cut()  // if even that fails, the next one who takes the lock does it
    throw VaultError(
      .cannotWrite, "the journal \(path) can't be written: \(reason)",
      hint: "free space on its disk, or see what is wrong with it")
  }

  private func cut() throws {
    guard ftruncate(descriptor, off_t(durableEnd)) == 0, fdatasync(descriptor) == 0 else {
      throw VaultError(.cannotWrite, "the journal \(path) can't be written: \(System.reason())")
    }
  }

  static func read(_ descriptor: Int32, at place: UInt64, count: Int, path: String) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var room = bytes.mutableSpan
    let filled = try read(descriptor, at: place, into: &room, path: path)
    bytes.removeLast(count - filled)
    return bytes
  }

  /// Reads until `buffer` is full or the file ends; returns how many bytes there were.
  static func read(
    _ descriptor: Int32, at place: UInt64, into buffer: inout MutableSpan<UInt8>, path: String
  ) throws -> Int {
    do throws(Descriptor.Failure) { return try Descriptor.read(descriptor, into: &buffer, at: place) } catch {
      throw VaultError(.cannotRead, "the journal \(path) can't be read: \(error.reason)")
    }
  }
}

/// A group on its way to the disk.
private final class JournalFlight: @unchecked Sendable {
  // Sendable although it changes: `problem` is written before `done` is opened, and read after it was waited for.
  let bytes: [UInt8]
  let start: UInt64
  private let descriptor: Int32
  private let done = Latch()
  private(set) var problem: Int32 = 0

  init(_ bytes: [UInt8], start: UInt64, descriptor: Int32) {
    self.bytes = bytes
    self.start = start
    self.descriptor = descriptor
  }

  func run() {
    problem = write()
    done.open()
  }

  private func write() -> Int32 {
    let bytes = bytes
    do throws(Descriptor.Failure) {
      try Descriptor.write(descriptor, bytes.span.extracting(JournalFormat.macSize...), at: start)
    } catch { return error.number }
    while fdatasync(descriptor) != 0 {
      if errno != EINTR { return errno }
    }
    return 0
  }

  func wait() { done.wait() }
}
