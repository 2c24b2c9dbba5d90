internal import KMSCrypto
internal import KMSPrimitives

/// Reads the entries of a journal one after the other, a MiB at a time.
struct JournalWindow {
  private let descriptor: Int32
  private let path: String
  private let size: UInt64
  /// What was read, from the code in front of the next entry on.
  private var bytes: [UInt8] = []
  /// Where the next entry begins, in the file and in `bytes`.
  private var place: UInt64
  private var at = JournalFormat.macSize

  private static let step = 1 << 20

  /// Reads entries from `place` to the end of the file, which has `size` bytes.
  init(_ descriptor: Int32, path: String, from place: UInt64, size: UInt64) {
    self.descriptor = descriptor
    self.path = path
    self.place = place
    self.size = size
  }

  /// The code in front of the next entry.
  mutating func mac() throws -> [UInt8] {
    guard try load(0) else { return [] }
    return Array(bytes[at - JournalFormat.macSize..<at])
  }

  /// How long the body of the next entry is; nil when there is no whole entry, whether there are more bytes or not.
  mutating func nextLength() throws -> Int? {
    guard try load(JournalFormat.prefixSize), let length = length(at: at) else { return nil }
    let total = JournalFormat.prefixSize + length + JournalFormat.macSize
    return size - place >= UInt64(total) ? length : nil
  }

  /// Gives `visit` the body of the next entry if its code is right, and goes behind it; returns the code, nil when it is
  /// another one.
  mutating func body(
    of length: Int, key: HMACKey, _ visit: (Span<UInt8>) throws -> Void
  ) throws -> [UInt8]? {
    let covered = JournalFormat.prefixSize + length
    guard try load(covered + JournalFormat.macSize) else { return nil }
    let mac = Array(bytes[at + covered..<at + covered + JournalFormat.macSize])
    let bytes = bytes
    let message = bytes.span.extracting(at - JournalFormat.macSize..<at + covered)
    guard ConstantTime.equal(key.authenticate(message), mac) else { return nil }
    try visit(bytes.span.extracting(at + JournalFormat.prefixSize..<at + covered))
    at += covered + JournalFormat.macSize
    place += UInt64(covered + JournalFormat.macSize)
    return mac
  }

  /// Why what follows is no write that was cut off; nil when it is one.
  ///
  /// A write that was cut off is the beginning of entries and nothing else, so that its last entry says to be longer than
  /// the file is; or, after a power cut, it has that length and ends in zeros. Nothing that is whole follows it.
  mutating func damage(key: HMACKey) throws -> String? {
    let rest = Int(size - place)
    guard rest <= 1 << 30 else { return "\(rest) bytes are no entry" }
    guard try load(rest) else { return "it can't be read to its end" }
    if try hasEntry(key: key) { return "an entry was changed or removed, and whole ones follow" }
    guard rest >= JournalFormat.prefixSize else { return nil }
    let end = at + rest
    guard let length = length(at: at) else {
      return bytes[at..<end].allSatisfy { $0 == 0 } ? nil : "what follows is no entry"
    }
    let total = JournalFormat.prefixSize + length + JournalFormat.macSize
    if total > rest { return nil }
    if bytes[end - JournalFormat.macSize..<end].allSatisfy({ $0 == 0 }) { return nil }
    return "the entry there was changed"
  }

  /// Whether there is a whole entry anywhere behind the next place.
  private func hasEntry(key: HMACKey) throws -> Bool {
    let smallest = JournalFormat.prefixSize + JournalFormat.macSize
    guard bytes.count >= at + 1 + smallest else { return false }
    for start in at + 1...bytes.count - smallest {
      guard let length = length(at: start) else { continue }
      let end = start + JournalFormat.prefixSize + length
      guard end + JournalFormat.macSize <= bytes.count else { continue }
      let code = key.authenticate(bytes.span.extracting(start - JournalFormat.macSize..<end))
      if code.elementsEqual(bytes[end..<end + JournalFormat.macSize]) { return true }
    }
    return false
  }

  private func length(at place: Int) -> Int? {
    let length = bytes.span.bigEndian(UInt32.self, at: place)
    let masked = bytes.span.bigEndian(UInt32.self, at: place + 4)
    guard length ^ JournalFormat.lengthMask == masked, length > 0, length <= JournalFormat.largestBody else {
      return nil
    }
    return Int(length)
  }

  /// Makes sure that `count` bytes behind the next place were read; false when the file has not that many.
  private mutating func load(_ count: Int) throws -> Bool {
    guard size >= place, size - place >= UInt64(count) else { return false }
    if bytes.count >= at + count, !bytes.isEmpty { return true }
    let start = place - UInt64(JournalFormat.macSize)
    let wanted = Int(
      min(size - start, UInt64(max(JournalFormat.macSize + count, isFirst ? 4096 : Self.step))))
    isFirst = false
    bytes = try JournalLog.read(descriptor, at: start, count: wanted, path: path)
    at = JournalFormat.macSize
    return bytes.count >= at + count
  }

  /// One entry alone is read with little around it.
  private var isFirst = true
}
