public import KMSRecords

/// The chains whose pending transactions this build reads.
public enum ChainRegistry {
  /// Every chain, by name.
  public static let chains: [String: any Chain] = Dictionary(
    uniqueKeysWithValues: all.map { ($0.name, $0) })

  /// Their names, in the order in which they are asked for and listed.
  public static let names = ChainNames(all.map(\.name))

  /// How the transactions of `chain` are sent; nil for a name that is none.
  public static func broadcast(of chain: String) -> (any Broadcast)? { chains[chain]?.broadcast }

  /// For a name that is none of `names`: what may be meant, as an appendix to a message; else empty.
  public static func hint(for name: String) -> String {
    otherNames[name.uppercased()].map { "; did you mean \($0)?" } ?? ""
  }

  private static let otherNames = ChainSynonyms.table(of: all, \.names)

  static let all: [any Chain] =
    [
      BitcoreChain.bitcoin,
      BitcoreChain.litecoin,
      BitcoreChain.dogecoin,
      BitcoinCashChain.bitcoinCash,
      TronChain(),
      VeChain(),
      BNBChain(),
      XRPLedger(),
      StellarChain(),
      SolanaChain(),
      AlgorandChain(),
      MultiversXChain(),
      FlowChain(),
      CardanoChain(),
    ] + EVMNetwork.all.map(EVMChain.init)
}
