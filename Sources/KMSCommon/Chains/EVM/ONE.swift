internal import KMSPrimitives

extension EVMChain {
  /// Harmony, shard 0. Addresses are read as `one1…` too, and written as `0x…`.
  static let one = EVMChain(
    name: "ONE", coinType: 1023, chainIDs: ChainIDs(mainnet: [1_666_600_000], testnets: [1_666_700_000]),
    maximumFeeInCoins: 100, form: .harmony)
}
