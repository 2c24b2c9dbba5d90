extension BitcoreChain {
  /// Bitcoin: SegWit addresses from BIP-44 keys, as the original derives them.
  ///
  /// Version bytes: Bitcoin Core, `chainparams.cpp`; BIP-173. Fee limits: Bitcoin Core's `-maxtxfee` of 0.1 BTC and
  /// the `maxfeerate` of `sendrawtransaction`, 0.1 BTC per 1000 virtual bytes. Dust: what nodes relay by
  /// default (`DUST_RELAY_TX_FEE`, 3 satoshi per byte): 546 satoshi for P2PKH, 540 for P2SH, 330 for P2WSH and P2TR, 294
  /// for P2WPKH.
  static let bitcoin = BitcoreChain(
    BitcoinParameters(
      name: "BTC",
      mainnet: BitcoinNetwork(
        privateKeyVersion: 0x80, publicKeyHashVersion: 0x00, scriptHashVersions: [0x05], witnessPrefix: "bc",
        extendedKeys: .bitcoin, dust: DustRule(satoshiPerByte: 3)),
      testnet: BitcoinNetwork(
        privateKeyVersion: 0xef, publicKeyHashVersion: 0x6f, scriptHashVersions: [0xc4], witnessPrefix: "tb",
        extendedKeys: .bitcoinTestnet, dust: DustRule(satoshiPerByte: 3)),
      coinType: 0, testnetCoinType: 1, paysToWitness: true, maximumMoney: 2_100_000_000_000_000,
      feeLimit: FeeLimit(satoshi: 10_000_000, satoshiPerByte: 10_000), droppedChange: 546,
      apiName: "bitcoin", nodes: ("bitcoin-mainnet", "bitcoin-testnet"),
      blocks: BlockClock(start: 1_231_006_505, seconds: 600)))
}
