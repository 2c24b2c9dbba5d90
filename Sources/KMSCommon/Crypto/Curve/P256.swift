internal import COpenSSL

/// The curve P-256 (ECDSA_P256, prime256v1), on which nothing is signed here: only to tell people that a key is one of it.
public enum P256 {
  /// The public key of a private key of 32 bytes, x and y (64 bytes); nil when the key is out of range.
  public static func publicKey(of secret: SecretBytes) -> [UInt8]? {
    guard secret.count == 32, let group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1) else { return nil }
    defer { EC_GROUP_free(group) }
    let number = secret.withUnsafeBytes { bytes in
      BN_bin2bn(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), 32, BN_secure_new())
    }
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
}
