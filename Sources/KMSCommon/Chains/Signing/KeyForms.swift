internal import KMSChains
public import KMSCrypto
internal import KMSPrivateKeys

/// What people bring as keys of a chain, where their wallets have them, and how they write addresses: what differs between
/// chains whose wallets are otherwise alike.
public struct KeyForms: Sendable {
  /// See `WalletScheme.accept`.
  var accept:
    @Sendable (_ text: SecretBytes, _ assurance: KeyAssurance, _ testnet: Bool) throws -> AcceptedKey = {
      text, _, _ in AcceptedKey(text)
    }
  /// See `WalletScheme.canonical`.
  var canonical: @Sendable (_ address: String, _ testnet: Bool) -> String = { address, _ in address }
  /// See `WalletScheme.isAddress`.
  var isAddress: (@Sendable (_ text: String, _ testnet: Bool) -> Bool)?
  /// See `WalletScheme.advice(onAddress:testnet:)`.
  var advice: @Sendable (_ address: String, _ testnet: Bool) -> String? = { _, _ in nil }
  /// See `WalletScheme.knownSecrets`.
  var knownSecrets: [KnownKeys.Secret] = []
  /// See `WalletScheme.otherAddresses`.
  var otherAddresses: @Sendable (_ publicKey: [UInt8], _ testnet: Bool) -> [ServedAddress] = { _, _ in [] }
  /// See `WalletScheme.knownPaths`.
  var paths: [KnownPath?] = []
  /// The address of a key that is not signed with here (`KnownPath.Master.p256`); nil where the chain has none such.
  var foreignAddress: (@Sendable (_ seed: MnemonicSeed, _ path: [HDPathElement]) throws -> String)?
  /// See `WalletScheme.privateKeyText(from:path:testnet:)`, for chains that derive nothing themselves; nil for none.
  var derive: (@Sendable (_ seed: MnemonicSeed, _ path: [HDPathElement]) throws -> SecretBytes)?
  /// See `WalletScheme.notes`.
  var notes: [String] = []
  /// See `WalletScheme.signaturesNameNetwork`.
  var signaturesNameNetwork = false
}

extension WalletScheme {
  /// Reads a private key (or secret) in the forms in which people have it, and says what was made of it.
  ///
  /// - Throws: `WalletError` when it is none, or something else that has the same form.
  public func accept(
    privateKey: SecretBytes, assurance: KeyAssurance, testnet: Bool
  ) throws -> AcceptedKey { try forms.accept(privateKey, assurance, testnet) }

  /// The form in which two spellings of one address are equal; the text itself where it has one spelling only, or is
  /// no address of the chain.
  public func canonical(address: String, testnet: Bool) -> String { forms.canonical(address, testnet) }

  /// Whether the text is an address of the chain in one of its forms; for telling people what they typed.
  public func isAddress(_ text: String, testnet: Bool) -> Bool { forms.isAddress?(text, testnet) ?? false }

  /// What there is to say about an address that no key has here, such as one of a script; nil for nothing.
  public func advice(onAddress address: String, testnet: Bool) -> String? {
    if let advice = forms.advice(address, testnet) { return advice }
    guard let isAddress = forms.isAddress, !isAddress(address, testnet) else { return nil }
    return isAddress(address, !testnet)
      ? "that is an address of \(testnet ? "the main network: leave --testnet out" : "a test network: --testnet")"
      : "that is no address of this chain: is a character wrong, or is it one of another chain?"
  }

  /// What else the key of the address that is shown can spend from, and other spellings of that address.
  public func otherAddresses(of key: PrivateKeyMaterial, testnet: Bool) -> [ServedAddress] {
    forms.otherAddresses(key.publicKey, testnet)
  }

  /// Paths at which people's wallets have their keys, the chain's own not among them.
  public var knownPaths: [KnownPath] { forms.paths.compactMap { $0 } }

  /// What a person should know about the addresses of this chain, in sentences.
  public var notes: [String] { forms.notes }

  /// Whether signatures cover the network, so that one made for a test network is worth nothing on the main one.
  public var signaturesNameNetwork: Bool { forms.signaturesNameNetwork }

  /// Secrets of this chain that are printed somewhere, besides the general ones of `KnownKeys`.
  public var knownSecrets: [KnownKeys.Secret] { forms.knownSecrets }
}
