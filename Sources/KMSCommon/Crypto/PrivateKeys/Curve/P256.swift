internal import COpenSSL
public import KMSCrypto

/// The curve P-256 (ECDSA_P256, prime256v1), on which nothing is signed here: only to tell people that a key is one of it.
public enum P256 {
  /// The public key of a private key of 32 bytes, x and y (64 bytes); nil when the key is out of range.
  public static func publicKey(of secret: SecretBytes) -> [UInt8]? {
    guard secret.count == 32, let group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1) else { return nil }
    defer { EC_GROUP_free(group) }
    let number = number(secret)
    defer { BN_clear_free(number) }
    guard let number, BN_is_zero(number) == 0, BN_cmp(number, EC_GROUP_get0_order(group)) < 0,
      let point = EC_POINT_new(group)
    else { return nil }
    defer { EC_POINT_free(point) }
    var out = [UInt8](repeating: 0, count: 65)
    guard EC_POINT_mul(group, point, number, nil, nil, nil) == 1,
      EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, &out, out.count, nil) == out.count
    else { return nil }
    return Array(out.dropFirst())
  }

  /// The sum of two numbers of 32 bytes modulo the group's order; nil when the first is not below the order, or the sum is 0.
  static func sum(_ a: SecretBytes, _ b: SecretBytes) throws(CryptoError) -> SecretBytes? {
    guard a.count == 32, b.count == 32, let group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1),
      let order = EC_GROUP_get0_order(group), let context = BN_CTX_secure_new()
    else { throw .library("P-256") }
    defer {
      BN_CTX_free(context)
      EC_GROUP_free(group)
    }
    let (x, y, sum) = (number(a), number(b), BN_secure_new())
    defer { for number in [x, y, sum] { BN_clear_free(number) } }
    guard let x, let y, let sum else { throw .library("P-256") }
    guard BN_cmp(x, order) < 0 else { return nil }
    guard BN_mod_add(sum, x, y, order, context) == 1 else { throw .library("P-256") }
    guard BN_is_zero(sum) == 0 else { return nil }
    return try SecretBytes(
      count: 32, filling: { out in _ = BN_bn2binpad(sum, out.start.assumingMemoryBound(to: UInt8.self), 32) })
  }

  private static func number(_ secret: SecretBytes) -> OpaquePointer? {
    secret.withPointer { BN_bin2bn($0, 32, BN_secure_new()) }
  }
}
