import ArgumentParser
import KMSChains
import KMSCrypto
import KMSProcess
import KMSRecords
import KMSSigning
import KMSVault

/// Where the keys of a mnemonic are, for people whose wallet has them elsewhere than the original.
struct PathOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Take the path of this wallet program: metamask, phantom, ledger-live, trust, yoroi, …; docs/wallets.md has all.",
      valueName: "name"))
  var preset: String?

  @Option(
    help: ArgumentHelp(
      "Take this path, such as m/44'/60'/0'/0; the derivation index follows. --path m/… is the same.",
      valueName: "path"))
  var derivationPath: String?

  @Option(
    help: ArgumentHelp("Take this account: the third number of the path, 0 for the first.", valueName: "n"),
    transform: Arguments.index)
  var account: UInt32?

  func validate() throws {
    if preset != nil, derivationPath != nil {
      throw ValidationError("--preset and --derivation-path exclude each other")
    }
  }

  /// The wallets of a chain at the path that is asked for.
  ///
  /// - Parameter access: whose `--path` may be one of keys.
  /// - Throws: `ProgramFailure` (64) for a preset that the chain does not have, `WalletError`.
  func wallets(of chain: ChainChoice, testnet: Bool, _ access: VaultAccess) throws -> any SigningWallets {
    let scheme = chain.wallets
    var path: DerivationPath?
    if let preset {
      path = try storable(preset, scheme, chain, testnet)
    } else if let text = derivationPath ?? access.options.keyPath {
      path = try Self.path(text)
    }
    if let account {
      guard let changed = (path ?? scheme.path(testnet: testnet))?.account(account) else {
        throw ProgramFailure(
          .usage, "this path has no account before the index",
          hint:
            "the derivation index of requests chooses the account there, or --derivation-path gives the whole path"
        )
      }
      path = changed
    }
    guard let path else { return scheme }
    return try scheme.at(path)
  }

  /// The path of a wallet program whose words can be stored.
  private func storable(_ name: String, _ scheme: any SigningWallets, _ chain: ChainChoice, _ testnet: Bool)
    throws
    -> DerivationPath
  {
    let row = try Self.preset(name, scheme, chain, testnet: testnet)
    guard row.master == .own else {
      throw ProgramFailure(
        .usage, "\(row.wallets): the words can't be stored as a wallet",
        hint:
          "storemanagedprivatekey \(chain.name) --from-mnemonic \(name.lowercased()) stores the key of its first address"
      )
    }
    return row.path
  }

  /// Reads a path of keys.
  static func path(_ text: String) throws -> DerivationPath {
    guard let path = DerivationPath(text) ?? DerivationPath("m/" + text) else {
      throw ProgramFailure(
        .usage, "a path of keys is such as m/44'/60'/0'/0, with an apostrophe after hardened numbers")
    }
    return path
  }

  /// Where a wallet program has the keys of a chain.
  static func preset(_ name: String, _ scheme: any SigningWallets, _ chain: ChainChoice, testnet: Bool) throws
    -> KnownPath
  {
    let typed = name.lowercased()
    let rows = scheme.knownPaths.filter { $0.networks.contain(testnet: testnet) }
    if let row = rows.first(where: { $0.presets.contains(typed) }) { return row }
    let names = Set(rows.flatMap(\.presets)).sorted().joined(separator: ", ")
    throw ProgramFailure(
      .usage, "\(chain.name) has no preset \(typed)",
      hint: names.isEmpty ? "it has none; --derivation-path gives a path" : "it has \(names)")
  }
}
