extension BitcoreChain {
  /// Dogecoin: P2PKH, no SegWit.
  ///
  /// Version bytes: Dogecoin Core, `chainparams.cpp`; extended keys have Bitcoin's bytes, as in the original. Fee
  /// limits: `DEFAULT_TRANSACTION_MAXFEE`, 100 DOGE, and 100 DOGE per 1000 bytes. Dust: 0.001 DOGE
  /// (`DEFAULT_HARD_DUST_LIMIT`), a thousandth of what bitcore refused, so that payments below 1 DOGE work. Test
  /// networks take non-standard outputs; there an output must be worth spending at the least relay fee, 0.001 DOGE
  /// per 1000 bytes, as before hard limits came (three times the fee of output and input).
  static let dogecoin = BitcoreChain(
    BitcoinParameters(
      name: "DOGE",
      mainnet: BitcoinNetwork(
        privateKeyVersion: 0x9e, publicKeyHashVersion: 0x1e, scriptHashVersions: [0x16], witnessPrefix: nil,
        extendedKeys: .bitcoin, dust: DustRule(satoshiPerByte: 300, minimum: 100_000)),
      testnet: BitcoinNetwork(
        privateKeyVersion: 0xf1, publicKeyHashVersion: 0x71, scriptHashVersions: [0xc4], witnessPrefix: nil,
        extendedKeys: .bitcoinTestnet, dust: DustRule(satoshiPerByte: 300)),
      coinType: 3, testnetCoinType: 1, paysToWitness: false, maximumMoney: 1_000_000_000_000_000_000,
      feeLimit: FeeLimit(satoshi: 10_000_000_000, satoshiPerByte: 10_000_000), droppedChange: 100_000_000,
      apiName: "dogecoin", nodes: ("doge-mainnet", "doge-testnet"),
      blocks: BlockClock(start: 1_386_325_540, seconds: 60)))
}
