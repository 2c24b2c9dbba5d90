internal import KMSPrimitives

/// JSON text where it lies, for as long as the call lasts that was given it. Every access is checked against its end.
@safe struct JSONBytes {
  // A span would be checked by the compiler, but can't be stored in a scanner that closures get to change.
  private let buffer: UnsafeBufferPointer<UInt8>

  /// How many bytes there are.
  let count: Int

  /// Takes bytes that must stay where they are as long as this, or a copy of it, is in use.
  @unsafe init(_ buffer: UnsafeBufferPointer<UInt8>) {
    unsafe self.buffer = buffer
    count = buffer.count
  }

  /// The byte at a place from 0 to `count` - 1.
  @inline(__always) subscript(place: Int) -> UInt8 {
    precondition(UInt(bitPattern: place) < UInt(bitPattern: count))
    return unsafe buffer[place]
  }

  /// Gives `body` the bytes in `range`.
  @inline(__always) func within<R>(_ range: Range<Int>, _ body: (Span<UInt8>) -> R) -> R {
    body(unsafe buffer.span.extracting(range))
  }

  /// Whether the same bytes stand in two ranges.
  func isSame(_ a: Range<Int>, _ b: Range<Int>) -> Bool {
    a.count == b.count && within(a) { a in within(b) { b in a.indices.allSatisfy { a[$0] == b[$0] } } }
  }

  /// The text in `range`, as it stands.
  func text(_ range: Range<Int>) -> String { within(range) { String(decoding: $0) } }
}
