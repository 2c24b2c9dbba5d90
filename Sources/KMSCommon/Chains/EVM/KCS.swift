internal import KMSPrimitives

extension EVMChain {
  /// KuCoin Community Chain; wallets are those of ETH.
  static let kcs = EVMChain(
    name: "KCS", coinType: 60, chainIDs: ChainIDs(mainnet: [321], testnets: [322]), maximumFeeInCoins: 10)
}
