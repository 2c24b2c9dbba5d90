internal import KMSChains
internal import KMSCrypto

/// The mnemonic without words, whose keys everybody can derive (decision 12).
///
/// The original printed its keys and addresses whenever an entry had no mnemonic, so coins may have been sent
/// there. Wallets that hold such a key are refused.
enum EmptyMnemonic {
  /// How many indexes of each account are recognised, from 0 on: the original printed the one that it was asked
  /// for, and people count from 0.
  static let recognisedIndexes: Range<UInt32> = 0..<256

  /// The 64-byte BIP-39 seed of the empty text: PBKDF2-HMAC-SHA512, salt `mnemonic`, 2048 rounds.
  static func seed() throws -> SecretBytes {
    try KeyDerivation.pbkdf2SHA512(
      password: SecretBytes(copying: []), salt: Array("mnemonic".utf8), rounds: 2048, count: 64)
  }
}
