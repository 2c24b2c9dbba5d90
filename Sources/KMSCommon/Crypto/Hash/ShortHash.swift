internal import CSodium

/// SipHash-2-4 (Aumasson and Bernstein, 2012): 64 bits under a secret key, for tables that are kept.
///
/// Who does not know the key can't choose texts that collide.
public struct ShortHash: Sendable {
  private let key: SecretBytes

  /// Takes a key of 16 bytes.
  ///
  /// - Throws: `CryptoError` with code `invalid-parameter` for another length.
  public init(_ key: SecretBytes) throws(CryptoError) {
    guard key.count == 16 else { throw .parameter("SipHash has a key of 16 bytes") }
    self.key = key
  }

  /// The hash of `bytes`.
  public func hash(_ bytes: Span<UInt8>) -> UInt64 {
    unsafe withUnsafeTemporaryAllocation(byteCount: 8, alignment: 8) { out in
      let start = unsafe out.start.assumingMemoryBound(to: UInt8.self)
      unsafe key.withPointer { key in
        unsafe bytes.withUnsafeBytes { text in
          let text = unsafe text.start.assumingMemoryBound(to: UInt8.self)
          _ = unsafe crypto_shorthash(start, text, UInt64(bytes.count), key)
        }
      }
      return unsafe UInt64(littleEndian: out.load(as: UInt64.self))
    }
  }
}
