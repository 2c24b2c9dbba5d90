internal import KMSCrypto
internal import KMSRecords

extension PrivateKeyMaterial {
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
    } catch {
      throw ChainError(.walletUnreadable, "the private key can't sign: \(error.message)")
    }
  }
}

extension SigningRequest {
  /// The key of a transaction with one sender.
  ///
  /// - Throws: `wallet-not-found` when the request has none.
  func onlyKey() throws(ChainError) -> PrivateKeyMaterial {
    guard let key = keys.first else {
      throw ChainError(.walletNotFound, "no key was found for this transaction")
    }
    return key.privateKey
  }
}
