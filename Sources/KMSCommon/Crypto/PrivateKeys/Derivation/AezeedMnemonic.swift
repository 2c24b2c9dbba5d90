public import KMSCrypto
internal import KMSPrimitives

/// The 24 words of lnd's wallets, which are in the list of BIP-39 and are a mnemonic of another kind. They can't be turned into
/// one: nothing is derived here, they are only told apart.
///
/// 33 bytes: the version, 0; 23 of ciphertext; a salt of 5; the CRC-32C of all that, in network order
/// (<https://github.com/lightningnetwork/lnd/blob/master/aezeed/README.md>).
public enum AezeedMnemonic {
  private static let wordCount = 24
  private static let count = 33

  /// Whether the text is one, by its version and its checksum.
  public static func isOne(_ text: SecretBytes) throws(CryptoError) -> Bool {
    let text = try MnemonicText.words(of: text)
    guard Mnemonic.count(text) == wordCount else { return false }
    var isInList = true
    let bytes = try SecretBytes(
      count: count,
      writing: { out in
        text.withBytes { text in
          for (position, word) in Mnemonic.words(text).enumerated() {
            guard let number = Mnemonic.number(of: text.extracting(word)) else {
              isInList = false
              continue
            }
            for i in 0..<11 where number >> (10 - i) & 1 == 1 {
              out[(position * 11 + i) / 8] |= 0x80 >> UInt8((position * 11 + i) % 8)
            }
          }
        }
      })
    guard isInList else { return false }
    return bytes.withBytes { bytes in
      bytes[0] == 0 && crc32c(bytes.extracting(..<29)) == bytes.bigEndian(UInt32.self, at: 29)
    }
  }

  /// CRC-32C (Castagnoli), reflected, polynomial 0x82F63B78.
  private static func crc32c(_ bytes: Span<UInt8>) -> UInt32 {
    var remainder: UInt32 = .max
    for i in bytes.indices {
      remainder ^= UInt32(bytes[i])
      for _ in 0..<8 { remainder = remainder >> 1 ^ (remainder & 1 == 1 ? 0x82F6_3B78 : 0) }
    }
    return ~remainder
  }
}
