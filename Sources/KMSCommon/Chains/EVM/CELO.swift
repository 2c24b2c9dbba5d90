internal import KMSPrimitives

extension EVMChain {
  /// Celo; testnets Celo Sepolia, Alfajores. Fees in tokens by CIP-64; the format of before March 2025 is not made.
  static let celo = EVMChain(
    name: "CELO", coinType: 52_752, chainIDs: ChainIDs(mainnet: [42_220], testnets: [11_142_220, 44_787]),
    maximumFeeInCoins: 100, hasFeeCurrencies: true)
}
