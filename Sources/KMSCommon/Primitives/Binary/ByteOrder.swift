/// Integers as bytes: the one place where a number is taken apart and put together.
extension FixedWidthInteger where Self: UnsignedInteger {
  /// All bytes, the most significant one first.
  public var bigEndianBytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(bigEndian: self)
    return bytes
  }

  /// All bytes, the least significant one first.
  public var littleEndianBytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(littleEndian: self)
    return bytes
  }

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
    // The number's own bytes: one copy instead of a check for each of them.
    unsafe Swift.withUnsafeBytes(of: number.bigEndian) { unsafe append(contentsOf: $0) }
  }

  /// Appends all bytes of a number, the least significant one first.
  @inlinable public mutating func append(littleEndian number: some FixedWidthInteger & UnsignedInteger) {
    unsafe Swift.withUnsafeBytes(of: number.littleEndian) { unsafe append(contentsOf: $0) }
  }
}

extension Span<UInt8> {
  /// The number at a place, its highest byte first.
  @inlinable package func bigEndian<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    _ type: T.Type, at place: Int
  ) -> T {
    // The load is checked against the end, and all bits are an integer.
    T(bigEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: place, as: T.self))
  }
}

extension MutableSpan<UInt8> {
  /// Writes a number, its highest byte first, from the place `start` on.
  @inlinable package mutating func write(bigEndian number: some FixedWidthInteger, at start: Int) {
    let last = number.bitWidth / 8 - 1
    for i in 0...last { self[start + i] = UInt8(truncatingIfNeeded: number >> (8 * (last - i))) }
  }
}
