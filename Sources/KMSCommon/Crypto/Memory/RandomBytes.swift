internal import CSodium

/// Randomness that is not secret (nonces, salts, identifiers); secrets are made by `SecretBytes.random`.
public enum RandomBytes {
  /// Returns `count` bytes of the system's generator; a negative count gives none.
  public static func generate(count: Int) -> [UInt8] {
    _ = SecretHeap.shared  // initialises libsodium
    guard count > 0 else { return [] }
    return unsafe [UInt8](unsafeUninitializedCapacity: count) { out, written in
      if let base = out.baseAddress { unsafe randombytes_buf(base, count) }
      written = count
    }
  }
}
