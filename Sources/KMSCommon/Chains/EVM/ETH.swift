internal import KMSPrimitives

extension EVMChain {
  /// Ethereum and its ERC-20 tokens; testnets Sepolia, Holesky, Hoodi.
  static let eth = EVMChain(
    name: "ETH", coinType: 60, chainIDs: ChainIDs(mainnet: [1], testnets: [11_155_111, 17_000, 560_048]),
    maximumFeeInCoins: 1)
}
