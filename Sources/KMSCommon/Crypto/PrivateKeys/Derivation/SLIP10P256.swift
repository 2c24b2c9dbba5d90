public import KMSCrypto
internal import KMSPrimitives

/// Derivation of keys on P-256 (SLIP-0010, "Nist256p1 seed"), with which flow-cli makes the keys of a mnemonic. Nothing is
/// signed with them here: they only tell people that an address is one of these.
public struct SLIP10P256: Sendable {
  /// The private key, 32 bytes.
  public let secret: SecretBytes
  private let chainCode: SecretBytes

  /// Derives the key at the end of `path` from a seed of 16 to 64 bytes.
  ///
  /// - Throws: `CryptoError` with code `invalid-parameter` when the seed has another length.
  public static func derive(seed: SecretBytes, path: [HDPathElement]) throws(CryptoError) -> SLIP10P256 {
    guard (16...64).contains(seed.count) else { throw .parameter("a SLIP-0010 seed has 16 to 64 bytes") }
    var data = seed
    let name = try SecretBytes(copying: "Nist256p1 seed".utf8)
    while true {
      let hash = try Self.hash(name, data)
      let secret = try hash.slice(0..<32)
      if P256.publicKey(of: secret) != nil {
        var key = SLIP10P256(secret: secret, chainCode: try hash.slice(32..<64))
        for element in path { key = try key.child(element) }
        return key
      }
      data = hash
    }
  }

  private func child(_ element: HDPathElement) throws(CryptoError) -> SLIP10P256 {
    let number: UInt32
    let parent: SecretBytes
    switch element {
    case .hardened(let index):
      number = index | 1 << 31
      parent = try SecretBytes(joining: [SecretBytes(copying: [0]), secret])
    case .normal(let index):
      number = index
      guard let publicKey = P256.publicKey(of: secret) else { throw .invalidPrivateKey }
      // Even or odd y, then x.
      parent = try SecretBytes(copying: [2 + (publicKey[63] & 1)] + publicKey[..<32])
    }
    let index = try SecretBytes(copying: number.bigEndianBytes)
    var data = try SecretBytes(joining: [parent, index])
    while true {
      let hash = try Self.hash(chainCode, data)
      let code = try hash.slice(32..<64)
      if let secret = try P256.sum(hash.slice(0..<32), secret) {
        return SLIP10P256(secret: secret, chainCode: code)
      }
      data = try SecretBytes(joining: [SecretBytes(copying: [1]), code, index])
    }
  }

  private static func hash(_ key: SecretBytes, _ data: SecretBytes) throws(CryptoError) -> SecretBytes {
    try HMAC.secretSHA512(key: key, data)
  }
}
