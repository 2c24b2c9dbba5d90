internal import KMSPrimitives

/// Writes the wire format of the Bitcoin family: little-endian integers, compact sizes, script pushes.
package struct BitcoinWriter {
  package private(set) var bytes: [UInt8] = []

  package init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

  package mutating func append(_ more: some Collection<UInt8>) { bytes.append(contentsOf: more) }

  package mutating func append(byte: UInt8) { bytes.append(byte) }

  package mutating func append(littleEndian value: some FixedWidthInteger & UnsignedInteger) {
    bytes.append(littleEndian: value)
  }

  /// A compact size: 1, 3 or 5 bytes; more elements don't fit into memory that a record may use.
  package mutating func append(compactSize count: Int) {
    switch count {
    case ..<0xfd: append(byte: UInt8(count))
    case ..<0x1_0000:
      append(byte: 0xfd)
      append(littleEndian: UInt16(count))
    default:
      append(byte: 0xfe)
      append(littleEndian: UInt32(truncatingIfNeeded: count))
    }
  }

  /// Bytes after their compact size.
  package mutating func append(sized more: [UInt8]) {
    append(compactSize: more.count)
    append(more)
  }

  /// A script push of `data`, in the shortest form; at most 65,535 bytes.
  package mutating func append(push data: [UInt8]) {
    switch data.count {
    case ..<0x4c: append(byte: UInt8(data.count))
    case ..<0x100:
      append(byte: 0x4c)  // OP_PUSHDATA1
      append(byte: UInt8(data.count))
    default:
      append(byte: 0x4d)  // OP_PUSHDATA2
      append(littleEndian: UInt16(truncatingIfNeeded: data.count))
    }
    append(data)
  }

  package static func compactSizeLength(_ count: Int) -> Int { count < 0xfd ? 1 : count < 0x1_0000 ? 3 : 5 }

  /// A script that only pushes `items`.
  package static func pushes(_ items: [[UInt8]]) -> [UInt8] {
    var writer = BitcoinWriter()
    for item in items { writer.append(push: item) }
    return writer.bytes
  }
}
