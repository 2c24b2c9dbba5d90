public import KMSChains
public import KMSCrypto
internal import KMSPrivateKeys
internal import KMSRecords

/// A key that signs, with where it came from.
public struct SigningKey: Sendable {
  /// The reference that led to it.
  public let reference: KeyReference
  /// The key.
  public let privateKey: PrivateKeyMaterial

  /// Creates a key.
  public init(reference: KeyReference, privateKey: PrivateKeyMaterial) {
    self.reference = reference
    self.privateKey = privateKey
  }
}

/// A private key, ready to sign, with its public key and address computed once.
///
/// kms-sign keeps these between the records of one run, so that a thousand transactions of one sender do not
/// derive the same key a thousand times. A class because it goes through many hands.
public final class PrivateKeyMaterial: Sendable {
  /// The raw private key; its form is the chain's own: 32 bytes for secp256k1 and Ed25519 seeds, 64 for
  /// BIP32-Ed25519.
  public let secret: SecretBytes
  /// The public key in the chain's usual form (33 bytes compressed for secp256k1, or 65 where the stored key says so;
  /// 32 bytes for Ed25519).
  public let publicKey: [UInt8]
  /// The address as `getaddress` prints it; the public key in hex where the key alone determines none.
  public let address: String

  /// The same key, expanded: kept where a chain signs with Ed25519, so that not every signature expands it anew.
  private let ed25519: Ed25519PrivateKey?

  /// Creates a key.
  public init(secret: SecretBytes, publicKey: [UInt8], address: String) {
    self.secret = secret
    self.publicKey = publicKey
    self.address = address
    ed25519 = nil
  }

  /// Keeps an Ed25519 key: its seed is `secret`. `marker` stands before its public key on chains that have keys of
  /// other curves, too.
  init(ed25519 key: Ed25519PrivateKey, marker: [UInt8] = [], address: String) {
    secret = key.seed
    publicKey = marker + key.publicKey
    self.address = address
    ed25519 = key
  }

  /// The key for Ed25519 signatures.
  ///
  /// - Throws: `wallet-unreadable` when `secret` is not a seed of 32 bytes with this public key. Signing with another
  ///   public key than the seed's would give the seed away.
  func ed25519Signer() throws(ChainError) -> Ed25519PrivateKey {
    if let ed25519 { return ed25519 }
    do throws(CryptoError) {
      let key = try Ed25519PrivateKey(seed: secret)
      guard key.publicKey == publicKey else { throw CryptoError.invalidPublicKey }
      return key
    } catch { throw .cannotSign(error) }
  }

  /// The key for ECDSA signatures over secp256k1.
  ///
  /// - Throws: `wallet-unreadable` when `secret` is not a private key in range.
  func secp256k1Signer() throws(ChainError) -> Secp256k1PrivateKey {
    do throws(CryptoError) { return try Secp256k1PrivateKey(secret) } catch { throw .cannotSign(error) }
  }
}

extension ChainError {
  /// `wallet-unreadable`: the key was found and can't be used.
  static func cannotSign(_ error: CryptoError) -> ChainError {
    ChainError(.walletUnreadable, "the private key can't sign: \(error.message)")
  }
}
