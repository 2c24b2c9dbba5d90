internal import KMSCrypto
internal import KMSPrimitives

/// The 32 bytes that name an account, a program or a blockhash of Solana, written in Base58.
package struct SolanaAddress: Hashable, Sendable {
  // Words rather than an array: addresses are compared and copied for every account, without allocation.
  private let words: (UInt64, UInt64, UInt64, UInt64)

  /// Takes 32 bytes; nil for any other count.
  package init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 32 else { return nil }
    var words: [UInt64] = [0, 0, 0, 0]
    for (i, byte) in bytes.enumerated() { words[i / 8] = words[i / 8] << 8 | UInt64(byte) }
    self.words = (words[0], words[1], words[2], words[3])
  }

  /// Reads Base58 text of 32 bytes; nil when it is none.
  package init?(_ text: String) {
    // 32 bytes have 32 to 44 digits.
    guard (32...44).contains(text.utf8.count), let bytes = Base58.decode(text) else { return nil }
    self.init(bytes: bytes)
  }

  /// The 32 bytes.
  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(32)
    for word in [words.0, words.1, words.2, words.3] {
      for shift in stride(from: 56, through: 0, by: -8) {
        bytes.append(UInt8(truncatingIfNeeded: word >> shift))
      }
    }
    return bytes
  }

  /// The Base58 text.
  package var text: String { Base58.encode(bytes) }

  package static func == (a: SolanaAddress, b: SolanaAddress) -> Bool { a.words == b.words }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.1)
    hasher.combine(words.2)
    hasher.combine(words.3)
  }
}
