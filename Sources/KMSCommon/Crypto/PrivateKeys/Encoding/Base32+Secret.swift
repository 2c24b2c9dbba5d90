public import KMSCrypto
public import KMSPrimitives

/// Base32 of secrets, whose digits are secret, too.
extension Base32 {
  /// Returns the text (ASCII) of a secret, itself protected.
  public static func encodeSecret(_ secret: SecretBytes) throws(CryptoError) -> SecretBytes {
    try SecretBytes(
      count: encodedCount(secret.count),
      writing: { out in secret.withBytes { encode($0, into: &out) } })
  }

  /// Returns the bytes of a secret in Base32 text (ASCII); nil where `decode` gives nil.
  public static func decodeSecret(_ text: SecretBytes) throws(CryptoError) -> SecretBytes? {
    var isText = true
    let bytes = try SecretBytes(
      count: text.count * 5 / 8,
      writing: { out in isText = text.withBytes { decode($0, into: &out) } })
    return isText ? bytes : nil
  }
}
