internal import KMSPrimitives

/// The name of a member that programs look for, ready to be compared.
package struct JSONName: Sendable, ExpressibleByStringLiteral {
  /// The name.
  package let text: String
  let key: JSONNameKey
  private let count: Int

  /// A name.
  package init(_ text: String) {
    self.text = text
    key = JSONNameKey(text)
    count = text.utf8.count
  }

  /// A name.
  package init(stringLiteral text: String) { self.init(text) }

  /// Whether a name that was read, and its key, is this one.
  func `is`(_ name: JSONScanner.Text, _ key: JSONNameKey, in bytes: JSONBytes) -> Bool {
    key == self.key && bytes.within(0..<bytes.count) { isSame(name.place, in: $0) }
  }

  /// Whether a name that has this key and stands in a text is this one; compared as bytes.
  func isSame(_ name: JSONPlace, in text: Span<UInt8>) -> Bool {
    guard !name.isEscaped else { return name.string(in: text)?.hasSameBytes(as: self.text) == true }
    let bytes = text.extracting(name.content)
    guard bytes.count == count else { return false }
    // The key has all of a short name.
    guard count > JSONNameKey.bytes else { return true }
    let own = self.text.utf8.span
    for i in own.indices where own[i] != bytes[i] { return false }
    return true
  }
}

/// The length of a name and its first bytes: two names that differ here differ, so that most are told apart without a look at
/// their text, and without counting its references.
struct JSONNameKey: Hashable, Sendable {
  /// How many bytes of a name it has.
  static let bytes = 7

  private let bits: UInt64

  init(_ name: String) { self.init(name.utf8.span) }

  init(_ name: Span<UInt8>) {
    // The length modulo 256: which of two long names it is, their text says.
    var bits = UInt64(truncatingIfNeeded: name.count) << 56
    for i in 0..<min(name.count, Self.bytes) { bits |= UInt64(name[i]) << UInt64(8 * i) }
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
