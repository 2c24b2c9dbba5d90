/// The tokens of EVM networks whose names the original takes as chain names; see `ChainSynonyms` for the source.
enum EVMSynonyms {
  /// What stands for the chain of a row.
  static func of(_ network: EVMNetwork) -> ChainSynonyms {
    ChainSynonyms(
      names: network.otherNames, tokens: tokens[network.name] ?? [], keysOnly: keysOnly[network.name] ?? [])
  }

  private static let tokens = [
    "ETH": [
      "BAT", "BUSD", "COIIN", "FREE", "GMC", "LATOKEN", "LEO", "LINK", "MATIC_ETH", "MKR", "MMY", "PAX",
      "PAXG", "PLTC", "POL_ETH", "REVV", "SAND", "TUSD", "UNI", "USDC", "USDT", "WBTC", "XCON",
    ],
    "BSC": [
      "BADA", "BBCH", "BBTC", "BDOT", "BETH", "BLTC", "BUSD_BSC", "BXRP", "CAKE", "COIIN_BSC", "GMC_BSC",
      "HAG", "USDC_BSC", "USDT_BSC", "WBNB",
    ],
    "MATIC": ["USDC_MATIC", "USDC_MATIC_NATIVE", "USDT_MATIC"],
    "CELO": ["CEUR", "CUSD"],
  ]

  /// Coins and tokens of Ethereum's layer-2 networks, and four tokens of Polygon for which the original derives with
  /// Ethereum's path.
  private static let keysOnly = [
    "ETH": [
      "ETH_ARB", "ETH_BASE", "ETH_OP", "EURTENT", "GAMEE", "GOLDAX", "INTENT", "USDC_ARB", "USDC_BASE",
      "USDC_OP", "USDT_ARB", "USDT_BASE", "USDT_OP",
    ]
  ]
}
