/// Derivation of Ed25519 keys by SLIP-0010, which knows hardened steps only.
public enum SLIP10Ed25519 {
  /// Returns the Ed25519 seed (32 bytes) at the end of `path`.
  ///
  /// - Parameters:
  ///   - seed: 16 to 64 bytes, as of BIP-39.
  ///   - path: Indexes from 0 to 2^31 - 1, without the bit that says hardened; empty for the master key.
  /// - Throws: `CryptoError` with code `invalid-parameter` when the seed or an index is beyond its limit.
  public static func derive(seed: SecretBytes, path: [UInt32]) throws(CryptoError) -> SecretBytes {
    guard (16...64).contains(seed.count) else { throw .parameter("a SLIP-0010 seed has 16 to 64 bytes") }
    guard path.count <= 255 else { throw .depthLimit }
    var node = try hmac(key: SecretBytes(copying: "ed25519 seed".utf8), seed)
    let zero = try SecretBytes(copying: [0])
    for index in path {
      guard index < 1 << 31 else { throw .childIndex }
      let number = try SecretBytes(copying: (index | 1 << 31).bigEndianBytes)
      node = try hmac(key: node.slice(32..<64), SecretBytes(joining: [zero, node.slice(0..<32), number]))
    }
    return try node.slice(0..<32)
  }

  private static func hmac(key: SecretBytes, _ data: SecretBytes) throws(CryptoError) -> SecretBytes {
    try key.withUnsafeBytes { (key) throws(CryptoError) in
      try data.withUnsafeBytes { (data) throws(CryptoError) in try HMAC.secretSHA512(key: key, [data]) }
    }
  }
}
