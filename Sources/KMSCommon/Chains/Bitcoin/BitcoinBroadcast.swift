/// BTC, LTC, DOGE, BCH: how their transactions are sent.
enum BitcoinBroadcast {
  /// Nodes take a transaction that spends an unconfirmed output once they have the one that makes it; before, its inputs
  /// are missing (bitcoin/bitcoin, validation.cpp: bad-txns-inputs-missingorspent).
  ///
  /// - Parameter name: the chain's name in the API's paths.
  static func row(_ name: String, _ credits: BroadcastCredits) -> PlainBroadcast {
    PlainBroadcast(
      name: name, hasWithdrawals: true, order: .chained, answers: BitcoinAnswers.table, credits: credits)
  }
}
