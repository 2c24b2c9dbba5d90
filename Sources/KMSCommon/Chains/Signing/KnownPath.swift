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
  /// Where the names lead to this path; a program may have another one on test networks.
  public let networks: Networks
  /// Where that is written.
  public let source: String
  /// How the words become the master key.
  public let master: Master

  /// The ways from words to a master key.
  public enum Master: Sendable {
    /// The chain's own: BIP-39, and Icarus where that is the chain's.
    case own
    /// Electrum's own seeds, which are stretched in another way than BIP-39 does.
    case electrum
    /// BIP-39 and SLIP-0010 on P-256, a curve that is not signed with here.
    case p256
    /// Icarus keys of Ledger (CIP-0003).
    case icarusLedger
    /// Icarus keys of 24 words of Trezor (CIP-0003).
    case icarusTrezor
  }

  /// The networks of a chain.
  public enum Networks: Sendable {
    /// All of them.
    case all
    /// The main one.
    case mainnet
    /// The others.
    case testnets

    /// Whether one of the two is among them.
    public func contain(testnet: Bool) -> Bool {
      switch self {
      case .all: true
      case .mainnet: !testnet
      case .testnets: testnet
      }
    }
  }

  /// Creates a row; nil for a path that is none.
  public init?(
    _ path: String, _ wallets: String, presets: [String] = [], on networks: Networks = .all, source: String,
    master: Master = .own
  ) {
    guard let path = DerivationPath(path) else { return nil }
    self.path = path
    self.wallets = wallets
    self.presets = presets
    self.networks = networks
    self.source = source
    self.master = master
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
