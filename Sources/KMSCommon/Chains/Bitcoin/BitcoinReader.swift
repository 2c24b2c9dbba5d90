internal import KMSPrimitives

/// Reads the wire format; every method answers nil when there are too few bytes.
struct BitcoinReader {
  private var reader: ByteReader

  /// Reads `bytes`.
  init(_ bytes: [UInt8]) { reader = ByteReader(bytes) }

  /// How many bytes have been read.
  var at: Int { reader.offset }
  var isAtEnd: Bool { reader.isAtEnd }

  mutating func read(_ count: Int) -> [UInt8]? { reader.take(count).map(Array.init) }

  mutating func readInteger<T: FixedWidthInteger & UnsignedInteger>(_ type: T.Type) -> T? {
    reader.littleEndian(type)
  }

  /// A number of elements, not more than there are bytes left, in its shortest form.
  mutating func readCompactSize() -> Int? {
    guard let first = reader.byte() else { return nil }
    let (value, smallest): (UInt64?, UInt64)
    switch first {
    case ..<0xfd: (value, smallest) = (UInt64(first), 0)
    case 0xfd: (value, smallest) = (readInteger(UInt16.self).map(UInt64.init), 0xfd)
    case 0xfe: (value, smallest) = (readInteger(UInt32.self).map(UInt64.init), 0x1_0000)
    default: (value, smallest) = (readInteger(UInt64.self), 0x1_0000_0000)
    }
    guard let value, value >= smallest, value <= UInt64(reader.remaining) else { return nil }
    return Int(value)
  }

  /// Passes over `count` bytes.
  mutating func skip(_ count: Int) -> Bool { reader.take(count) != nil }

  /// Passes over bytes that follow their number.
  mutating func skipSized() -> Bool { readCompactSize().map { skip($0) } ?? false }

  mutating func readSized() -> [UInt8]? { readCompactSize().flatMap { read($0) } }
}
