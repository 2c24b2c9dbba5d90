/// The names of blockchains as Tatum writes them.
public enum ChainName {
  /// Every blockchain of the original, in the order in which it asks for them when no `--chain` is given.
  public static let all = [
    "BCH", "VET", "XRP", "XLM", "ETH", "BTC", "MATIC", "KLAY", "LTC", "DOGE", "CELO", "BSC", "SOL", "TRON",
    "BNB",
    "FLOW", "XDC", "EGLD", "ONE", "ADA", "ALGO", "KCS",
  ]

  /// What others call these chains and their coins: symbols of exchanges, and names from before or after a change.
  private static let otherNames = [
    "POL": "MATIC", "POLYGON": "MATIC", "KAIA": "KLAY", "KLAYTN": "KLAY", "TRX": "TRON", "XBT": "BTC",
    "BITCOIN": "BTC", "ETHEREUM": "ETH", "BINANCE": "BSC", "LITECOIN": "LTC", "DOGECOIN": "DOGE",
    "XDG": "DOGE", "BITCOINCASH": "BCH", "BCASH": "BCH", "RIPPLE": "XRP", "STELLAR": "XLM", "SOLANA": "SOL",
    "CARDANO": "ADA", "ALGORAND": "ALGO", "VECHAIN": "VET", "HARMONY": "ONE", "XINFIN": "XDC",
    "MULTIVERSX": "EGLD",
    "ELROND": "EGLD", "KCC": "KCS", "KUCOIN": "KCS",
  ]

  /// For a name that is none of `all`: what may be meant, as an appendix to a message; else empty.
  public static func hint(for name: String) -> String {
    otherNames[name.uppercased()].map { "; did you mean \($0)?" } ?? ""
  }
}
