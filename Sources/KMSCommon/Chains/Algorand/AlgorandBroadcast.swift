/// ALGO: the broadcast endpoint; no nonces, rounds of validity instead.
enum AlgorandBroadcast {
  static let row = PlainBroadcast(
    name: "algorand", order: .oneByOne, answers: AlgorandAnswers.table)
}
