internal import KMSPrimitives

extension EVMChain {
  /// XDC Network; testnet Apothem. Addresses are written `xdc…`.
  static let xdc = EVMChain(
    name: "XDC", coinType: 550, chainIDs: ChainIDs(mainnet: [50], testnets: [51]), maximumFeeInCoins: 100,
    form: .xdc)
}
