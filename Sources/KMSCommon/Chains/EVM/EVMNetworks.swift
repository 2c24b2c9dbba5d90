extension EVMNetwork {
  /// The EVM networks. **A new one is a row here**, its vectors, and a line in docs/chains/evm.md, where the sources of
  /// the numbers are.
  static let all: [EVMNetwork] = [
    EVMNetwork(
      name: "ETH", coinType: 60, mainnet: Network(1, node: "ethereum-mainnet"),
      testnets: [
        Network(11_155_111, "sepolia", node: "ethereum-sepolia"),
        Network(17_000, "holesky", node: "ethereum-holesky", header: "ethereum-holesky"),
        Network(560_048, "hoodi"),
      ],
      apiName: "ethereum", price: .feeEndpoint, maximumFeeInCoins: 1, otherNames: ["ETHEREUM"],
      hasCount: true, hasWithdrawals: true),
    // Wallets are those of ETH.
    EVMNetwork(
      name: "BSC", coinType: 60, sdkCoinType: 9006, mainnet: Network(56, node: "bsc-mainnet"),
      testnets: [Network(97, "chapel", node: "bsc-testnet")],
      apiName: "bsc", price: .fixed(10_000_000_000), maximumFeeInCoins: 1,
      otherNames: ["BINANCE", "BNB_SMART_CHAIN"], hasCount: true),
    // Never the third-party gas station of the original (defect F17). 30 gwei is its minimum, and the network's.
    EVMNetwork(
      name: "MATIC", coinType: 966, mainnet: Network(137, node: "polygon-mainnet"),
      testnets: [Network(80_002, "amoy", node: "polygon-amoy")],
      apiName: "polygon", price: .node(minimum: 30_000_000_000), maximumFeeInCoins: 100,
      otherNames: ["POL", "POLYGON"]),
    // Kaia, once Klaytn. Its wallets' coin type is its own, not that of Ethereum.
    EVMNetwork(
      name: "KLAY", coinType: 8217, mainnet: Network(8217, node: "klaytn-cypress"),
      testnets: [Network(1001, "kairos", node: "klaytn-baobab")],
      apiName: "klaytn", price: .node(minimum: 0), maximumFeeInCoins: 100, otherNames: ["KAIA", "KLAYTN"],
      methods: "klay",
      chainIDMethod: "klay_chainID"),
    // Celo Sepolia and Alfajores. The transaction format of before March 2025 is not made.
    EVMNetwork(
      name: "CELO", coinType: 52_752, mainnet: Network(42_220, node: "celo-mainnet"),
      testnets: [
        Network(11_142_220, "sepolia", node: "celo-testnet"),
        Network(44_787, "alfajores", node: "celo-testnet"),
      ],
      apiName: "celo", price: .feeCurrency, maximumFeeInCoins: 100, hasFeeCurrencies: true,
      extraGas: 100_000),
    // Addresses are written `xdc…`; the test network is Apothem.
    EVMNetwork(
      name: "XDC", coinType: 550, mainnet: Network(50, node: "xdc-mainnet"),
      testnets: [Network(51, "apothem", node: "xdc-testnet")],
      apiName: "xdc", price: .node(minimum: 0), maximumFeeInCoins: 100, otherNames: ["XINFIN", "XDCE"],
      form: .xdc, hasCount: true),
    // Harmony, shard 0. Addresses are read as `one1…`, too, and written as `0x…`.
    EVMNetwork(
      name: "ONE", coinType: 1023, mainnet: Network(1_666_600_000, node: "one-mainnet-s0"),
      testnets: [Network(1_666_700_000, "testnet", node: "one-testnet-s0")],
      apiName: "one", price: .node(minimum: 0), maximumFeeInCoins: 100, otherNames: ["HARMONY"],
      form: .harmony, hasWithdrawals: true),
    EVMNetwork(
      name: "KCS", coinType: 60, sdkCoinType: 641, mainnet: Network(321, node: "kcs-mainnet"),
      testnets: [Network(322, "testnet", node: "kcs-testnet")],
      apiName: "kcs", price: .fixed(1_000_000_000), maximumFeeInCoins: 10, otherNames: ["KCC", "KUCOIN"]),
    // Flare. The original lacks it. Songbird, a test network to the API, has coins of value, and is left out.
    EVMNetwork(
      name: "FLR", coinType: 60, mainnet: Network(14, node: "flare-mainnet"),
      testnets: [
        Network(16, "coston", node: "flare-coston"),
        Network(114, "coston2", node: "flare-coston2", header: "flare-coston2"),
      ],
      apiName: "flare", price: .node(minimum: 0), maximumFeeInCoins: 100, otherNames: ["FLARE"],
      hasCount: true),
  ]
}
