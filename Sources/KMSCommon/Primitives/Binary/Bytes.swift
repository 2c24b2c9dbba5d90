// What collections have and spans have not. Places in a part that `extracting` gave count from its own start.

extension Span where Element == UInt8 {
  /// The first byte; nil when there is none.
  @inlinable package var first: UInt8? { isEmpty ? nil : self[0] }

  /// The last byte; nil when there is none.
  @inlinable package var last: UInt8? { isEmpty ? nil : self[count - 1] }

  /// The place of the first byte that satisfies `condition`.
  @inlinable package func firstIndex(where condition: (UInt8) -> Bool) -> Int? {
    indices.first { condition(self[$0]) }
  }

  /// The place of the last byte that satisfies `condition`.
  @inlinable package func lastIndex(where condition: (UInt8) -> Bool) -> Int? {
    indices.last { condition(self[$0]) }
  }

  /// Whether all bytes satisfy `condition`.
  @inlinable package func allSatisfy(_ condition: (UInt8) -> Bool) -> Bool {
    indices.allSatisfy { condition(self[$0]) }
  }

  /// How many bytes satisfy `condition`.
  @inlinable package func count(where condition: (UInt8) -> Bool) -> Int {
    indices.count { condition(self[$0]) }
  }

  /// How many bytes at the front satisfy `condition`.
  @inlinable package func prefixCount(while condition: (UInt8) -> Bool) -> Int {
    firstIndex { !condition($0) } ?? count
  }

  /// Whether the bytes are those of `other`; not in constant time.
  @inlinable package func elementsEqual(_ other: some Collection<UInt8>) -> Bool {
    count == other.count && starts(with: other)
  }

  /// Whether the bytes begin with `prefix`; not in constant time.
  @inlinable package func starts(with prefix: some Collection<UInt8>) -> Bool {
    guard prefix.count <= count else { return false }
    var at = 0
    for byte in prefix {
      guard self[at] == byte else { return false }
      at += 1
    }
    return true
  }

  /// Whether the bytes end with `suffix`; not in constant time.
  @inlinable package func ends(with suffix: some Collection<UInt8>) -> Bool {
    extracting(last: suffix.count).elementsEqual(suffix)
  }

  /// The place where `word` first stands, at `start` or behind it; nil where it does not.
  @inlinable package func firstIndex(of word: some Collection<UInt8>, from start: Int = 0) -> Int? {
    guard word.count <= count - start else { return nil }
    return (start...count - word.count).first { extracting($0...).starts(with: word) }
  }

  /// The parts between bytes that satisfy `condition`, as their places; empty ones included.
  @inlinable package func parts(between condition: (UInt8) -> Bool) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var start = 0
    for i in indices where condition(self[i]) {
      parts.append(start..<i)
      start = i + 1
    }
    return parts + [start..<count]
  }
}

extension MutableSpan where Element == UInt8 {
  /// Writes `bytes` from the place `start` on.
  @inlinable package mutating func write(_ bytes: Span<UInt8>, at start: Int = 0) {
    precondition(start >= 0 && bytes.count <= count - start)
    unsafe bytes.withUnsafeBytes { bytes in
      // Within this span; the two don't overlap, as nobody else has access to it.
      unsafe withUnsafeMutableBytes {
        unsafe UnsafeMutableRawBufferPointer(rebasing: $0[start...]).copyMemory(from: bytes)
      }
    }
  }

  /// Writes `bytes` from the place `start` on.
  @inlinable package mutating func write(_ bytes: some Collection<UInt8>, at start: Int = 0) {
    var at = start
    for byte in bytes {
      self[at] = byte
      at += 1
    }
  }

  /// Turns the order of the first `count` bytes around.
  mutating func reverse(first count: Int) {
    for i in 0..<count / 2 { swapAt(i, count - 1 - i) }
  }
}

extension Array<UInt8> {
  /// Appends `bytes`.
  @inlinable package mutating func append(contentsOf bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }

  /// A copy of `bytes`.
  @inlinable package init(_ bytes: Span<UInt8>) {
    // A span's own bytes, within the closure: one copy instead of a loop.
    self = unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
  }
}

extension OutputSpan<UInt8> {
  /// Appends `bytes`, for which there must be room.
  @inlinable package mutating func append(contentsOf bytes: Span<UInt8>) {
    precondition(bytes.count <= freeCapacity)
    unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe withUnsafeMutableBufferPointer { buffer, count in
        // Within the free capacity.
        let free = unsafe UnsafeMutableBufferPointer(rebasing: buffer[count...])
        count += unsafe free.update(fromContentsOf: bytes)
      }
    }
  }
}

extension String {
  /// The text of UTF-8 `bytes`, repaired where they are none.
  @inlinable package init(decoding bytes: Span<UInt8>) {
    self = unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
  }

  /// The text of at most `capacity` bytes of UTF-8 that `fill` appends.
  @inlinable package init(capacity: Int, _ fill: (inout OutputSpan<UInt8>) -> Void) {
    self.init(asciiCapacity: capacity, fill)
  }

  /// The ASCII text of at most `capacity` characters that `fill` appends.
  @inlinable package init(asciiCapacity capacity: Int, _ fill: (inout OutputSpan<UInt8>) -> Void) {
    // The buffer is the new string's own, and `finalize` says how much of it was written.
    unsafe self.init(unsafeUninitializedCapacity: capacity) { buffer in
      var out = unsafe OutputSpan(buffer: buffer, initializedCount: 0)
      fill(&out)
      return unsafe out.finalize(for: buffer)
    }
  }
}

/// Gives `body` room for `capacity` bytes on the stack, for as long as it runs.
@inlinable package func withTemporaryBytes<R>(capacity: Int, _ body: (inout OutputSpan<UInt8>) -> R) -> R {
  unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { buffer in
    var out = unsafe OutputSpan(buffer: buffer, initializedCount: 0)
    return body(&out)
  }
}
