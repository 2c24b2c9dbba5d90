internal import KMSPrimitives

extension EVMChain {
  /// BNB Smart Chain; wallets are those of ETH.
  static let bsc = EVMChain(
    name: "BSC", coinType: 60, chainIDs: ChainIDs(mainnet: [56], testnets: [97]), maximumFeeInCoins: 1)
}
