/// XLM: the broadcast endpoint. A node has one transaction of an account waiting at most (stellar-core,
/// TransactionQueue.cpp: TRY_AGAIN_LATER for a second one), and its number must be the next one (txBAD_SEQ).
enum StellarBroadcast {
  static let row = PlainBroadcast(
    name: "xlm", order: .inSequence, answers: StellarAnswers.table, isNumberedBefore: true,
    credits: BroadcastCredits(broadcast: 5, lookUp: 5))
}
