public import KMSChains
public import KMSCrypto

/// Where a kind of wallet program has its keys: one row of data.
public struct KnownPath: Sendable {
  /// The path, with `i` for the index of addresses.
  public let path: DerivationPath
  /// The program, or the rule that programs follow.
  public let wallets: String
  /// The names for `--preset`, none where the row only tells people what an address is.
  public let presets: [String]
  /// Where that is written.
  public let source: String
  /// Whether the words are Electrum's own, which are stretched in another way than BIP-39 does.
  public let isElectrum: Bool

  /// Creates a row; nil for a path that is none.
  public init?(
    _ path: String, _ wallets: String, presets: [String] = [], source: String,
    isElectrum: Bool = false
  ) {
    guard let path = DerivationPath(path) else { return nil }
    self.path = path
    self.wallets = wallets
    self.presets = presets
    self.source = source
    self.isElectrum = isElectrum
  }
}

/// An address that a key serves.
public struct ServedAddress: Sendable {
  /// The address.
  public let text: String
  /// Its kind, such as `P2WPKH`.
  public let form: String

  /// Creates an address.
  public init(_ text: String, _ form: String) {
    self.text = text
    self.form = form
  }
}

extension WalletScheme {
  /// The scheme for a stored wallet: at the wallet's own path, if it has one.
  ///
  /// - Throws: `WalletError` `invalid-path` when the stored path is none.
  public func scheme(of wallet: WalletView) throws -> Self { try at(storedPath: wallet.path) }

  /// The same of a path in text form; nil is the chain's own.
  public func at(storedPath text: String?) throws -> Self {
    guard let text else { return self }
    guard let path = DerivationPath(text) else {
      throw WalletError.invalidPath("the wallet's path can't be read")
    }
    return try at(path)
  }
}

extension WalletError {
  /// A derivation path is none, or none of this chain.
  public static func invalidPath(_ message: String) -> WalletError { WalletError("invalid-path", message) }
}
