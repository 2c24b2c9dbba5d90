/// XRP: the broadcast endpoint. A server holds what comes before its turn in its own memory only and for few ledgers
/// (rippled, LocalTxs; xrpl.org, terPRE_SEQ), and queues 10 of one account at most (TxQ, maximumTxnPerAccount).
enum XRPBroadcast {
  static let row = PlainBroadcast(
    name: "xrp", order: .inSequence, answers: XRPAnswers.table, isNumberedBefore: true,
    credits: BroadcastCredits(broadcast: 5, lookUp: 5))
}
