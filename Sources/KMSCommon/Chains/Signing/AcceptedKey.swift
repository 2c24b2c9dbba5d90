public import KMSCrypto

/// What the text of a private key was taken for, before it becomes a wallet.
public struct AcceptedKey: Sendable {
  /// The key in the text form that the vault keeps.
  public var text: SecretBytes
  /// What a person should know beside the address, in sentences without the secret.
  public var remarks: [String] = []
  /// Why the address must be expected or confirmed before the key is stored; nil when the text checks itself.
  public var doubt: String?
  /// The address that the same text has when it is a public key, which looks alike on this chain.
  public var addressAsPublicKey: String?

  /// Takes a text as it is.
  public init(_ text: SecretBytes) { self.text = text }
}

/// What a person says about a private key that the program can't see.
public struct KeyAssurance: Sendable {
  /// The key really has fewer digits than any that is made at random (FLOW).
  public var isShort = false

  /// Says nothing.
  public init() {}
}

/// How the schemes that several chains share are told what a chain's people bring, and how its addresses are spelled.
struct KeyForms: Sendable {
  /// See `WalletScheme.accept`.
  var accept:
    @Sendable (_ text: SecretBytes, _ assurance: KeyAssurance, _ testnet: Bool) throws -> AcceptedKey = {
      text, _, _ in AcceptedKey(text)
    }
  /// See `WalletScheme.canonical`.
  var canonical: @Sendable (_ address: String, _ testnet: Bool) -> String = { address, _ in address }
  /// See `WalletScheme.knownSecrets`.
  var knownSecrets: [KnownKeys.Secret] = []
}
