internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys

/// Secrets of XRP accounts: family seeds of 16 bytes, `s…` for secp256k1 and `sEd…` for Ed25519.
///
/// <https://xrpl.org/docs/concepts/accounts/cryptographic-keys#key-derivation>
enum XRPSeed {
  static let secp256k1Prefix: [UInt8] = [0x21]
  private static let ed25519Prefix: [UInt8] = [0x01, 0xe1, 0x4b]
  private static let length = 16

  /// The first byte of a public key of Ed25519, which has 33 bytes like one of secp256k1.
  static let ed25519Marker: UInt8 = 0xed

  /// A new random seed of an Ed25519 key (decision 11).
  static func generate() throws -> SecretBytes {
    let entropy = try SecretBytes.random(count: length)
    return try Base58Check.encodeSecret(
      SecretBytes(
        count: ed25519Prefix.count + length,
        writing: { out in
          out.write(ed25519Prefix)
          entropy.withBytes { out.write($0, at: ed25519Prefix.count) }
        }), alphabet: .ripple)
  }

  /// The key of a seed, or of a private key in hexadecimal: 66 digits with the prefix `00` (secp256k1) or `ED`
  /// (Ed25519) of the XRP libraries, or 64 digits for secp256k1.
  ///
  /// - Throws: `WalletError` `invalid-private-key` when the text is none of these, its checksum is wrong, or the key
  ///   is out of range.
  static func key(of text: SecretBytes) throws -> PrivateKeyMaterial {
    if text.count == 64 || text.count == 66 {
      guard let bytes = try text.hexDecoded() else { throw notASeed }
      return try key(ofRaw: bytes)
    }
    guard let payload = try Base58Check.decodeSecret(text, alphabet: .ripple) else { throw notASeed }
    if payload.starts(with: ed25519Prefix), payload.count == ed25519Prefix.count + length {
      return try ed25519(
        half(payload.slice(ed25519Prefix.count..<payload.count), appending: []))
    }
    guard payload.starts(with: secp256k1Prefix), payload.count == secp256k1Prefix.count + length else {
      throw notASeed
    }
    return try secp256k1(accountKey(seed: payload.slice(secp256k1Prefix.count..<payload.count)))
  }

  private static func key(ofRaw bytes: SecretBytes) throws -> PrivateKeyMaterial {
    if bytes.count == 33 {
      let raw = try bytes.slice(1..<33)
      if bytes.starts(with: [ed25519Marker]) { return try ed25519(raw) }
      guard bytes.starts(with: [0]) else { throw notASeed }
      return try secp256k1(inRange(raw))
    }
    guard bytes.count == 32 else { throw notASeed }
    return try secp256k1(inRange(bytes))
  }

  private static func inRange(_ secret: SecretBytes) throws -> Secp256k1PrivateKey {
    do throws(CryptoError) {
      return try Secp256k1PrivateKey(secret)
    } catch { throw WalletError.invalidPrivateKey(error.message) }
  }

  /// The 16 bytes of a seed `s…`; nil for any other text.
  static func secp256k1Entropy(_ text: SecretBytes) throws -> SecretBytes? {
    guard let payload = try Base58Check.decodeSecret(text, alphabet: .ripple),
      payload.starts(with: secp256k1Prefix), payload.count == secp256k1Prefix.count + length
    else { return nil }
    return try payload.slice(secp256k1Prefix.count..<payload.count)
  }

  /// The Ed25519 key of the 16 bytes of a seed.
  static func ed25519(ofEntropy entropy: SecretBytes) throws -> PrivateKeyMaterial {
    try ed25519(half(entropy, appending: []))
  }

  static func ed25519(_ secret: SecretBytes) throws -> PrivateKeyMaterial {
    let key = try Ed25519PrivateKey(seed: secret)
    return PrivateKeyMaterial(
      ed25519: key, marker: [ed25519Marker],
      address: XRPAccount(publicKey: [ed25519Marker] + key.publicKey).address)
  }

  private static func secp256k1(_ key: Secp256k1PrivateKey) throws -> PrivateKeyMaterial {
    let publicKey = key.publicKey()
    return PrivateKeyMaterial(
      secret: key.secret, publicKey: publicKey, address: XRPAccount(publicKey: publicKey).address)
  }

  /// The master key of a family: the root key, plus a scalar that the root's public key gives for account 0.
  private static func accountKey(seed: SecretBytes) throws -> Secp256k1PrivateKey {
    let root = try firstInRange { try half(seed, appending: $0.bigEndianBytes) }
    let publicRoot = try SecretBytes(copying: root.publicKey() + UInt32(0).bigEndianBytes)
    return try root.addingTweak(firstInRange { try half(publicRoot, appending: $0.bigEndianBytes) }.secret)
  }

  /// The first candidate, counted from 0, that is a private key; the first one but in one of 2^128 cases.
  private static func firstInRange(_ candidate: (UInt32) throws -> SecretBytes) throws -> Secp256k1PrivateKey
  {
    for counter in UInt32(0)..<128 {
      if let key = try? Secp256k1PrivateKey(candidate(counter)) { return key }
    }
    throw notASeed
  }

  /// SHA-512Half of a secret and public bytes that follow it.
  private static func half(_ secret: SecretBytes, appending tail: [UInt8]) throws -> SecretBytes {
    let input = try SecretBytes(
      count: secret.count + tail.count,
      writing: { out in
        secret.withBytes { out.write($0) }
        out.write(tail, at: secret.count)
      })
    var digest = input.withBytes { Hash.sha512Half($0) }
    return try SecretBytes(moving: &digest)
  }

  private static let notASeed = WalletError.invalidPrivateKey(
    "the secret is no seed of the XRP Ledger (s… or sEd… with a right checksum), nor a private key of 64 or 66 "
      + "hex digits")
}

extension SecretBytes {
  /// Whether the public prefix of a format is there; not in constant time.
  fileprivate func starts(with prefix: [UInt8]) -> Bool {
    withBytes { $0.starts(with: prefix) }
  }
}
