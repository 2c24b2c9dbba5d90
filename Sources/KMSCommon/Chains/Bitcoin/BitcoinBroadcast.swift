/// BTC, LTC, DOGE, BCH: what tells their broadcasts apart.
enum BitcoinBroadcast {
  static let bitcoin = row("bitcoin")
  static let litecoin = row("litecoin")
  static let dogecoin = row("dogecoin")
  static let bitcoinCash = row("bcash")

  /// Nodes take a transaction that spends an unconfirmed output once they have the one that makes it; before, its inputs
  /// are missing (bitcoin/bitcoin, validation.cpp: bad-txns-inputs-missingorspent).
  private static func row(_ name: String) -> PlainBroadcast {
    PlainBroadcast(
      name: name, hasWithdrawals: true, order: .chained, answers: BitcoinAnswers.table)
  }
}
