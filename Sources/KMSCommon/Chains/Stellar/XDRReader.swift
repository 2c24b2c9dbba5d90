internal import KMSPrimitives

/// Reads XDR (RFC 4506) strictly: booleans are 0 or 1, padding is zero, lengths fit what is left.
struct XDRReader {
  private var reader: ByteReader

  init(_ bytes: [UInt8]) { reader = ByteReader(bytes) }

  /// The offset of the next byte.
  var at: Int { reader.offset }

  /// Whether everything was read.
  var isAtEnd: Bool { reader.isAtEnd }

  /// What was read since `start`.
  func bytes(from start: Int) -> ArraySlice<UInt8> { reader.bytes(from: start) }

  /// The next `count` bytes and their padding to a multiple of four.
  mutating func opaque(_ count: Int) throws(ChainError) -> ArraySlice<UInt8> {
    // Messages have the position of what they are about.
    let ahead = reader
    guard let value = reader.take(count), let padding = reader.take((4 - count & 3) & 3) else {
      reader = ahead
      throw error("it ends too early")
    }
    guard padding.allSatisfy({ $0 == 0 }) else {
      reader = ahead
      throw error("padding is not zero")
    }
    return value
  }

  /// The length of a sequence, at most `limit`.
  mutating func count(max limit: UInt32) throws(ChainError) -> Int {
    let count = try uint32()
    guard count <= limit else { throw error("there are \(count) items or bytes, more than \(limit)") }
    return Int(count)
  }

  /// Bytes after their length, which is at most `limit`.
  @discardableResult
  mutating func variable(max limit: UInt32) throws(ChainError) -> ArraySlice<UInt8> {
    try opaque(count(max: limit))
  }

  mutating func uint32() throws(ChainError) -> UInt32 {
    UInt32(bigEndianBytes: try opaque(4))
  }

  mutating func uint64() throws(ChainError) -> UInt64 {
    UInt64(bigEndianBytes: try opaque(8))
  }

  mutating func int64() throws(ChainError) -> Int64 { Int64(bitPattern: try uint64()) }

  /// A boolean, which also stands before optional values.
  mutating func bool() throws(ChainError) -> Bool {
    switch try uint32() {
    case 0: false
    case 1: true
    default: throw error("a boolean is neither 0 nor 1")
    }
  }

  /// Passes over `count` bytes.
  mutating func skip(_ count: Int) throws(ChainError) { _ = try opaque(count) }

  /// `malformed-transaction` with the position.
  func error(_ what: String) -> ChainError {
    .malformed("serializedTransaction is no Stellar transaction: \(what), at byte \(at) of the XDR")
  }
}
