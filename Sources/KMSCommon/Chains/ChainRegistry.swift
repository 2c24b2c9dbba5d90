/// The chains whose pending transactions this build reads.
public enum ChainRegistry {
  /// Every chain, by name.
  public static let chains: [String: any Chain] = Dictionary(
    uniqueKeysWithValues: all.map { ($0.name, $0) })

  private static let all: [any Chain] = [
    BitcoreChain.bitcoin,
    BitcoreChain.litecoin,
    BitcoreChain.dogecoin,
    BitcoinCashChain.bitcoinCash,
    EVMChain.eth,
    EVMChain.bsc,
    EVMChain.matic,
    EVMChain.xdc,
    EVMChain.celo,
    EVMChain.klay,
    EVMChain.kcs,
    EVMChain.one,
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
  ]
}
