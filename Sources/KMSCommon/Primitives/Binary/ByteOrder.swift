/// Integers as bytes: the one place where a number is taken apart and put together.
extension FixedWidthInteger where Self: UnsignedInteger {
  /// All bytes, the most significant one first.
  public var bigEndianBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }

  /// All bytes, the least significant one first.
  public var littleEndianBytes: [UInt8] { withUnsafeBytes(of: littleEndian) { Array($0) } }

  /// The number whose bytes these are, the most significant one first; of more than fit, those that come last count.
  @inlinable public init(bigEndianBytes bytes: some Sequence<UInt8>) {
    self = bytes.reduce(0) { $0 << 8 | Self($1) }
  }

  /// The number whose bytes these are, the least significant one first; of more than fit, those that come first count.
  @inlinable public init(littleEndianBytes bytes: some BidirectionalCollection<UInt8>) {
    self.init(bigEndianBytes: bytes.reversed())
  }
}

extension [UInt8] {
  /// Appends all bytes of a number, the most significant one first.
  @inlinable public mutating func append(bigEndian number: some FixedWidthInteger & UnsignedInteger) {
    Swift.withUnsafeBytes(of: number.bigEndian) { append(contentsOf: $0) }
  }
}
