public import KMSCrypto

/// What keys are derived from: a mnemonic and its passphrase ("25th word"), stretched once.
public struct MnemonicSeed: Sendable {
  /// The 64 bytes of BIP-39.
  public let seed: SecretBytes
  /// The mnemonic's entropy, from which Icarus (CIP-0003) derives; nil where the text is no mnemonic of BIP-39.
  public let entropy: SecretBytes?
  /// The passphrase, UTF-8 in normal form NFKD; nil for none.
  public let passphrase: SecretBytes?

  /// How the master key of Icarus wallets (CIP-0003) is made of the words.
  public var icarusMaster = IcarusMaster.icarus

  /// The ways of CIP-0003 that are still in use.
  public enum IcarusMaster: Sendable {
    /// Every program, and Trezor with fewer than 24 words.
    case icarus
    /// Trezor with 24 words.
    case trezor
    /// Ledger and BitBox02.
    case ledger
  }

  /// Stretches a mnemonic; a text that is none is taken as it is (see `Mnemonic.unsafeUncheckedSeed`).
  ///
  /// - Throws: `CryptoError` with code `invalid-mnemonic` for an empty text, and for characters in it or in the passphrase
  ///   whose normal form is not known here.
  public init(_ mnemonic: SecretBytes, passphrase: SecretBytes? = nil) throws(CryptoError) {
    let passphrase = passphrase.flatMap { $0.count > 0 ? $0 : nil }
    self.passphrase = try passphrase.map { (text) throws(CryptoError) in
      guard let normal = try CompatibilityForm.of(text) else {
        throw CryptoError.mnemonic(
          "the passphrase has characters whose normal form (Unicode's NFKD) is not known here")
      }
      return normal
    }
    seed = try Mnemonic.unsafeUncheckedSeed(mnemonic, passphrase: self.passphrase)
    entropy = try? Mnemonic.entropy(mnemonic)
  }

  /// Stretches the words of Electrum in its own way.
  public init(electrum words: SecretBytes) throws(CryptoError) {
    seed = try ElectrumSeed.seed(words)
    entropy = nil
    passphrase = nil
  }
}
