extension BitcoreChain {
  /// Litecoin: P2PKH addresses, as the original derives them; SegWit inputs are signed, too.
  ///
  /// Version bytes: Litecoin Core, `chainparams.cpp`; script addresses are written with the newer byte (`M…`, `Q…`)
  /// and also read with Bitcoin's (`3…`, `2…`). Fee limits: 1 LTC, and the `maxfeerate` of `sendrawtransaction`,
  /// 0.1 LTC per 1000 virtual bytes. Dust: `DUST_RELAY_TX_FEE`, ten times Bitcoin's.
  static let litecoin = BitcoreChain(
    BitcoinParameters(
      name: "LTC",
      mainnet: BitcoinNetwork(
        privateKeyVersion: 0xb0, publicKeyHashVersion: 0x30, scriptHashVersions: [0x32, 0x05],
        witnessPrefix: "ltc",
        extendedKeys: ExtendedKeyVersions(publicKey: 0x019D_A462, privateKey: 0x019D_9CFE),
        dust: DustRule(satoshiPerByte: 30)),
      testnet: BitcoinNetwork(
        privateKeyVersion: 0xef, publicKeyHashVersion: 0x6f, scriptHashVersions: [0x3a, 0xc4],
        witnessPrefix: "tltc",
        extendedKeys: ExtendedKeyVersions(publicKey: 0x0436_F6E1, privateKey: 0x0436_EF7D),
        dust: DustRule(satoshiPerByte: 30)),
      coinType: 2, testnetCoinType: 1, paysToWitness: false, maximumMoney: 8_400_000_000_000_000,
      feeLimit: FeeLimit(satoshi: 100_000_000, satoshiPerByte: 10_000), droppedChange: 546,
      apiName: "litecoin", nodes: ("litecoin-core-mainnet", "litecoin-core-testnet"),
      blocks: BlockClock(start: 1_317_972_665, seconds: 150),
      hasExtensionBlocks: true))
}
