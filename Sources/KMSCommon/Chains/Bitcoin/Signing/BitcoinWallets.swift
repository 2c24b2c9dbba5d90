internal import KMSChains
internal import KMSCrypto

extension BIP32Wallets {
  /// The wallets of a chain of the Bitcoin family: WIF keys, `m/44'/coin'/0'/0/index`.
  init(_ parameters: BitcoinParameters) {
    self.init(
      .bitcoin(parameters),
      mainnet: Network(coinType: parameters.coinType, versions: parameters.mainnet.extendedKeys),
      testnet: Network(coinType: parameters.testnetCoinType, versions: parameters.testnet.extendedKeys),
      keyText: { secret, testnet in
        try WIF.encode(secret, version: parameters.network(testnet).privateKeyVersion)
      },
      parseKey: { text, testnet in
        try WIF.decode(text, network: parameters.network(testnet), other: parameters.network(!testnet))
      },
      forms: .bitcoin(parameters))
  }
}
