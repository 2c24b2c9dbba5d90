internal import CSecp256k1
internal import KMSCrypto

/// The nonce of one signature, a number from 1 to n - 1.
///
/// A second signature with it would give the private key away. So it can't be copied, and `added` uses it up.
struct SignatureNonce: ~Copyable {
  private let scalar: Secp256k1PrivateKey

  /// Takes 32 bytes.
  ///
  /// - Throws: `CryptoError.invalidPrivateKey` when they are out of range.
  init(_ scalar: SecretBytes) throws(CryptoError) { self.scalar = try Secp256k1PrivateKey(scalar) }

  /// k·G, 65 bytes; its x is in the signature.
  borrowing func publicPoint() -> [UInt8] { scalar.publicKey(compressed: false) }

  /// k + e·x modulo n, 32 bytes, of a private key x and a challenge e; -k instead of k when `isNegated`.
  ///
  /// - Throws: `CryptoError` with code `crypto-library` for e = 0 and for a sum of 0, which nobody will ever meet (1 in 2^256).
  consuming func added(
    to key: SecretBytes, times challenge: [UInt8], isNegated: Bool
  ) throws(CryptoError) -> SecretBytes {
    let k = try Self.negated(scalar.secret, isNegated)
    return try unsafe SecretBytes(
      count: 32,
      filling: { (out) throws(CryptoError) in
        unsafe key.withUnsafeBytes { unsafe out.copyMemory(from: $0) }
        let sum = unsafe out.start.assumingMemoryBound(to: UInt8.self)
        guard unsafe secp256k1_ec_seckey_tweak_mul(Secp256k1.context, sum, challenge) == 1,
          unsafe k.withPointer({ unsafe secp256k1_ec_seckey_tweak_add(Secp256k1.context, sum, $0) }) == 1
        else { throw .library("Schnorr") }
      })
  }

  private static func negated(_ scalar: SecretBytes, _ isNegated: Bool) throws(CryptoError) -> SecretBytes {
    guard isNegated else { return scalar }
    return try unsafe SecretBytes(
      count: 32,
      filling: { (out) throws(CryptoError) in
        unsafe scalar.withUnsafeBytes { unsafe out.copyMemory(from: $0) }
        let negated = unsafe out.start.assumingMemoryBound(to: UInt8.self)
        guard unsafe secp256k1_ec_seckey_negate(Secp256k1.context, negated) == 1 else {
          throw .library("Schnorr")
        }
      })
  }
}
