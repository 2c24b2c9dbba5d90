internal import COpenSSL
internal import CSecp256k1

// Schnorr signatures of Bitcoin Cash: bitcoincash.org/spec/2019-05-15-schnorr.md. Not BIP-340: the public key is
// hashed in its 33-byte form, and of the two points with the nonce's x the one whose y is a square is meant.

extension Secp256k1 {
  /// Returns whether `signature` (64 bytes) over `digest` (32 bytes) is a Bitcoin Cash Schnorr signature by the owner
  /// of `publicKey`.
  public static func verifyBCHSchnorr(_ signature: [UInt8], digest: [UInt8], publicKey: [UInt8]) -> Bool {
    guard signature.count == 64, digest.count == 32, let key = parse(publicKey) else { return false }
    let r = Array(signature.prefix(32))
    let s = Array(signature.suffix(32))
    guard s.lexicographicallyPrecedes(order) else { return false }
    let challenge = bchChallenge(r: r, publicKey: serialize(key, compressed: true), digest: digest)
    // R' = s·G - e·P. The library has no point at infinity, so a factor of zero leaves its term out.
    var terms: [secp256k1_pubkey] = []
    if s.contains(where: { $0 != 0 }) {
      var term = secp256k1_pubkey()
      guard unsafe secp256k1_ec_pubkey_create(context, &term, s) == 1 else { return false }
      terms.append(term)
    }
    if challenge.contains(where: { $0 != 0 }) {
      var term = key
      guard unsafe secp256k1_ec_pubkey_tweak_mul(context, &term, challenge) == 1,
        unsafe secp256k1_ec_pubkey_negate(context, &term) == 1
      else { return false }
      terms.append(term)
    }
    guard let point = sum(terms) else { return false }
    let bytes = serialize(point, compressed: false)
    // An r that is not below the field's prime equals no x.
    return Array(bytes[1..<33]) == r && isSquare(Array(bytes[33..<65]))
  }

  /// e = SHA-256(r || P || m), read as a number modulo the group order.
  package static func bchChallenge(r: [UInt8], publicKey: [UInt8], digest: [UInt8]) -> [UInt8] {
    let hash = Hash.sha256(r + publicKey + digest)
    guard !hash.lexicographicallyPrecedes(order) else { return hash }
    // Below 2^256 < 2n, so one subtraction is the whole reduction.
    var rest = hash
    var borrow = 0
    for i in (0..<32).reversed() {
      let difference = Int(hash[i]) - Int(order[i]) - borrow
      rest[i] = UInt8(truncatingIfNeeded: difference)
      borrow = difference < 0 ? 1 : 0
    }
    return rest
  }

  /// Whether `y` (32 bytes, not zero) is a square modulo the field's prime: its Jacobi symbol is 1.
  ///
  /// For coordinates of public points only: the duration depends on the number.
  package static func isSquare(_ y: [UInt8]) -> Bool {
    guard let context = unsafe BN_CTX_new() else { return false }
    defer { unsafe BN_CTX_free(context) }
    let number = unsafe BN_bin2bn(y, Int32(y.count), nil)
    let prime = unsafe BN_bin2bn(fieldPrime, Int32(fieldPrime.count), nil)
    defer {
      unsafe BN_free(number)
      unsafe BN_free(prime)
    }
    return unsafe BN_kronecker(number, prime, context) == 1
  }

  /// p = 2^256 - 2^32 - 977 (SEC 2 section 2.4.1).
  private static let fieldPrime: [UInt8] =
    [UInt8](repeating: 0xff, count: 27) + [0xfe, 0xff, 0xff, 0xfc, 0x2f]

  private static func sum(_ terms: [secp256k1_pubkey]) -> secp256k1_pubkey? {
    guard !terms.isEmpty else { return nil }
    return unsafe terms.withUnsafeBufferPointer { terms in
      let pointers: [UnsafePointer<secp256k1_pubkey>?] = unsafe terms.indices.map { index in
        unsafe terms.baseAddress.map { unsafe $0 + index }
      }
      var result = secp256k1_pubkey()
      return unsafe secp256k1_ec_pubkey_combine(context, &result, pointers, pointers.count) == 1
        ? result : nil
    }
  }
}
