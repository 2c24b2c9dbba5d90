internal import CSodium

/// Ed25519 signatures (RFC 8032), by libsodium.
public enum Ed25519 {
  /// Returns whether `publicKey` is the shortest encoding of a point of the main subgroup, 32 bytes.
  public static func isValidPublicKey(_ publicKey: [UInt8]) -> Bool {
    publicKey.count == 32 && crypto_core_ed25519_is_valid_point(publicKey) == 1
  }

  /// The same for bytes that may as well be a secret.
  public static func isValidPublicKey(_ bytes: SecretBytes) -> Bool {
    bytes.count == 32 && bytes.withPointer { crypto_core_ed25519_is_valid_point($0) } == 1
  }

  /// Returns whether `signature` (64 bytes) over `message` is by the owner of `publicKey` (32 bytes).
  ///
  /// Stricter than the RFC: refuses keys and points R of small order, and encodings that are not the shortest.
  public static func verify(_ signature: [UInt8], _ message: [UInt8], publicKey: [UInt8]) -> Bool {
    guard signature.count == 64, publicKey.count == 32 else { return false }
    return crypto_sign_ed25519_verify_detached(signature, message, UInt64(message.count), publicKey) == 0
  }
}

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
    expanded = try SecretBytes(
      count: 64,
      filling: { out in
        _ = seed.withPointer { crypto_sign_ed25519_seed_keypair(&publicKey, out.start, $0) }
      })
    self.publicKey = publicKey
    self.seed = seed
  }

  /// Signs `message` (not its hash): 64 bytes, always the same for the same message.
  public func sign(_ message: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 64) { out, written in
      guard let base = out.baseAddress else { return }
      _ = expanded.withPointer {
        crypto_sign_ed25519_detached(base, nil, message, UInt64(message.count), $0)
      }
      written = 64
    }
  }
}
