internal import CSecp256k1
internal import CSodium
public import KMSCrypto

/// A private key of the curve secp256k1.
public struct Secp256k1PrivateKey: Sendable {
  /// The key, 32 bytes, big-endian, from 1 to n - 1.
  public let secret: SecretBytes

  /// Takes a key of 32 bytes.
  ///
  /// - Throws: `CryptoError.invalidPrivateKey` when the length is another one, the key is zero or not below the group
  ///   order.
  public init(_ secret: SecretBytes) throws(CryptoError) {
    guard secret.count == 32,
      unsafe secret.withPointer({ unsafe secp256k1_ec_seckey_verify(Secp256k1.context, $0) }) == 1
    else {
      throw .invalidPrivateKey
    }
    self.secret = secret
  }

  /// Returns the public key: 33 bytes, or 65 when not `compressed`.
  public func publicKey(compressed: Bool = true) -> [UInt8] {
    var key = secp256k1_pubkey()
    let isDone =
      unsafe secret.withPointer { unsafe secp256k1_ec_pubkey_create(Secp256k1.context, &key, $0) } == 1
    // Whatever came from outside was checked when this was made: the library fails for keys out of range only.
    precondition(isDone, "a private key in range has a public key")
    return Secp256k1.serialize(key, compressed: compressed)
  }

  /// Signs a digest of 32 bytes by ECDSA: nonce of RFC 6979 with HMAC-SHA-256, s in the lower half.
  ///
  /// - Throws: `CryptoError` with code `invalid-parameter` when the digest has another length.
  public func sign(digest: [UInt8]) throws(CryptoError) -> ECDSASignature {
    guard digest.count == 32 else { throw .digestLength }
    var signature = secp256k1_ecdsa_recoverable_signature()
    let isSigned = unsafe secret.withPointer {
      unsafe secp256k1_ecdsa_sign_recoverable(
        Secp256k1.context, &signature, digest, $0, DeterministicNonce.function, nil)
    }
    guard isSigned == 1 else { throw .library("ECDSA") }
    var recoveryID: Int32 = 0
    let rs = unsafe [UInt8](unsafeUninitializedCapacity: 64) { out, written in
      guard let base = out.baseAddress else { return }
      unsafe secp256k1_ecdsa_recoverable_signature_serialize_compact(
        Secp256k1.context, base, &recoveryID, &signature)
      written = 64
    }
    return ECDSASignature(unchecked: rs, recoveryID: UInt8(truncatingIfNeeded: recoveryID))
  }

  /// Signs as `sign` with the same nonce, but leaves s as it falls, as some networks have it.
  ///
  /// libsecp256k1 always lowers s. Whether it did shows in the parity of R: that of nonce × G is compared with the
  /// one that the recovery ID tells.
  ///
  /// - Throws: `CryptoError` with code `invalid-parameter` when the digest has another length.
  public func signWithoutNormalizing(digest: [UInt8]) throws(CryptoError) -> ECDSASignature {
    let low = try sign(digest: digest)
    let isOdd = try nonce(digest: digest, algorithm: nil).publicPoint()[64] & 1 == 1
    guard isOdd != (low.recoveryID & 1 == 1) else { return low }
    var s = Array(low.s)
    guard unsafe secp256k1_ec_seckey_negate(Secp256k1.context, &s) == 1 else { throw .library("ECDSA") }
    return ECDSASignature(unchecked: low.r + s, recoveryID: low.recoveryID ^ 1)
  }

  /// Returns the key plus `tweak` (32 bytes) modulo the group order.
  ///
  /// - Throws: `CryptoError.invalidPrivateKey` when the tweak has another length, is not below the group order, or the
  ///   sum is zero.
  public func addingTweak(_ tweak: SecretBytes) throws(CryptoError) -> Secp256k1PrivateKey {
    guard tweak.count == 32 else { throw .invalidPrivateKey }
    let sum = try unsafe SecretBytes(
      count: 32,
      filling: { (out) throws(CryptoError) in
        unsafe secret.withUnsafeBytes { unsafe out.copyMemory(from: $0) }
        guard
          unsafe tweak.withPointer({ unsafe secp256k1_ec_seckey_tweak_add(Secp256k1.context, out.start, $0) })
            == 1
        else {
          throw .invalidPrivateKey
        }
      })
    return try Secp256k1PrivateKey(sum)
  }

  /// The nonce of RFC 6979 with HMAC-SHA-256, over key, digest and, if given, the 16 bytes `algorithm`: the function
  /// that `sign` gives to libsecp256k1.
  func nonce(digest: [UInt8], algorithm: [UInt8]?) throws(CryptoError) -> SignatureNonce {
    guard digest.count == 32, algorithm == nil || algorithm?.count == 16 else { throw .digestLength }
    let generate = unsafe DeterministicNonce.function
    // A candidate is out of range once in 2^128 times; the library counts attempts in the same way.
    for attempt in UInt32(0)..<8 {
      let candidate = try unsafe SecretBytes(
        count: 32,
        filling: { (out) throws(CryptoError) in
          let isDone = unsafe secret.withPointer {
            unsafe generate(
              out.start.assumingMemoryBound(to: UInt8.self), digest, $0, algorithm, nil, attempt)
          }
          guard isDone == 1 else { throw .library("RFC 6979") }
        })
      if unsafe candidate.withPointer({ unsafe secp256k1_ec_seckey_verify(Secp256k1.context, $0) }) == 1 {
        return try SignatureNonce(candidate)
      }
    }
    throw .library("RFC 6979")
  }
}

extension CryptoError {
  static let digestLength = parameter("a digest of 32 bytes is needed")
}
