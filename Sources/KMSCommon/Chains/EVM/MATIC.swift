internal import KMSPrimitives

extension EVMChain {
  /// Polygon PoS; testnet Amoy.
  static let matic = EVMChain(
    name: "MATIC", coinType: 966, chainIDs: ChainIDs(mainnet: [137], testnets: [80_002]),
    maximumFeeInCoins: 100)
}
