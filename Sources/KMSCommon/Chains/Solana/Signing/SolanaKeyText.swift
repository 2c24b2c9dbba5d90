internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys

/// The text forms of Solana's 64-byte private keys, seed and public key.
///
/// The second half is the check that the text is a private key at all: 32 bytes alone, in Base58 or hexadecimal, could as
/// well be an address, which everybody knows.
enum SolanaKeyText {
  /// The 64 bytes, and the text under which they are kept.
  ///
  /// - Throws: `invalid-private-key` for any other form. Whether the halves belong together, who signs finds out.
  static func bytes(_ text: SecretBytes) throws -> (bytes: SecretBytes, kept: SecretBytes) {
    let bytes: SecretBytes?
    var kept = text
    if let list = try ByteList.bytes(text, count: 64) {
      // The original has no such form, nor the next one; from here on they are Base58.
      bytes = list
      kept = try Base58.encodeSecret(list)
    } else if text.count == 88, let decoded = try text.base64Decoded(), decoded.count == 64 {
      bytes = decoded
      kept = try Base58.encodeSecret(decoded)
    } else {
      bytes = try text.count == 128 ? text.hexDecoded() : Base58.decodeSecret(text)
    }
    guard let bytes, bytes.count == 64 else {
      throw WalletError.invalidPrivateKey(
        "the private key is not 64 bytes in Base58, in Base64, in 128 hexadecimal digits, or in a list such as [12,34,…]"
      )
    }
    return (bytes, kept)
  }

  /// A key and the text under which it is kept.
  static func parse(_ text: SecretBytes) throws -> SLIP10Wallets.ParsedKey {
    let (bytes, kept) = try bytes(text)
    return SLIP10Wallets.ParsedKey(key: try key(bytes), text: kept)
  }

  /// The key of 64 bytes.
  ///
  /// - Throws: `invalid-private-key` when the second half is not the public key of the first.
  static func key(_ bytes: SecretBytes) throws -> Ed25519PrivateKey {
    let key = try Ed25519PrivateKey(seed: bytes.slice(0..<32))
    guard key.expanded == bytes else {
      throw WalletError.invalidPrivateKey(
        "the two halves of the private key do not belong together: a character is wrong")
    }
    return key
  }
}
