internal import KMSPrimitives

/// The length of a name and its first bytes: two names that differ here differ, so that most are told apart without a look at
/// their text, and without counting its references.
struct JSONNameKey: Hashable, Sendable {
  private let bits: UInt64

  init(_ name: String) {
    let bytes = name.utf8.span
    // The length modulo 256: which of two long names it is, their text says.
    var bits = UInt64(truncatingIfNeeded: bytes.count) << 56
    for i in 0..<min(bytes.count, 7) { bits |= UInt64(bytes[i]) << UInt64(8 * i) }
    self.bits = bits
  }
}

/// A member of an object.
protocol JSONNamed {
  var name: String { get }
  /// Made of the name.
  var key: JSONNameKey { get }
}

extension Array where Element: JSONNamed {
  /// Where the member `name` is; nil when there is none.
  func index(of name: String) -> Int? {
    let key = JSONNameKey(name)
    for i in indices where self[i].key == key {
      if self[i].name.hasSameBytes(as: name) { return i }
    }
    return nil
  }
}
