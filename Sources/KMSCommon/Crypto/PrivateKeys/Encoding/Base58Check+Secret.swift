public import KMSCrypto
public import KMSPrimitives

/// Base58 of secrets with a checksum.
extension Base58Check {
  /// Returns the text (ASCII) of a secret payload and its checksum, itself protected.
  public static func encodeSecret(
    _ payload: SecretBytes, alphabet: Base58.Alphabet = .bitcoin
  ) throws(CryptoError) -> SecretBytes {
    var checksum = payload.withBytes { Hash.sha256d($0) }
    defer { checksum.wipe() }
    let tail = try SecretBytes(copying: checksum.prefix(4))
    return try Base58.encodeSecret(SecretBytes(joining: [payload, tail]), alphabet: alphabet)
  }

  /// Returns the secret payload of `text` (ASCII); nil when it is not Base58 or its checksum does not match.
  public static func decodeSecret(
    _ text: SecretBytes, alphabet: Base58.Alphabet = .bitcoin
  ) throws(CryptoError) -> SecretBytes? {
    guard let bytes = try Base58.decodeSecret(text, alphabet: alphabet), bytes.count >= 4 else { return nil }
    let payload = try bytes.slice(0..<bytes.count - 4)
    var checksum = payload.withBytes { Hash.sha256d($0) }
    defer { checksum.wipe() }
    let isRight = bytes.withBytes { $0.ends(with: checksum.prefix(4)) }
    return isRight ? payload : nil
  }
}
