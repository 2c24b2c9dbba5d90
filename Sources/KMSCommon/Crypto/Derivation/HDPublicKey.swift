internal import KMSPrimitives

/// An extended public key of BIP-32.
public struct HDPublicKey: Hashable, Sendable {
  /// The versions that `init(serialized:)` reads (SLIP-132 and Litecoin's chain parameters).
  public enum Version {
    /// `xpub`: Bitcoin, and every chain here that has no version of its own.
    public static let xpub: UInt32 = 0x0488_B21E
    /// `tpub`: Bitcoin's test networks.
    public static let tpub: UInt32 = 0x0435_87CF
    /// `Ltub`: Litecoin.
    public static let ltub: UInt32 = 0x019D_A462
    /// `ttub`: Litecoin's test network.
    public static let ttub: UInt32 = 0x0436_F6E1

    static let all = [xpub, tpub, ltub, ttub]
  }

  /// The compressed public key, 33 bytes.
  public let publicKey: [UInt8]
  /// The chain code, 32 bytes.
  public let chainCode: [UInt8]
  /// Steps from the master key.
  public let depth: UInt8
  /// The first four bytes of HASH160 of the parent's public key; zeros at the master key.
  public let parentFingerprint: [UInt8]
  /// The index of the last step, with the top bit set when hardened; zero at the master key.
  public let childNumber: UInt32
  /// The version of the text that this was read from; nil when it was derived.
  public let version: UInt32?

  package init(
    publicKey: [UInt8], chainCode: [UInt8], depth: UInt8, parentFingerprint: [UInt8], childNumber: UInt32,
    version: UInt32?
  ) {
    self.publicKey = publicKey
    self.chainCode = chainCode
    self.depth = depth
    self.parentFingerprint = parentFingerprint
    self.childNumber = childNumber
    self.version = version
  }

  /// Reads the Base58Check text under one of the versions in `Version`; look at `version` for the network.
  ///
  /// Nil when it is not 78 bytes, the version is another one (so for every private key), the key is no point, or a key
  /// of depth zero names a parent or an index (BIP-32, test vector 5).
  public init?(serialized text: String) {
    guard let bytes = Base58Check.decode(text), bytes.count == 78 else { return nil }
    let version = UInt32(bigEndianBytes: bytes[0..<4])
    let depth = bytes[4]
    let parent = Array(bytes[5..<9])
    let child = UInt32(bigEndianBytes: bytes[9..<13])
    let key = Array(bytes[45..<78])
    guard Version.all.contains(version), Secp256k1.isValidPublicKey(key),
      depth > 0 || (parent == [0, 0, 0, 0] && child == 0)
    else { return nil }
    self.init(
      publicKey: key, chainCode: Array(bytes[13..<45]), depth: depth, parentFingerprint: parent,
      childNumber: child,
      version: version)
  }

  /// Creates a node without a history from a compressed public key (33 bytes) and a chain code (32 bytes), as some
  /// wallets keep them; nil when the key is no point or a length is wrong.
  public init?(publicKey: [UInt8], chainCode: [UInt8]) {
    guard publicKey.count == 33, Secp256k1.isValidPublicKey(publicKey), chainCode.count == 32 else {
      return nil
    }
    self.init(
      publicKey: publicKey, chainCode: chainCode, depth: 0, parentFingerprint: [0, 0, 0, 0], childNumber: 0,
      version: nil)
  }

  /// Returns the child key at `index`, 0 to 2^31 - 1, not hardened (BIP-32, CKDpub).
  ///
  /// - Throws: `CryptoError` with code `invalid-parameter` when the index or the depth is beyond its limit,
  ///   `derivation-failed` when there is no such key (less likely than 1 in 2^127).
  public func child(_ index: UInt32) throws(CryptoError) -> HDPublicKey {
    guard index < 1 << 31 else { throw .childIndex }
    guard depth < 255 else { throw .depthLimit }
    let node = HMAC.sha512(key: try SecretBytes(copying: chainCode), publicKey + index.bigEndianBytes)
    guard let key = Secp256k1.addTweak(Array(node.prefix(32)), to: publicKey) else {
      throw .childDoesNotExist
    }
    return HDPublicKey(
      publicKey: key, chainCode: Array(node.suffix(32)), depth: depth + 1,
      parentFingerprint: Array(Hash.hash160(publicKey).prefix(4)), childNumber: index, version: version)
  }

  /// Returns the Base58Check text under `version`.
  public func serialized(version: UInt32) -> String {
    Base58Check.encode(
      version.bigEndianBytes + [depth] + parentFingerprint + childNumber.bigEndianBytes + chainCode
        + publicKey)
  }
}
