internal import KMSPrimitives

extension EVMChain {
  /// Kaia, formerly Klaytn; testnet Kairos, formerly Baobab. Legacy transactions are those of Ethereum.
  static let klay = EVMChain(
    name: "KLAY", coinType: 8217, chainIDs: ChainIDs(mainnet: [8217], testnets: [1001]),
    maximumFeeInCoins: 100)
}
