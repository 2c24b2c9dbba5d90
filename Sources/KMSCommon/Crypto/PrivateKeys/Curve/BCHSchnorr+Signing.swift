internal import CSecp256k1
public import KMSCrypto

extension Secp256k1PrivateKey {
  /// Signs a digest of 32 bytes: r || s, 64 bytes, always the same for the same digest.
  ///
  /// The nonce is that of RFC 6979 with HMAC-SHA-256 and the additional data `Schnorr+SHA256` and two spaces, so it
  /// never is that of an ECDSA signature over the same digest.
  ///
  /// - Throws: `CryptoError` with code `invalid-parameter` when the digest has another length.
  public func signBCHSchnorr(digest: [UInt8]) throws(CryptoError) -> [UInt8] {
    let nonce = try Secp256k1PrivateKey(nonce(digest: digest, algorithm: Array("Schnorr+SHA256  ".utf8)))
    let point = nonce.publicKey(compressed: false)
    let r = Array(point[1..<33])
    let challenge = Secp256k1.bchChallenge(r: r, publicKey: publicKey(), digest: digest)
    // s = k + e·x, or -k + e·x when y of k·G is no square. Which of the two it was tells nothing about k: both are
    // equally likely, and only the chosen one is in the signature.
    let isNegated = !Secp256k1.isSquare(Array(point[33..<65]))
    let s = try unsafe SecretBytes(
      count: 32,
      filling: { (out) throws(CryptoError) in
        unsafe secret.withUnsafeBytes { unsafe out.copyMemory(from: $0) }
        let bytes = unsafe out.start.assumingMemoryBound(to: UInt8.self)
        let k = try unsafe SecretBytes(
          count: 32,
          filling: { (k) throws(CryptoError) in
            unsafe nonce.secret.withUnsafeBytes { unsafe k.copyMemory(from: $0) }
            let scalar = unsafe k.start.assumingMemoryBound(to: UInt8.self)
            if isNegated {
              guard unsafe secp256k1_ec_seckey_negate(Secp256k1.context, scalar) == 1 else { throw .schnorr }
            }
          })
        // These refuse e = 0 and s = 0, which nobody will ever meet (1 in 2^256).
        guard unsafe secp256k1_ec_seckey_tweak_mul(Secp256k1.context, bytes, challenge) == 1,
          unsafe k.withPointer({ unsafe secp256k1_ec_seckey_tweak_add(Secp256k1.context, bytes, $0) }) == 1
        else { throw .schnorr }
      })
    return unsafe r + s.withUnsafeBytes { unsafe Array($0) }
  }
}

extension CryptoError {
  fileprivate static let schnorr = library("Schnorr")
}
