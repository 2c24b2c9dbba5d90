internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys

/// The text form of secret seeds, `S…`.
extension StrKey {
  /// Version of secret seeds: an Ed25519 private key.
  private static let seed: UInt8 = 18 << 3

  /// The text of a private key (32 bytes).
  static func text(ofSeed key: SecretBytes) throws -> SecretBytes {
    try Base32.encodeSecret(
      SecretBytes(
        count: count,
        writing: { out in
          out[0] = seed
          key.withBytes { out.write($0.extracting(first: 32), at: 1) }
          let checksum = crc16(out.span.extracting(first: 33))
          out[33] = UInt8(checksum & 0xff)
          out[34] = UInt8(checksum >> 8)
        }))
  }

  /// The private key of an `S…` text.
  ///
  /// - Throws: `WalletError` `invalid-private-key` when it is none.
  static func seed(of text: SecretBytes) throws -> SecretBytes {
    guard text.count == 56, let bytes = try Base32.decodeSecret(text), bytes.count == count,
      bytes.withBytes({ isValid($0, version: seed) })
    else {
      throw WalletError.invalidPrivateKey(
        "the secret is no secret seed of Stellar: S and 55 more characters with a right checksum")
    }
    return try bytes.slice(1..<33)
  }
}
