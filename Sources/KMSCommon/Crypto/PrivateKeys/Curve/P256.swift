internal import COpenSSL
public import KMSCrypto

/// The curve P-256 (ECDSA_P256, prime256v1), on which nothing is signed here: only to tell people that a key is one of it.
public enum P256 {
  /// The public key of a private key of 32 bytes, x and y (64 bytes); nil when the key is out of range.
  public static func publicKey(of secret: SecretBytes) -> [UInt8]? {
    guard secret.count == 32, let group = unsafe EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1) else {
      return nil
    }
    defer { unsafe EC_GROUP_free(group) }
    let number = unsafe number(secret)
    defer { unsafe BN_clear_free(number) }
    guard let number = unsafe number, unsafe BN_is_zero(number) == 0,
      unsafe BN_cmp(number, EC_GROUP_get0_order(group)) < 0,
      let point = unsafe EC_POINT_new(group)
    else { return nil }
    defer { unsafe EC_POINT_free(point) }
    var out = [UInt8](repeating: 0, count: 65)
    guard unsafe EC_POINT_mul(group, point, number, nil, nil, nil) == 1,
      unsafe EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, &out, out.count, nil)
        == out.count
    else { return nil }
    return Array(out.dropFirst())
  }

  /// The sum of two numbers of 32 bytes modulo the group's order; nil when the first is not below the order, or the sum is 0.
  static func sum(_ a: SecretBytes, _ b: SecretBytes) throws(CryptoError) -> SecretBytes? {
    guard a.count == 32, b.count == 32, let group = unsafe EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1),
      let order = unsafe EC_GROUP_get0_order(group), let context = unsafe BN_CTX_secure_new()
    else { throw .library("P-256") }
    defer {
      unsafe BN_CTX_free(context)
      unsafe EC_GROUP_free(group)
    }
    let (x, y, sum) = unsafe (number(a), number(b), BN_secure_new())
    defer {
      unsafe BN_clear_free(x)
      unsafe BN_clear_free(y)
      unsafe BN_clear_free(sum)
    }
    guard let x = unsafe x, let y = unsafe y, let sum = unsafe sum else { throw .library("P-256") }
    guard unsafe BN_cmp(x, order) < 0 else { return nil }
    guard unsafe BN_mod_add(sum, x, y, order, context) == 1 else { throw .library("P-256") }
    guard unsafe BN_is_zero(sum) == 0 else { return nil }
    return try unsafe SecretBytes(
      count: 32,
      filling: { out in _ = unsafe BN_bn2binpad(sum, out.start.assumingMemoryBound(to: UInt8.self), 32) })
  }

  private static func number(_ secret: SecretBytes) -> OpaquePointer? {
    unsafe secret.withPointer { unsafe BN_bin2bn($0, 32, BN_secure_new()) }
  }
}
