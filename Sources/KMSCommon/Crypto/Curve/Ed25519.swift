internal import CSodium

/// Ed25519 signatures (RFC 8032), by libsodium.
public enum Ed25519 {
  /// Returns whether `publicKey` is the shortest encoding of a point of the main subgroup, 32 bytes.
  public static func isValidPublicKey(_ publicKey: [UInt8]) -> Bool {
    unsafe publicKey.count == 32 && crypto_core_ed25519_is_valid_point(publicKey) == 1
  }

  /// The same for bytes that may as well be a secret.
  public static func isValidPublicKey(_ bytes: SecretBytes) -> Bool {
    unsafe bytes.count == 32 && bytes.withPointer { unsafe crypto_core_ed25519_is_valid_point($0) } == 1
  }

  /// Returns whether `signature` (64 bytes) over `message` is by the owner of `publicKey` (32 bytes).
  ///
  /// Stricter than the RFC: refuses keys and points R of small order, and encodings that are not the shortest.
  public static func verify(_ signature: [UInt8], _ message: [UInt8], publicKey: [UInt8]) -> Bool {
    guard signature.count == 64, publicKey.count == 32 else { return false }
    return unsafe crypto_sign_ed25519_verify_detached(signature, message, UInt64(message.count), publicKey)
      == 0
  }
}
