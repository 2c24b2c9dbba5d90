internal import CSodium
public import KMSCrypto

/// A private key of Ed25519.
public struct Ed25519PrivateKey: Sendable {
  /// The public key, 32 bytes.
  public let publicKey: [UInt8]
  /// Seed and public key, 64 bytes: the private key of NaCl.
  public let expanded: SecretBytes
  /// The seed, 32 bytes.
  public let seed: SecretBytes

  /// Takes a seed of 32 bytes; every one is a valid key.
  ///
  /// - Throws: `CryptoError.invalidPrivateKey` when the length is another one.
  public init(seed: SecretBytes) throws(CryptoError) {
    guard seed.count == 32 else { throw .invalidPrivateKey }
    var publicKey = [UInt8](repeating: 0, count: 32)
    expanded = try unsafe SecretBytes(
      count: 64,
      filling: { out in
        _ = unsafe seed.withPointer { unsafe crypto_sign_ed25519_seed_keypair(&publicKey, out.start, $0) }
      })
    self.publicKey = publicKey
    self.seed = seed
  }

  /// Signs `message` (not its hash): 64 bytes, always the same for the same message.
  public func sign(_ message: [UInt8]) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: 64) { out, written in
      guard let base = out.baseAddress else { return }
      _ = unsafe expanded.withPointer {
        unsafe crypto_sign_ed25519_detached(base, nil, message, UInt64(message.count), $0)
      }
      written = 64
    }
  }
}
