/// VET: the broadcast endpoint; the nonce is a random number, and transactions of one sender are independent.
enum VeChainBroadcast {
  static let row = PlainBroadcast(
    name: "vet", order: .oneByOne, answers: VeChainAnswers.table,
    credits: BroadcastCredits(broadcast: 5, lookUp: 10))
}
