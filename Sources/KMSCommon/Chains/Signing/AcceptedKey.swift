internal import KMSChains
public import KMSCrypto

/// What the text of a private key was taken for, before it becomes a wallet.
public struct AcceptedKey: Sendable {
  /// The key in the text form that the vault keeps.
  public var text: SecretBytes
  /// What a person should know beside the address, in sentences without the secret.
  public var remarks: [String] = []
  /// Why the address must be expected or confirmed before the key is stored; nil when the text checks itself.
  public var doubt: String?
  /// What else the same text may be.
  public var otherReadings: [OtherReading] = []

  /// Takes a text as it is.
  public init(_ text: SecretBytes) { self.text = text }
}

/// Something else that has the same form as a private key.
public struct OtherReading: Sendable {
  /// The address of that.
  public let address: String
  /// A sentence that says so.
  public let meaning: String
  /// What the text is when that address was expected: after "the text is".
  let kind: String
  /// What to do then.
  public let advice: String
  /// Whether it is public.
  public let isPublic: Bool

  /// What the text is when its address is the one that was expected.
  public func verdict(_ address: String) -> String { "the text is \(kind) \(address)" }

  /// The text is a public key, which everybody can read.
  static func publicKey(of address: String) -> OtherReading {
    OtherReading(
      address: address,
      meaning: "a text of this form may be a public key, which everybody can read",
      kind: "the public key of", advice: "the wallet that shows this public key has the private key, too",
      isPublic: true)
  }
}

/// What a person says about a private key that the program can't see.
public struct KeyAssurance: Sendable {
  /// The key really has fewer digits than any that is made at random.
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
  /// See `WalletScheme.isAddress`.
  var isAddress: @Sendable (_ text: String, _ testnet: Bool) -> Bool = { _, _ in false }
  /// See `WalletScheme.knownSecrets`.
  var knownSecrets: [KnownKeys.Secret] = []
  /// See `WalletScheme.otherAddresses`.
  var otherAddresses: @Sendable (_ publicKey: [UInt8], _ testnet: Bool) -> [ServedAddress] = { _, _ in [] }
  /// See `WalletScheme.knownPaths`.
  var paths: [KnownPath?] = []
  /// See `WalletScheme.privateKeyText(from:path:testnet:)`, for chains that derive nothing themselves; nil for none.
  var derive: (@Sendable (_ seed: MnemonicSeed, _ path: [HDPathElement]) throws -> SecretBytes)?
  /// See `WalletScheme.notes`.
  var notes: [String] = []
  /// See `WalletScheme.signaturesNameNetwork`.
  var signaturesNameNetwork = false
}
