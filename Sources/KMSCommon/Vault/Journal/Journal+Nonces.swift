internal import KMSChains

/// Which nonce comes next.
extension Journal {
  /// See `JournalStore`; `NonceLedger` states the rule.
  ///
  /// - Complexity: constant for the following transactions of a sender in a group, as long as no gap is suspected.
  public func assignNonce(of question: NonceQuestion, now: Int64) throws -> NonceAssignment {
    if let explicit = question.explicit {
      guard explicit <= NonceLedger.last else { throw Self.nonceTooLarge }
      if !question.allowsJumps,
        let why = NoncePlausibility.objection(
          to: explicit, highest: index.highestNonce(of: index.key(ofAccount: question.account)))
      {
        return .implausible(why)
      }
      return .use(explicit)
    }
    guard let networkCount = question.networkCount else { throw Self.nonceTooLarge }
    guard networkCount <= NonceLedger.last else {
      return .implausible("the network's count is \(networkCount), more than any account can have sent")
    }
    let ledger = ledger(question.account, networkCount)
    let polls = index.polls(of: question.account.polledChain)
    guard
      let assignment = ledger.assign(
        now: now, grace: nonceGrace, allowsJumps: question.allowsJumps,
        lacked: { polls.lacked(lastSeen: $0, grace: nonceGrace, emptyTime: question.emptyTime) },
        isListedSince: { polls.has(after: $0, emptyTime: question.emptyTime) })
    else {
      throw Self.nonceTooLarge
    }
    return assignment
  }

  /// See `JournalStore`.
  public func unknownNonces(of account: CountedAccount) -> UInt64? { ledger(of: account)?.unknownCount }

  /// See `JournalStore`.
  public func release(nonce: UInt64, of account: CountedAccount) { ledger(of: account)?.release(nonce) }

  private static let nonceTooLarge = VaultError(
    .invalidArgument, "a nonce is missing, or larger than 9223372036854775807")

  /// What is known of a sender whose count is `networkCount`; what was assigned by another count stays assigned.
  private func ledger(_ account: CountedAccount, _ networkCount: UInt64) -> NonceLedger {
    let known = ledger(of: account)
    if let known, known.networkCount == networkCount { return known }
    let ledger = NonceLedger(networkCount: networkCount)
    let key = index.key(ofAccount: account)
    index.nonces(of: key, from: networkCount) {
      ledger.add(
        nonce: $0.nonce, signedAt: $0.signedAt, lastSeen: $0.lastSeen, told: $0.told,
        refusedAt: refusals[$0.place])
    }
    if let highest = index.highestNonce(of: key), highest < networkCount {
      ledger.add(nonce: highest, signedAt: .max, lastSeen: .min, told: nil)
    }
    if let known { ledger.takeOver(from: known) }
    ledgers[account] = ledger
    return ledger
  }

  /// Whoever had this nonce and vanished must not be sent any more. Live ones with the same explicit nonce are what the
  /// caller of the API asked for: a replacement.
  func vanished(before entry: JournalEntry) -> [UInt64] {
    guard let account = entry.account, let nonce = entry.nonce, ledger(of: account)?.isNew(nonce) != true
    else {
      return []
    }
    let latest = entry.signedAt.subtractingClamped(nonceGrace)
    return index.rows(of: index.key(ofAccount: account), nonce: nonce)
      .filter {
        $0.lastSeen <= latest || refusals[$0.place].map { [lastSeen = $0.lastSeen] in lastSeen <= $0 } == true
      }
      .map(\.place).sorted()
  }
}
