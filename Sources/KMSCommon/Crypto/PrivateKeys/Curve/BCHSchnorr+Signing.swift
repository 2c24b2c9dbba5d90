public import KMSCrypto
internal import KMSPrimitives

extension Secp256k1PrivateKey {
  /// Signs a digest of 32 bytes: r || s, 64 bytes, always the same for the same digest.
  ///
  /// The nonce is that of RFC 6979 with HMAC-SHA-256 and the additional data `Schnorr+SHA256` and two spaces, so it
  /// never is that of an ECDSA signature over the same digest.
  ///
  /// - Throws: `CryptoError` with code `invalid-parameter` when the digest has another length.
  public func signBCHSchnorr(digest: [UInt8]) throws(CryptoError) -> [UInt8] {
    let nonce = try nonce(digest: digest, algorithm: Array("Schnorr+SHA256  ".utf8))
    let point = nonce.publicPoint()
    let r = Array(point[1..<33])
    let challenge = Secp256k1.bchChallenge(r: r, publicKey: publicKey(), digest: digest)
    // s = k + e·x, or -k + e·x when y of k·G is no square. Which of the two it was tells nothing about k: both are
    // equally likely, and only the chosen one is in the signature.
    let isNegated = !Secp256k1.isSquare(Array(point[33..<65]))
    let s = try nonce.added(to: secret, times: challenge, isNegated: isNegated)
    return r + s.withBytes { Array($0) }
  }
}
