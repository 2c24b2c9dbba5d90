extension BitcoreChain {
  /// Bitcoin: SegWit addresses from BIP-44 keys, as the original derives them.
  ///
  /// Version bytes: Bitcoin Core, `chainparams.cpp`; BIP-173. Fee limits: Bitcoin Core's `-maxtxfee` of 0.1 BTC and
  /// the `maxfeerate` of `sendrawtransaction`, 0.1 BTC per 1000 virtual bytes. Dust: 294 satoshi, the least that
  /// nodes relay for any script (P2WPKH); how much more a node wants for others (546 for P2PKH) is its operator's
  /// setting, and a transaction that nodes refuse loses nothing.
  static let bitcoin = BitcoreChain(
    BitcoinParameters(
      name: "BTC",
      mainnet: BitcoinNetwork(
        privateKeyVersion: 0x80, publicKeyHashVersion: 0x00, scriptHashVersions: [0x05], witnessPrefix: "bc",
        extendedKeys: .bitcoin, dust: DustRule(minimum: 294)),
      testnet: BitcoinNetwork(
        privateKeyVersion: 0xef, publicKeyHashVersion: 0x6f, scriptHashVersions: [0xc4], witnessPrefix: "tb",
        extendedKeys: .bitcoinTestnet, dust: DustRule(minimum: 294)),
      coinType: 0, testnetCoinType: 1, paysToWitness: true, maximumMoney: 2_100_000_000_000_000,
      feeLimit: FeeLimit(satoshi: 10_000_000, satoshiPerByte: 10_000), droppedChange: 546))
}
