/// Reads the wire format; every method answers nil when there are too few bytes.
struct BitcoinReader {
  private let bytes: [UInt8]
  /// How many bytes have been read.
  private(set) var at: Int

  /// Reads `bytes` from the byte `at` on.
  init(_ bytes: [UInt8], at: Int = 0) {
    self.bytes = bytes
    self.at = min(max(at, 0), bytes.count)
  }

  var isAtEnd: Bool { at == bytes.count }

  mutating func read(_ count: Int) -> [UInt8]? {
    guard count <= bytes.count - at else { return nil }
    defer { at += count }
    return Array(bytes[at..<at + count])
  }

  mutating func readInteger<T: FixedWidthInteger & UnsignedInteger>(_: T.Type) -> T? {
    read(T.bitWidth / 8)?.reversed().reduce(0) { $0 << 8 | T($1) }
  }

  /// A number of elements, not more than there are bytes left, in its shortest form.
  mutating func readCompactSize() -> Int? {
    guard let first = readInteger(UInt8.self) else { return nil }
    let (value, smallest): (UInt64?, UInt64)
    switch first {
    case ..<0xfd: (value, smallest) = (UInt64(first), 0)
    case 0xfd: (value, smallest) = (readInteger(UInt16.self).map(UInt64.init), 0xfd)
    case 0xfe: (value, smallest) = (readInteger(UInt32.self).map(UInt64.init), 0x1_0000)
    default: (value, smallest) = (readInteger(UInt64.self), 0x1_0000_0000)
    }
    guard let value, value >= smallest, value <= UInt64(bytes.count - at) else { return nil }
    return Int(value)
  }

  /// Passes over `count` bytes.
  mutating func skip(_ count: Int) -> Bool {
    guard count <= bytes.count - at else { return false }
    at += count
    return true
  }

  /// Passes over bytes that follow their number.
  mutating func skipSized() -> Bool { readCompactSize().map { skip($0) } ?? false }

  mutating func readSized() -> [UInt8]? { readCompactSize().flatMap { read($0) } }
}
