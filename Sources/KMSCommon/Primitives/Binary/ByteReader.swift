/// Reads bytes from the front, never beyond their end: what readers of binary formats have in common.
public struct ByteReader: Sendable {
  private let bytes: [UInt8]
  /// How many bytes were read.
  public private(set) var offset = 0

  /// Reads `bytes` from the front.
  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// How many bytes are left.
  public var remaining: Int { bytes.count - offset }

  /// Whether everything was read.
  public var isAtEnd: Bool { offset == bytes.count }

  /// The next byte, which stays unread; nil at the end.
  public var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  /// What was read since `start`, an offset that was passed.
  public func bytes(from start: Int) -> ArraySlice<UInt8> { bytes[start..<offset] }

  /// Reads a byte; nil at the end.
  public mutating func byte() -> UInt8? {
    guard let byte = peek else { return nil }
    offset += 1
    return byte
  }

  /// Reads `count` bytes; nil, and nothing is read, when there are fewer.
  public mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard count >= 0, count <= remaining else { return nil }
    defer { offset += count }
    return bytes[offset..<offset + count]
  }

  /// Reads an integer, most significant byte first; nil when there are too few bytes.
  public mutating func bigEndian<Value: FixedWidthInteger & UnsignedInteger>(_: Value.Type) -> Value? {
    take(Value.bitWidth / 8).map { Value(bigEndianBytes: $0) }
  }

  /// Reads an integer, least significant byte first; nil when there are too few bytes.
  public mutating func littleEndian<Value: FixedWidthInteger & UnsignedInteger>(_: Value.Type) -> Value? {
    take(Value.bitWidth / 8).map { Value(littleEndianBytes: $0) }
  }
}
