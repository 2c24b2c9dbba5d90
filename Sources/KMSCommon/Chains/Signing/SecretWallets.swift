internal import KMSChains
internal import KMSCrypto
internal import KMSPrivateKeys

/// Wallets of a chain where each is one random secret with one address, without mnemonics.
struct SecretWallets: SigningWallets {
  /// The chain's name, for messages.
  let chain: String
  /// A new random secret in its text form.
  let newSecret: @Sendable () throws -> SecretBytes
  /// The key of a secret in its text form; throws `WalletError` `invalid-private-key`.
  let parse: @Sendable (_ text: SecretBytes) throws -> PrivateKeyMaterial
  /// What people bring besides.
  var forms = KeyForms()

  let hasSecrets = true

  func generate(testnet: Bool) throws -> NewWallet { try wallet(newSecret(), kind: .secret) }

  func wallet(mnemonic: SecretBytes, testnet: Bool) throws -> NewWallet { throw noMnemonics }

  func wallet(privateKey: SecretBytes, testnet: Bool) throws -> NewWallet {
    try wallet(privateKey, kind: .privateKey)
  }

  func privateKeyText(from seed: MnemonicSeed, path: [HDPathElement], testnet: Bool) throws -> SecretBytes {
    guard let derive = forms.derive else { throw noMnemonics }
    return try derive(seed, path)
  }

  func generatePrivateKey(testnet: Bool) throws -> NewWallet {
    try wallet(privateKey: newSecret(), testnet: testnet)
  }

  private func wallet(_ secret: SecretBytes, kind: WalletKind) throws -> NewWallet {
    NewWallet(kind: kind, secret: secret, address: try parse(secret).address)
  }

  func key(kind: WalletKind, secret: SecretBytes, index: UInt32?, testnet: Bool) throws -> PrivateKeyMaterial
  {
    guard kind != .mnemonic else { throw noMnemonics }
    return try parse(secret)
  }

  func privateKeyText(kind: WalletKind, secret: SecretBytes, index: UInt32, testnet: Bool) throws
    -> SecretBytes
  {
    guard kind != .mnemonic else { throw noMnemonics }
    return secret
  }

  func address(of wallet: WalletView, index: UInt32) throws -> String? { wallet.address }

  private var noMnemonics: WalletError {
    .unsupported(
      "\(chain) wallets have no mnemonic here, each is one secret: store an existing one with "
        + "storemanagedprivatekey, or make a new one with generatemanagedwallet")
  }
}
