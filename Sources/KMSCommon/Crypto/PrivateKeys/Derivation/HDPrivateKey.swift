public import KMSCrypto
internal import KMSPrimitives

/// An extended private key of BIP-32.
public struct HDPrivateKey: Sendable {
  /// The key itself.
  public let privateKey: Secp256k1PrivateKey
  /// The chain code, 32 bytes.
  public let chainCode: SecretBytes
  /// Steps from the master key.
  public let depth: UInt8
  /// The first four bytes of HASH160 of the parent's public key; zeros at the master key.
  public let parentFingerprint: [UInt8]
  /// The index of the last step, with the top bit set when hardened; zero at the master key.
  public let childNumber: UInt32

  /// Creates the master key of a seed of 16 to 64 bytes.
  ///
  /// - Throws: `CryptoError` with code `invalid-parameter` when the length is another one, `invalid-private-key` when
  ///   the seed yields no key (less likely than 1 in 2^127).
  public static func master(seed: SecretBytes) throws(CryptoError) -> HDPrivateKey {
    guard (16...64).contains(seed.count) else { throw .parameter("a BIP-32 seed has 16 to 64 bytes") }
    let name = try SecretBytes(copying: "Bitcoin seed".utf8)
    let node = try HMAC.secretSHA512(key: name, seed)
    return HDPrivateKey(
      privateKey: try Secp256k1PrivateKey(node.slice(0..<32)), chainCode: try node.slice(32..<64), depth: 0,
      parentFingerprint: [0, 0, 0, 0], childNumber: 0)
  }

  /// Returns the child key at `index`, 0 to 2^31 - 1 (BIP-32, CKDpriv).
  ///
  /// - Throws: `CryptoError` with code `invalid-parameter` when the index or the depth is beyond its limit,
  ///   `derivation-failed` when there is no such key (less likely than 1 in 2^127).
  public func child(_ index: UInt32, hardened: Bool) throws(CryptoError) -> HDPrivateKey {
    guard index < 1 << 31 else { throw .childIndex }
    guard depth < 255 else { throw .depthLimit }
    let number = hardened ? index | 1 << 31 : index
    let publicKey = privateKey.publicKey()
    // ser256(k) is always 32 bytes, leading zeros included: old libraries that dropped them derive other keys.
    let data = try SecretBytes(joining: [
      hardened
        ? SecretBytes(joining: [SecretBytes(copying: [0]), privateKey.secret])
        : SecretBytes(copying: publicKey),
      SecretBytes(copying: number.bigEndianBytes),
    ])
    let node = try HMAC.secretSHA512(key: chainCode, data)
    guard let key = try? privateKey.addingTweak(node.slice(0..<32)) else { throw .childDoesNotExist }
    return HDPrivateKey(
      privateKey: key, chainCode: try node.slice(32..<64), depth: depth + 1,
      parentFingerprint: Array(Hash.hash160(publicKey).prefix(4)), childNumber: number)
  }

  /// Returns the key at the end of `path`.
  ///
  /// - Throws: as `child`.
  public func derive(_ path: [HDPathElement]) throws(CryptoError) -> HDPrivateKey {
    var key = self
    for element in path {
      switch element {
      case .hardened(let index): key = try key.child(index, hardened: true)
      case .normal(let index): key = try key.child(index, hardened: false)
      }
    }
    return key
  }

  /// Returns the extended public key (BIP-32, N).
  public func publicNode() -> HDPublicKey {
    HDPublicKey(
      publicKey: privateKey.publicKey(), chainCode: chainCode.withBytes { Array($0) }, depth: depth,
      parentFingerprint: parentFingerprint, childNumber: childNumber, version: nil)
  }

  /// Returns the Base58Check text (ASCII) under `version`, such as 0x0488ADE4 for `xprv`.
  public func serialized(version: UInt32) throws(CryptoError) -> SecretBytes {
    let head = version.bigEndianBytes + [depth] + parentFingerprint + childNumber.bigEndianBytes
    return try Base58Check.encodeSecret(
      SecretBytes(joining: [
        SecretBytes(copying: head), chainCode, SecretBytes(copying: [0]), privateKey.secret,
      ]))
  }
}
