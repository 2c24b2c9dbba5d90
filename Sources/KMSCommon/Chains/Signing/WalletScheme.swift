public import KMSChains
public import KMSCrypto
public import KMSPrivateKeys

/// How one chain makes and checks wallets. All texts are those of the original, byte for byte.
///
/// Who stores wallets asks one of these.
public protocol WalletScheme: Sendable {
  /// A new random wallet as `generatewallet` and `generatemanagedwallet` make it.
  func generate(testnet: Bool) throws -> NewWallet

  /// Checks a mnemonic typed by a person and makes its wallet.
  ///
  /// - Throws: `WalletError` when words or checksum are wrong, when it is the empty mnemonic, or when the chain
  ///   has no mnemonics.
  func wallet(mnemonic: SecretBytes, testnet: Bool) throws -> NewWallet

  /// The wallet of a text that is taken for a mnemonic as it is: the original stored mnemonics unchecked, and coins lie on
  /// their keys.
  ///
  /// - Throws: `WalletError` as `wallet(mnemonic:testnet:)`, without asking for words and checksum where keys can be derived
  ///   without.
  func wallet(uncheckedMnemonic: SecretBytes, testnet: Bool) throws -> NewWallet

  /// Checks a private key (or secret) typed by a person and makes its wallet; surrounding white space is the
  /// caller's to trim.
  ///
  /// - Throws: `WalletError` when the text form, the range or the network byte is wrong, or when it is a key of
  ///   the empty mnemonic (decision 12).
  func wallet(privateKey: SecretBytes, testnet: Bool) throws -> NewWallet

  /// Where the keys of mnemonic wallets are; nil on chains without.
  func path(testnet: Bool) -> DerivationPath?

  /// The same scheme with the keys of mnemonic wallets at another path.
  ///
  /// - Throws: `WalletError` `unsupported` where the chain has no mnemonics, `invalid-path` for a path that it can't
  ///   derive.
  func at(_ path: DerivationPath) throws -> Self

  /// The private key at the end of `path`, in the chain's text form.
  ///
  /// - Throws: `WalletError` `invalid-path` for a path that the chain's curve does not have, `unsupported`.
  func privateKeyText(from seed: MnemonicSeed, path: [HDPathElement], testnet: Bool) throws -> SecretBytes

  /// What people bring as keys of the chain, and how they write addresses.
  var forms: KeyForms { get }

  /// Whether a wallet of `generate` is one secret instead of a mnemonic: of kind `.secret`, and
  /// `.privateKey` where `storemanagedprivatekey` or the batch stored it, as in the original.
  var hasSecrets: Bool { get }

  /// A new random single key, as the batch command stores it (decision 11).
  func generatePrivateKey(testnet: Bool) throws -> NewWallet

  /// The private key in the chain's text form, as `getprivatekey` prints it.
  func privateKeyText(kind: WalletKind, secret: SecretBytes, index: UInt32, testnet: Bool) throws
    -> SecretBytes

  /// As `AddressScheme.address(of:index:)`, and nothing that belongs to the empty mnemonic (decision 12).
  func address(of wallet: WalletView, index: UInt32) throws -> String?

  /// The address of a mnemonic's key at `index`; also of a mnemonic that `wallet(mnemonic:testnet:)` would refuse, but
  /// for the empty one.
  func address(ofMnemonic mnemonic: SecretBytes, index: UInt32, testnet: Bool) throws -> String

  /// The extended private key of a mnemonic wallet, where the chain has one.
  func extendedPrivateKey(mnemonic: SecretBytes, testnet: Bool) throws -> SecretBytes?
}

extension WalletScheme {
  /// Checks it all the same.
  public func wallet(uncheckedMnemonic: SecretBytes, testnet: Bool) throws -> NewWallet {
    try wallet(mnemonic: uncheckedMnemonic, testnet: testnet)
  }

  /// None.
  public func path(testnet: Bool) -> DerivationPath? { nil }

  /// None other.
  public func at(_ path: DerivationPath) throws -> Self {
    throw WalletError.unsupported("wallets of this chain have no mnemonic, and so no path")
  }

  /// No keys of mnemonics.
  public func privateKeyText(
    from seed: MnemonicSeed, path: [HDPathElement], testnet: Bool
  ) throws -> SecretBytes {
    throw WalletError.unsupported("keys of this chain are not derived from mnemonics")
  }

  /// Nothing but the chain's own form.
  public var forms: KeyForms { KeyForms() }

  /// Mnemonics or keys.
  public var hasSecrets: Bool { false }

  /// No extended private key.
  public func extendedPrivateKey(mnemonic: SecretBytes, testnet: Bool) throws -> SecretBytes? { nil }
}
