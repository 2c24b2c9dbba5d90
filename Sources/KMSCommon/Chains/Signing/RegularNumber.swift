internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives

/// Numbers that no random source gives: what people make up, and public values in the length of a key.
enum RegularNumber {
  /// What 32 bytes are; nil for what looks random.
  ///
  /// The chance that a random key is taken for one of these is below 2^-60.
  static func origin(_ bytes: Span<UInt8>) -> String? {
    guard bytes.count == 32 else { return nil }
    if let known = hashes.first(where: { bytes.elementsEqual($0.value) }) { return known.name }
    if bytes.extracting(droppingLast: 4).allSatisfy({ $0 == 0 }) { return "a number that people try first" }
    if bytes.allSatisfy({ $0 == bytes[0] }) { return "one byte repeated, as examples have it" }
    for period in [2, 4, 8, 16] where bytes.indices.allSatisfy({ bytes[$0] == bytes[$0 % period] }) {
      return "\(period) bytes repeated, as examples have it"
    }
    for step in [UInt8(1), 255, 17] where (1..<32).allSatisfy({ bytes[$0 - 1] &+ step == bytes[$0] }) {
      return "a series of numbers, as examples have it"
    }
    let end = bytes.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0
    let zeros = max(bytes.prefixCount { $0 == 0 }, 32 - end)
    guard zeros >= 8 else { return nil }
    return zeros == 12
      ? "20 bytes filled up with zeros, as addresses are in logs and calls of contracts"
      : "a number with \(zeros) bytes of zeros, as hashes of blocks and made-up keys have them"
  }

  /// Hashes of nothing, which explorers and programs show, and the last number of secp256k1.
  private static let hashes: [(value: [UInt8], name: String)] = [
    (Hash.keccak256([]), "the Keccak-256 hash of nothing"),
    (Hash.keccak256([0x80]), "the hash of an empty tree of Ethereum"),
    (Hash.keccak256([0xC0]), "the hash of an empty list of Ethereum"),
    (Hash.sha256([]), "the SHA-256 hash of nothing"),
    (Hash.sha3_256([]), "the SHA3-256 hash of nothing"),
    (Hash.blake2b([], count: 32), "the BLAKE2b hash of nothing"),
    (lastNumber, "the last private key of secp256k1"),
  ]

  /// The order of secp256k1 less 1 (SEC 2, section 2.4.1).
  private static let lastNumber: [UInt8] =
    [UInt8](repeating: 0xFF, count: 15) + [
      0xFE, 0xBA, 0xAE, 0xDC, 0xE6, 0xAF, 0x48, 0xA0, 0x3B, 0xBF, 0xD2, 0x5E, 0x8C, 0xD0, 0x36, 0x41, 0x40,
    ]
}
