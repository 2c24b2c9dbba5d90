/// The names of blockchains as Tatum writes them.
public enum ChainName {
  /// Every blockchain of the original, in the order in which it asks for them when no `--chain` is given.
  public static let all = [
    "BCH", "VET", "XRP", "XLM", "ETH", "BTC", "MATIC", "KLAY", "LTC", "DOGE", "CELO", "BSC", "SOL", "TRON",
    "BNB",
    "FLOW", "XDC", "EGLD", "ONE", "ADA", "ALGO", "KCS",
  ]
}
