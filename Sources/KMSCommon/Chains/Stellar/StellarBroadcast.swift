internal import KMSPrimitives
internal import KMSRecords

/// XLM: the broadcast endpoint. A node has one transaction of an account waiting at most (stellar-core,
/// TransactionQueue.cpp: TRY_AGAIN_LATER for a second one), and its number must be the next one: txBAD_SEQ says that it is
/// not, in the same words for one that is used and for one that comes too early.
struct StellarBroadcast: Broadcast {
  let name = "xlm"
  let hasWithdrawals = false
  let order = SendingOrder.inSequence
  let answers = StellarAnswers.table
  let isNumberedBefore = true
  let credits = BroadcastCredits(broadcast: 5, lookUp: 5)

  /// `GET /v3/xlm/account/{account}`, which answers as Horizon does: `sequence` is the number that was used last. An account
  /// that is not there, or whose number can't be read from the answer, has nothing to say against the refusal.
  func awaitsEarlier(_ transaction: SignedRecord) -> Dialogue<Bool>? {
    guard let envelope = try? StellarEnvelope(transaction.txData) else { return nil }
    let lowestPrevious = envelope.transaction.lowestPrevious
    let account = StrKey.address(of: envelope.transaction.source)
    let call = Call(.get, "/v3/\(name)/account/\(Call.segment(account))", credits: 5)
    return .ask(call) { (answer) throws(DialogueFailure) in
      switch answer {
      case .json(let json):
        let sequence = json["sequence"]
        guard let used = (sequence?.string ?? sequence?.number?.description).flatMap({ Int64($0) }) else {
          return .done(false)
        }
        return .done(used < lowestPrevious)
      case .failure(.refused(_, let code, let words)) where Presence.isAbsence(code, words):
        return .done(false)
      case .failure(let failure): throw failure.asFact(asking: "sequence number of the account")
      }
    }
  }
}
