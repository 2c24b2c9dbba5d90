extension BitcoinCashChain {
  /// Bitcoin Cash: CashAddr, one path for both networks.
  ///
  /// Version bytes: Bitcoin Cash Node, `chainparams.cpp`, and the CashAddr specification. Fee limits: 0.1 BCH, and
  /// 2500 satoshi per byte, as the original's library has it. Dust: `DUST_RELAY_TX_FEE`.
  static let bitcoinCash = BitcoinCashChain(
    BitcoinParameters(
      name: "BCH",
      mainnet: BitcoinNetwork(
        privateKeyVersion: 0x80, publicKeyHashVersion: 0x00, scriptHashVersions: [0x05], witnessPrefix: nil,
        cashAddressPrefix: "bitcoincash", extendedKeys: .bitcoin, dust: DustRule(satoshiPerByte: 3)),
      testnet: BitcoinNetwork(
        privateKeyVersion: 0xef, publicKeyHashVersion: 0x6f, scriptHashVersions: [0xc4], witnessPrefix: nil,
        cashAddressPrefix: "bchtest", extendedKeys: .bitcoinTestnet, dust: DustRule(satoshiPerByte: 3)),
      coinType: 145, testnetCoinType: 145, paysToWitness: false, maximumMoney: 2_100_000_000_000_000,
      feeLimit: FeeLimit(satoshi: 10_000_000, satoshiPerByte: 2_500), droppedChange: 0,
      apiName: "bcash", nodes: ("bch-mainnet", "bch-testnet"),
      blocks: BlockClock(start: 1_231_006_505, seconds: 600)))
}
