internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys

/// Private keys in wallet import format: base58check of version, 32 bytes, and `01` when the public key is used
/// in its compressed form.
enum WIF {
  /// The text of a 32-byte key with a compressed public key.
  static func encode(_ key: SecretBytes, version: UInt8) throws -> SecretBytes {
    try Base58Check.encodeSecret(
      SecretBytes(
        count: 34,
        writing: { out in
          out[0] = version
          key.withBytes { out.write($0.extracting(first: 32), at: 1) }
          out[33] = 1
        }))
  }

  /// Reads a key in WIF of `network`, or as 64 hex digits, which the original took too: on either network, with a
  /// compressed public key.
  ///
  /// - Throws: `WalletError` `wrong-network` when the version byte is that of `other`, `invalid-private-key` when
  ///   the text is neither form or the checksum is wrong.
  static func decode(_ text: SecretBytes, network: BitcoinNetwork, other: BitcoinNetwork) throws
    -> BIP32Wallets.ParsedKey
  {
    if text.count == 64, let key = try text.hexDecoded(), key.count == 32 {
      return BIP32Wallets.ParsedKey(secret: key, isCompressed: true)
    }
    guard let payload = try Base58Check.decodeSecret(text), let form = Form(payload) else {
      throw WalletError.invalidPrivateKey(
        "the private key is neither in wallet import format (WIF, with a right checksum) nor 64 hex digits")
    }
    guard form.version == network.privateKeyVersion else {
      if form.version == other.privateKeyVersion {
        throw WalletError.wrongNetwork(
          "the private key is for the other network: mainnet and testnet keys differ in their first letter")
      }
      throw WalletError.invalidPrivateKey("the private key is of another chain")
    }
    return BIP32Wallets.ParsedKey(secret: try payload.slice(1..<33), isCompressed: form.isCompressed)
  }

  /// What surrounds the 32 bytes.
  private struct Form {
    let version: UInt8
    let isCompressed: Bool

    init?(_ payload: SecretBytes) {
      let ends = payload.withBytes { bytes -> (UInt8, UInt8)? in
        guard let first = bytes.first, let last = bytes.last else { return nil }
        return (first, last)
      }
      guard let (version, last) = ends else { return nil }
      self.version = version
      switch payload.count {
      case 33: isCompressed = false
      case 34 where last == 1: isCompressed = true
      default: return nil
      }
    }
  }
}
