internal import KMSChains

/// The chains that this build can sign for.
public enum SigningRegistry {
  /// Every chain, by name.
  public static let chains: [String: SigningChain] = Dictionary(
    uniqueKeysWithValues: all.map { ($0.name, $0) })

  private static let all: [SigningChain] =
    [
      .bitcore(.bitcoin), .bitcore(.litecoin), .bitcore(.dogecoin), .bitcoinCash, .tron, .vechain, .bnb, .xrp,
      .stellar, .solana, .algorand, .multiversX, .flow, .cardano,
    ] + EVMNetwork.all.map(SigningChain.evm)

  /// How wallets of a chain are made and checked; nil for a chain that this build does not know.
  public static func wallets(of chain: String) -> (any SigningWallets)? { chains[chain]?.wallets }
}
