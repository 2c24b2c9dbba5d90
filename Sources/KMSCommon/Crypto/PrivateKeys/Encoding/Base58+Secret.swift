public import KMSCrypto
public import KMSPrimitives

/// Base58 of secrets, whose digits are secret, too.
extension Base58 {
  /// Returns the Base58 text (ASCII) of a secret, itself protected.
  public static func encodeSecret(
    _ secret: SecretBytes, alphabet: Alphabet = .bitcoin
  ) throws(CryptoError) -> SecretBytes {
    var count = 0
    let text = try SecretBytes(
      count: encodedBound(secret.count),
      writing: { out in count = secret.withBytes { encode($0, alphabet, into: &out) } })
    return try text.slice(0..<count)
  }

  /// Returns the bytes of a secret in Base58 text (ASCII); nil when it is none or longer than `longestText`.
  public static func decodeSecret(
    _ text: SecretBytes, alphabet: Alphabet = .bitcoin
  ) throws(CryptoError) -> SecretBytes? {
    guard text.count <= longestText else { return nil }
    var count: Int?
    let bytes = try SecretBytes(
      count: text.count,
      writing: { out in count = text.withBytes { decode($0, alphabet, into: &out) } })
    guard let count else { return nil }
    return try bytes.slice(0..<count)
  }
}
