public import KMSChains
internal import KMSCrypto
package import KMSSigning
public import KMSVault

extension Vault {
  /// Stores a wallet in a transaction of its own, under a new signature ID.
  ///
  /// Before it is committed it is read back and opened; secret, xpub, address and public key must be those given, and
  /// the chain's code must derive them from the secret read back.
  ///
  /// - Throws: `key-required`, `invalid-wallet`, `wallet-exists` when the signature ID is taken, `cannot-write`,
  ///   `busy`. Nothing is stored then.
  /// - Complexity: logarithmic in the number of wallets, plus 1/256 of the wallets of the chain.
  public func add(_ wallet: NewWallet, chain: String, testnet: Bool, signatureID: String? = nil) throws
    -> WalletView
  {
    let addition = Addition(wallet, chain: chain, testnet: testnet, signatureID: signatureID)
    guard let view = try add([addition], derivingAddresses: true).first else {
      throw VaultError(.internalError, "one wallet was stored and none returned")
    }
    return view
  }

  /// Stores wallets in one transaction: all of them or none. The views come in the order of `additions`.
  ///
  /// A caller with very many wallets stores some thousands at a time and reports them after each call: what was
  /// reported is stored, whatever happens then.
  ///
  /// - Parameters:
  ///   - additions: the wallets.
  ///   - derivingAddresses: whether the chain's code also derives addresses from the secrets read back. Not needed for
  ///     keys that were generated a moment ago, and slow for mnemonics (2048 rounds of PBKDF2 each).
  /// - Throws: as `add(_:chain:testnet:signatureID:)`.
  public func add(_ additions: [Addition], derivingAddresses: Bool) throws -> [WalletView] {
    try add(additions) { derivingAddresses ? SigningRegistry.wallets(of: $0) : nil }
  }

  /// Stores wallets whose chains' code is what `schemes` gives.
  package func add(
    _ additions: [Addition], schemes: @escaping (String) -> (any WalletScheme)?
  ) throws -> [WalletView] {
    try add(additions, deriving: Self.derivation(schemes))
  }

  /// Derives as the scheme of the wallet's chain does.
  static func derivation(_ schemes: @escaping (String) -> (any WalletScheme)?) -> Derivation {
    { view, secret in
      guard let scheme = try schemes(view.chain)?.scheme(of: view) else { return nil }
      return view.kind == .mnemonic
        ? try scheme.wallet(uncheckedMnemonic: secret, testnet: view.testnet)
        : try scheme.wallet(privateKey: secret, testnet: view.testnet)
    }
  }
}
