/// Classes of ASCII characters.
public enum ASCII {
  /// Whether `character` is one of `0` to `9`.
  @inlinable @inline(__always) public static func isDigit(_ character: UInt8) -> Bool {
    character &- 48 < 10
  }
}

extension String {
  /// Whether both have the same UTF-8 bytes.
  ///
  /// Swift's `==` also takes canonically equivalent text for equal, such as U+212A KELVIN SIGN for `K`, which other
  /// programs tell apart.
  public func hasSameBytes(as other: String) -> Bool {
    let (a, b) = (utf8.span, other.utf8.span)
    guard a.count == b.count else { return false }
    for i in a.indices where a[i] != b[i] { return false }
    return true
  }
}
