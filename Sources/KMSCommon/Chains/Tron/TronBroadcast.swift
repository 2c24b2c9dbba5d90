/// TRON: the broadcast endpoint; no nonces, reference blocks instead.
enum TronBroadcast {
  static let row = PlainBroadcast(
    name: "tron", order: .oneByOne, answers: TronAnswers.table,
    credits: BroadcastCredits(broadcast: 5, lookUp: 5))
}
