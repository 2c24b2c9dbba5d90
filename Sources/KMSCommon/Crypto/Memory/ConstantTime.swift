internal import CSodium

/// Comparison that does not tell by its duration where two byte strings differ.
public enum ConstantTime {
  /// Returns whether `a` and `b` are equal, in time that depends on their lengths only.
  public static func equal(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    guard a.count == b.count else { return false }
    return unsafe sodium_memcmp(a, b, a.count) == 0
  }
}
