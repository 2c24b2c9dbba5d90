internal import KMSPrimitives

/// The names of the objects that are being read, to find one that stands twice; compared as bytes, escapes decoded.
///
/// Names are kept by their place in the text, 8 bytes each, the innermost object's last. Few names are compared with
/// each other, which is faster than hashing; many are sorted by a hash once, at the end of their object, so that this
/// takes n log n whatever the names are.
struct JSONNameTable {
  /// Up to how many names of an object are compared with each other.
  private static let few = 16

  private struct Name {
    let start: UInt32
    /// The count of bytes, times 2, plus 1 when there are escapes.
    let countAndEscape: UInt32

    var range: Range<Int> { Int(start)..<Int(start) + Int(countAndEscape >> 1) }
    var isEscaped: Bool { countAndEscape & 1 == 1 }
  }

  /// The first ones, which are all that most records have open: they need no memory of their own.
  private var near = InlineArray<16, Name>(repeating: Name(start: 0, countAndEscape: 0))
  private var far: [Name] = []

  /// How many names are open.
  private(set) var count = 0

  private subscript(place: Int) -> Name { place < near.count ? near[place] : far[place - near.count] }

  /// Adds a name of the object whose names began at `first`; false when it is known to stand there already.
  mutating func add(_ text: JSONScanner.Text, since first: Int, in bytes: JSONBytes) -> Bool {
    let name = Name(
      start: UInt32(truncatingIfNeeded: text.range.lowerBound),
      countAndEscape: UInt32(truncatingIfNeeded: text.range.count << 1 | (text.isEscaped ? 1 : 0)))
    if count - first < Self.few {
      for i in first..<count where Self.isSame(self[i], name, bytes) { return false }
    }
    if count < near.count { near[count] = name } else { far.append(name) }
    count += 1
    return true
  }

  /// Forgets the names since `first`, where their object began; returns where one stands that stood there before.
  mutating func close(since first: Int, in bytes: JSONBytes) -> Int? {
    defer {
      count = first
      if !far.isEmpty { far.removeLast(far.count - max(0, first - near.count)) }
    }
    guard count - first > Self.few else { return nil }
    var order = (first..<count).map { index -> UInt64 in
      var hasher = Hasher()  // seeded anew in each process, so nobody outside can choose names that collide
      for byte in Self.decoded(self[index], bytes) { hasher.combine(byte) }
      return UInt64(UInt32(truncatingIfNeeded: hasher.finalize())) << 32 | UInt64(index)
    }
    order.sort()
    var groupStart = 0
    for i in order.indices.dropFirst() {
      guard order[i] >> 32 == order[groupStart] >> 32 else {
        groupStart = i
        continue
      }
      let name = self[Int(truncatingIfNeeded: order[i] & 0xFFFF_FFFF)]
      for j in groupStart..<i where Self.isSame(self[Int(order[j] & 0xFFFF_FFFF)], name, bytes) {
        return Int(name.start)
      }
    }
    return nil
  }

  private static func isSame(_ a: Name, _ b: Name, _ bytes: JSONBytes) -> Bool {
    if a.isEscaped || b.isEscaped { return decoded(a, bytes) == decoded(b, bytes) }
    guard a.countAndEscape == b.countAndEscape else { return false }
    for i in 0..<a.range.count where bytes[a.range.lowerBound + i] != bytes[b.range.lowerBound + i] {
      return false
    }
    return true
  }

  private static func decoded(_ name: Name, _ bytes: JSONBytes) -> [UInt8] {
    bytes.within(name.range) { name.isEscaped ? JSONEscapes.bytes($0) : Array($0) }
  }
}
