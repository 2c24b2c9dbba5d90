/// The token names that the original takes as chain names when it makes wallets.
///
/// Source: tatumio/tatum-js (MIT) at commit 0162975, src/wallet/wallet.ts, `generateWallet`, and the lists of
/// src/model/request/Currency.ts. The original stored such wallets under the token's name and then never polled them;
/// here a token's name stands for its chain.
public enum TokenSymbols {
  /// The chain on which the token lives, and whose wallets the original makes for it; nil for any other name.
  public static func chain(of symbol: String) -> String? { chains[symbol] }

  /// The chain whose keys the original derives for a name that is no chain of this build's and no token on one.
  ///
  /// These are coins and tokens of Ethereum's layer-2 networks, and four tokens of Polygon for which the original
  /// derives with Ethereum's path. Their wallets are wallets of that chain: they have the keys of the original, and
  /// sign what that chain has pending.
  public static func chainWithSameKeys(as symbol: String) -> String? {
    keysOnly.contains(symbol) ? "ETH" : nil
  }

  /// What people call a chain, and Tatum calls otherwise.
  public static func chainName(for name: String) -> String? { otherNames[name] }

  private static let otherNames = [
    "TRX": "TRON", "POL": "MATIC", "POLYGON": "MATIC", "KAIA": "KLAY", "KLAYTN": "KLAY", "XBT": "BTC",
    "BITCOIN": "BTC",
    "ETHEREUM": "ETH", "BNB_SMART_CHAIN": "BSC", "RIPPLE": "XRP", "STELLAR": "XLM", "SOLANA": "SOL",
    "CARDANO": "ADA",
    "ALGORAND": "ALGO", "HARMONY": "ONE", "VECHAIN": "VET", "MULTIVERSX": "EGLD", "ELROND": "EGLD",
    "KCC": "KCS",
    "LITECOIN": "LTC", "DOGECOIN": "DOGE", "BITCOINCASH": "BCH", "XDCE": "XDC",
  ]

  private static let chains: [String: String] = {
    let tokens = [
      "ETH": [
        "BAT", "BUSD", "COIIN", "FREE", "GMC", "LATOKEN", "LEO", "LINK", "MATIC_ETH", "MKR", "MMY", "PAX",
        "PAXG",
        "PLTC", "POL_ETH", "REVV", "SAND", "TUSD", "UNI", "USDC", "USDT", "WBTC", "XCON",
      ],
      "BSC": [
        "BADA", "BBCH", "BBTC", "BDOT", "BETH", "BLTC", "BUSD_BSC", "BXRP", "CAKE", "COIIN_BSC", "GMC_BSC",
        "HAG",
        "USDC_BSC", "USDT_BSC", "WBNB",
      ],
      "MATIC": ["USDC_MATIC", "USDC_MATIC_NATIVE", "USDT_MATIC"],
      "CELO": ["CEUR", "CUSD"],
      "TRON": ["INRT_TRON", "USDT_TRON"],
      "FLOW": ["FUSD"],
    ]
    var chains: [String: String] = [:]
    for (chain, symbols) in tokens {
      for symbol in symbols { chains[symbol] = chain }
    }
    return chains
  }()

  private static let keysOnly: Set = [
    "ETH_ARB", "ETH_BASE", "ETH_OP", "EURTENT", "GAMEE", "GOLDAX", "INTENT", "USDC_ARB", "USDC_BASE",
    "USDC_OP",
    "USDT_ARB", "USDT_BASE", "USDT_OP",
  ]
}
