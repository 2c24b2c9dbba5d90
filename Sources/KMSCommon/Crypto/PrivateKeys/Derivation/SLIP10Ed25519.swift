public import KMSCrypto
internal import KMSPrimitives

/// Derivation of Ed25519 keys by SLIP-0010, which knows hardened steps only.
public enum SLIP10Ed25519 {
  /// A key from which others are derived, with its chain code.
  public struct Node: Sendable {
    /// Private key and chain code, 32 bytes each.
    fileprivate let bytes: SecretBytes

    /// The Ed25519 seed (32 bytes) of the node itself.
    public func seed() throws(CryptoError) -> SecretBytes { try bytes.slice(0..<32) }

    /// Returns the child at `index`, from 0 to 2^31 - 1, without the bit that says hardened.
    ///
    /// - Throws: `CryptoError` with code `invalid-parameter` when the index is beyond its limit.
    public func child(_ index: UInt32) throws(CryptoError) -> Node {
      guard index < 1 << 31 else { throw .childIndex }
      let data = try SecretBytes(joining: [
        SecretBytes(copying: [0]), seed(), SecretBytes(copying: (index | 1 << 31).bigEndianBytes),
      ])
      return Node(bytes: try hmac(key: bytes.slice(32..<64), data))
    }
  }

  /// Returns the node at the end of `path`.
  ///
  /// - Parameters:
  ///   - seed: 16 to 64 bytes, as of BIP-39.
  ///   - path: Indexes from 0 to 2^31 - 1, without the bit that says hardened; empty for the master node.
  /// - Throws: `CryptoError` with code `invalid-parameter` when the seed or an index is beyond its limit.
  public static func node(seed: SecretBytes, path: [UInt32]) throws(CryptoError) -> Node {
    guard (16...64).contains(seed.count) else { throw .parameter("a SLIP-0010 seed has 16 to 64 bytes") }
    guard path.count <= 255 else { throw .depthLimit }
    var node = Node(bytes: try hmac(key: SecretBytes(copying: "ed25519 seed".utf8), seed))
    for index in path { node = try node.child(index) }
    return node
  }

  /// Returns the Ed25519 seed (32 bytes) at the end of `path`; throws as `node`.
  public static func derive(seed: SecretBytes, path: [UInt32]) throws(CryptoError) -> SecretBytes {
    try node(seed: seed, path: path).seed()
  }

  private static func hmac(key: SecretBytes, _ data: SecretBytes) throws(CryptoError) -> SecretBytes {
    try HMAC.secretSHA512(key: key, data)
  }
}
