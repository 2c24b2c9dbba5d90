/// BNB: the broadcast endpoint. Nodes check the sequence against what they have (cosmos-sdk, x/auth/ante/sigverify.go:
/// account sequence mismatch) and keep nothing that comes too early.
enum BNBBroadcast {
  static let row = PlainBroadcast(
    name: "bnb", order: .inSequence, answers: BNBAnswers.table,
    credits: BroadcastCredits(broadcast: 5, lookUp: 5))
}
