/// BTC, LTC, DOGE, BCH: what tells their broadcasts apart.
enum BitcoinBroadcast {
  static let bitcoin = row("bitcoin")
  static let litecoin = row("litecoin", BroadcastCredits(broadcast: 5, lookUp: 5))
  static let dogecoin = row("dogecoin")
  static let bitcoinCash = row("bcash", BroadcastCredits(broadcast: 5, lookUp: 5))

  /// Nodes take a transaction that spends an unconfirmed output once they have the one that makes it; before, its inputs
  /// are missing (bitcoin/bitcoin, validation.cpp: bad-txns-inputs-missingorspent).
  private static func row(_ name: String, _ credits: BroadcastCredits = BroadcastCredits()) -> PlainBroadcast
  {
    PlainBroadcast(
      name: name, hasWithdrawals: true, order: .chained, answers: BitcoinAnswers.table, credits: credits)
  }
}
