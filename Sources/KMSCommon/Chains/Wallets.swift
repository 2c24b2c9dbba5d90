public import KMSCrypto

/// What kind of secret a wallet holds; stored in clear in the vault.
public enum WalletKind: String, Sendable, Hashable, CaseIterable {
  /// A mnemonic from which keys are derived by index.
  case mnemonic
  /// One private key, in the chain's text form.
  case privateKey
  /// One secret of a chain without derivation (XRP seed, XLM secret seed, ALGO secret).
  case secret
}

/// The public side of a wallet: what the view key opens.
public struct WalletView: Sendable, Hashable {
  /// The signature ID, a UUID v4 in lower case.
  public var signatureID: String
  /// The chain's name.
  public var chain: String
  /// Whether the wallet is for testnets.
  public var testnet: Bool
  /// What the wallet holds.
  public var kind: WalletKind
  /// The extended public key, where the chain has one.
  public var xpub: String?
  /// The address: of the key, or of index 0 where a mnemonic wallet has no xpub.
  public var address: String?
  /// The public key in hex, where the chain's network asks for it (FLOW, ADA).
  public var publicKey: String?
  /// Where the keys of a mnemonic are, when that is not the chain's own path: `m/44'/60'/0'/0/i` (`DerivationPath`).
  public var path: String?

  /// Creates a view.
  public init(
    signatureID: String, chain: String, testnet: Bool, kind: WalletKind, xpub: String? = nil,
    address: String? = nil, publicKey: String? = nil, path: String? = nil
  ) {
    self.path = path
    self.signatureID = signatureID
    self.chain = chain
    self.testnet = testnet
    self.kind = kind
    self.xpub = xpub
    self.address = address
    self.publicKey = publicKey
  }
}

/// A wallet that was just generated or checked, not stored yet.
public struct NewWallet: Sendable {
  /// What `secret` is.
  public var kind: WalletKind
  /// The mnemonic (words, single spaces) or the key in the chain's text form, ASCII.
  public var secret: SecretBytes
  /// The extended public key, where the chain has one.
  public var xpub: String?
  /// The address of the key; nil for mnemonic wallets with an xpub.
  public var address: String?
  /// See `WalletView.publicKey`.
  public var publicKey: String?
  /// See `WalletView.path`.
  public var path: String?

  /// Creates a wallet.
  public init(
    kind: WalletKind, secret: SecretBytes, xpub: String? = nil, address: String? = nil,
    publicKey: String? = nil
  ) {
    self.kind = kind
    self.secret = secret
    self.xpub = xpub
    self.address = address
    self.publicKey = publicKey
  }
}

/// How one chain makes and checks wallets. All texts are those of the original, byte for byte.
///
/// Who stores wallets asks one of these; they are made where the keys are, in KMSSigning (`SigningWallets`).
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

  /// Whether a wallet of `generate` is one secret instead of a mnemonic (XRP, XLM, ALGO): of kind `.secret`, and
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

/// Why a wallet can't be made, stored or used.
public struct WalletError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The stable word.
  public let code: String
  /// One sentence for people, without the secret.
  public let message: String

  /// Creates an error.
  public init(_ code: String, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message.
  public var description: String { message }

  /// The mnemonic's words or checksum are wrong.
  public static func invalidMnemonic(_ message: String) -> WalletError {
    WalletError("invalid-mnemonic", message)
  }
  /// The private key's text form or range is wrong.
  public static func invalidPrivateKey(_ message: String) -> WalletError {
    WalletError("invalid-private-key", message)
  }
  /// The text is something that everybody may read, in the form of a private key or near it.
  public static func publicText(_ message: String) -> WalletError { WalletError("public-text", message) }
  /// The key is shorter than keys are, and nobody said that it is whole.
  public static func shortKey(_ message: String) -> WalletError { WalletError("short-key", message) }
  /// The key is for the other network.
  public static func wrongNetwork(_ message: String) -> WalletError { WalletError("wrong-network", message) }
  /// The key belongs to the empty mnemonic and is known to everybody.
  public static let emptyMnemonicKey = WalletError(
    "empty-mnemonic",
    "this key or address belongs to the empty mnemonic, which everybody knows: money sent there is lost")
  /// A mnemonic wallet was asked for a key without an index.
  public static let indexMissing = WalletError(
    "index-missing", "a mnemonic wallet needs a derivation index; send index in the API request")
  /// Refuses what is no index of a derivation that is not hardened (BIP-32).
  static func check(index: UInt32) throws(WalletError) {
    guard index < 1 << 31 else { throw .indexInvalid }
  }
  /// The index is none.
  public static let indexInvalid = WalletError(
    "invalid-index", "the derivation index is not from 0 to 2147483647")
  /// The chain has no such kind of wallet.
  public static func unsupported(_ message: String) -> WalletError { WalletError("unsupported", message) }
}
