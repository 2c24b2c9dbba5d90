internal import CSecp256k1

/// Operations on public values of the curve secp256k1 (SEC 2), by libsecp256k1.
public enum Secp256k1 {
  /// Returns whether `publicKey` is a point in compressed (33 bytes) or uncompressed (65 bytes) form.
  public static func isValidPublicKey(_ publicKey: [UInt8]) -> Bool { parse(publicKey) != nil }

  /// Returns the 65-byte form of a public key; nil when it is none.
  public static func uncompressed(_ publicKey: [UInt8]) -> [UInt8]? {
    parse(publicKey).map { serialize($0, compressed: false) }
  }

  /// Returns the 33-byte form of a public key; nil when it is none.
  public static func compressed(_ publicKey: [UInt8]) -> [UInt8]? {
    parse(publicKey).map { serialize($0, compressed: true) }
  }

  /// Returns the public key (65 bytes) whose private key made `signature` over `digest` (32 bytes); nil when there is
  /// none (SEC 1 section 4.1.6).
  public static func recover(_ signature: ECDSASignature, digest: [UInt8]) -> [UInt8]? {
    guard digest.count == 32 else { return nil }
    var parsed = secp256k1_ecdsa_recoverable_signature()
    var key = secp256k1_pubkey()
    guard
      unsafe secp256k1_ecdsa_recoverable_signature_parse_compact(
        context, &parsed, signature.rs, Int32(signature.recoveryID)) == 1,
      unsafe secp256k1_ecdsa_recover(context, &key, &parsed, digest) == 1
    else { return nil }
    return serialize(key, compressed: false)
  }

  /// Returns whether `signature` over `digest` (32 bytes) is by the owner of `publicKey`.
  ///
  /// Both forms of s are accepted, as the equation has it; `ECDSASignature.hasLowS` tells them apart.
  public static func verify(_ signature: ECDSASignature, digest: [UInt8], publicKey: [UInt8]) -> Bool {
    guard digest.count == 32, var key = parse(publicKey), var given = signature.parsed else { return false }
    var low = given
    unsafe secp256k1_ecdsa_signature_normalize(context, &low, &given)  // the library verifies only low s
    return unsafe secp256k1_ecdsa_verify(context, &low, digest, &key) == 1
  }

  /// Returns the public key (33 bytes) plus `tweak` (32 bytes, below the group order) times the generator.
  ///
  /// Nil when the key is none, the tweak has another length or range, or the sum is the point at infinity.
  public static func addTweak(_ tweak: [UInt8], to publicKey: [UInt8]) -> [UInt8]? {
    guard tweak.count == 32, var key = parse(publicKey),
      unsafe secp256k1_ec_pubkey_tweak_add(context, &key, tweak) == 1
    else { return nil }
    return serialize(key, compressed: true)
  }
}
