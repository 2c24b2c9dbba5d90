public import KMSCrypto
internal import KMSPrimitives

/// Mnemonics of Algorand: 24 words that are a 32-byte Ed25519 seed, and one for its checksum.
///
/// The words are those of BIP-39 in English, but the scheme is another one (developer.algorand.org, "Keys and
/// addresses", mnemonic): the seed is read as one number in little-endian order, its groups of 11 bits from the low
/// end are the words, and the 25th word is the first 11 bits, in the same order, of the seed's SHA-512/256.
public enum AlgorandMnemonic {
  private static let seedLength = 32
  private static let wordCount = 25
  private static let longestText = 1024

  /// Returns the seed (32 bytes) of a mnemonic as a person types it (see `MnemonicText`).
  ///
  /// - Throws: `CryptoError` with code `invalid-mnemonic` when there are not 25 words, a word is not in the list (its
  ///   position is named, never the word), or the checksum does not match.
  public static func seed(_ text: SecretBytes) throws(CryptoError) -> SecretBytes {
    guard text.count <= longestText else { throw .mnemonic("the mnemonic is too long") }
    let text = try MnemonicText.words(of: text)
    let words = Mnemonic.count(text)
    guard words == wordCount else {
      throw .mnemonic("a mnemonic of Algorand has \(wordCount) words, this one has \(words)")
    }
    var checksum = 0
    var unknown: Int?
    // 24 words are 264 bits: the seed, and a byte that must be zero.
    let padded = try SecretBytes(
      count: seedLength + 1,
      writing: { out in
        text.withBytes { text in
          for (position, word) in Mnemonic.words(text).enumerated() {
            guard let number = Mnemonic.number(of: text.extracting(word)) else {
              unknown = unknown ?? position
              continue
            }
            if position == wordCount - 1 {
              checksum = number
            } else {
              put(number, at: position * 11, in: &out)
            }
          }
        }
      })
    if let unknown {
      throw .mnemonic("word \(unknown + 1) of the mnemonic is not in the English list of BIP-39")
    }
    let seed = try padded.slice(0..<seedLength)
    let isPadded = padded.withBytes { $0[seedLength] == 0 }
    guard isPadded, checksum == self.checksum(of: seed) else {
      throw .mnemonic("the checksum of the mnemonic does not match: a word is wrong or words changed places")
    }
    return seed
  }

  /// Sets the 11 bits from `bit` on, counted from the lowest bit of the first byte.
  private static func put(_ number: Int, at bit: Int, in out: inout MutableSpan<UInt8>) {
    for i in 0..<11 {
      out[(bit + i) / 8] |= UInt8(number >> i & 1) << UInt8((bit + i) % 8)
    }
  }

  private static func checksum(of seed: SecretBytes) -> Int {
    var hash = seed.withBytes { Hash.sha512_256($0) }
    defer { hash.wipe() }
    return (Int(hash[0]) | Int(hash[1]) << 8) & 0x7FF
  }
}
