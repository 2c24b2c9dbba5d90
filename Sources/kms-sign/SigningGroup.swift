import KMSChains
import KMSCrypto
import KMSRecords
import KMSVault

/// One group of drafts on its way through vault and journal.
struct SigningGroup {
  private var drafts: [Draft]
  private let keys: KeyRing
  private let journal: Journal
  private let policy: SigningPolicy
  private let now: Int64

  /// Why nothing of this group could be journaled, if so; every record says `journal-unavailable` then.
  private(set) var journalProblem: (any ProgramError)?

  init(drafts: [Draft], keys: KeyRing, journal: Journal, policy: SigningPolicy, now: Int64) {
    self.drafts = drafts
    self.keys = keys
    self.journal = journal
    self.policy = policy
    self.now = now
  }

  /// Signs, journals, and returns the drafts, all finished or skipped.
  mutating func finish() -> [Draft] {
    let before = drafts
    do {
      try journal.group {
        try settleKnown()
        prepare()
        try signAndRecord()
        try settleRepeated()
      }
    } catch {
      drafts = before
      failAll(because: error)
    }
    return drafts
  }

  /// Gives records whose id the journal has what was recorded, or a refusal.
  private mutating func settleKnown() throws {
    for (i, draft) in drafts.enumerated() {
      guard case .work(let work) = draft, let entry = try journal.lookup(work.record.id, now: now) else {
        continue
      }
      drafts[i] = settled(work, entry)
    }
  }

  /// Ids that stood twice in this group get what was recorded for the first.
  private mutating func settleRepeated() throws {
    try settleKnown()
    for (i, draft) in drafts.enumerated() {
      guard case .work(let work) = draft else { continue }
      drafts[i] = .failed(
        work.record,
        RecordError(signing: .malformedTransaction, "this id came twice, and the first could not be signed"))
    }
  }

  private func settled(_ work: Draft.Work, _ entry: JournalEntry) -> Draft {
    func refused(_ code: ErrorCode, _ message: String) -> Draft {
      .failed(work.record, RecordError(signing: code, message))
    }
    guard entry.contentDigest == work.contentDigest else {
      return refused(
        .changedAfterSigning,
        "this id was signed on \(Timestamp.text(unixTime: entry.signedAt)) with other content; the recorded "
          + "transaction is \(entry.txID ?? "without an id")")
    }
    if let successor = entry.nonceGivenTo {
      return refused(
        .signedButExpired,
        "this id was signed, vanished from Tatum, and its nonce went to \(successor); kms-sign --resign "
          + "\(work.record.id) signs it anew")
    }
    if let expiresAt = entry.expiresAt, expiresAt < now {
      return refused(
        .signedButExpired,
        "signed on \(Timestamp.text(unixTime: entry.signedAt)), valid until \(Timestamp.text(unixTime: expiresAt)); if "
          + "you know that it was not included, kms-sign --resign \(work.record.id) signs it anew")
    }
    if let last = entry.lastValidHeight,
      let height = work.chain.currentHeight(in: work.record["context"] ?? [:]),
      height > last
    {
      return refused(
        .signedButExpired,
        "signed on \(Timestamp.text(unixTime: entry.signedAt)), valid until height \(last), which has passed; if you "
          + "know that it was not included, kms-sign --resign \(work.record.id) signs it anew")
    }
    guard let recorded = try? JSONValue(parsing: entry.signed), var signed = recorded.object else {
      return refused(.journalUnavailable, "the journal's entry for this id can't be read")
    }
    signed["reused"] = true
    var record = work.record
    record["signed"] = .object(signed)
    return .finished(record)
  }

  /// Fetches keys and asks which nonces are wanted.
  private mutating func prepare() {
    for (i, draft) in drafts.enumerated() {
      guard case .work(var work) = draft else { continue }
      do throws(RecordError) {
        for reference in work.references {
          work.keys.append(try keys.key(for: reference, chain: work.chain, testnet: work.record.testnet))
        }
        do throws(ChainError) {
          work.nonceRequest = try work.chain.nonceRequest(of: work.request(policy: policy, now: now))
        } catch { throw RecordError(error) }
        drafts[i] = .work(work)
      } catch {
        drafts[i] = .failed(work.record, error)
      }
    }
  }

  /// Signs everything on all cores, then records it in order.
  ///
  /// Nonces are assigned before it is known whether each transaction can be signed. When one can't, the nonces of its
  /// sender after it would leave a gap, at which the network would hold them all up: they are assigned and signed
  /// again, which is rare and harmless, because no signature has left this function.
  private mutating func signAndRecord() throws {
    var ids: Set<String> = []
    var todo = drafts.indices.filter { i in
      // Of an id that stands twice only the first is signed here.
      if case .work(let work) = drafts[i] { ids.insert(work.record.id).inserted } else { false }
    }
    while !todo.isEmpty {
      try assignNonces(todo)
      let requests = todo.compactMap { i in
        if case .work(let work) = drafts[i] {
          (i, work.chain, work.request(policy: policy, now: now))
        } else {
          nil
        }
      }
      let results = Parallel.map(requests.count) { n -> Result<SignedTransaction, ChainError> in
        do throws(ChainError) { return .success(try requests[n].1.sign(requests[n].2)) } catch {
          return .failure(error)
        }
      }
      todo = try record(Array(zip(requests.map(\.0), results)))
    }
  }

  private mutating func assignNonces(_ todo: [Int]) throws {
    for i in todo {
      guard case .work(var work) = drafts[i], let wanted = work.nonceRequest else { continue }
      let assignment: NonceAssignment
      do {
        assignment = try journal.assignNonce(
          chain: work.record.chain, testnet: work.record.testnet, sender: wanted.sender,
          networkCount: wanted.networkCount, explicit: wanted.explicit, now: now)
      } catch let error as VaultError where error.code == .invalidArgument {
        drafts[i] = .failed(work.record, RecordError(signing: .malformedTransaction, error.message))
        continue
      }
      switch assignment {
      case .use(let nonce):
        work.nonce = nonce
        drafts[i] = .work(work)
      case .wait(let nonce):
        drafts[i] = .failed(
          work.record,
          RecordError(
            .sign, .denied, .nonceWaiting,
            "a transaction with nonce \(nonce) vanished from Tatum and may still wait in the network; this one is "
              + "signed once the network's count has passed the gap before it"))
      }
    }
  }

  /// Records what was signed; returns what must be done again with another nonce.
  private mutating func record(_ results: [(Int, Result<SignedTransaction, ChainError>)]) throws -> [Int] {
    var again: [Int] = []
    var sendersWithGap: Set<String> = []
    for (i, result) in results {
      guard case .work(let work) = drafts[i] else { continue }
      let sender = work.nonceRequest.flatMap {
        $0.explicit == nil ? "\(work.record.chain) \($0.sender)" : nil
      }
      if let sender, let nonce = work.nonce, sendersWithGap.contains(sender) {
        release(nonce, of: work)
        again.append(i)
        continue
      }
      switch result {
      case .success(let signed):
        try journal.record(entry(work, signed))
        var record = work.record
        var member = signed.json.object ?? JSONObject()
        member["reused"] = false
        record["signed"] = .object(member)
        drafts[i] = .finished(record)
      case .failure(let error):
        drafts[i] = .failed(work.record, RecordError(error))
        if let sender, let nonce = work.nonce {
          release(nonce, of: work)
          sendersWithGap.insert(sender)
        }
      }
    }
    return again
  }

  private func release(_ nonce: UInt64, of work: Draft.Work) {
    journal.release(
      nonce: nonce, chain: work.record.chain, testnet: work.record.testnet,
      sender: work.nonceRequest?.sender ?? "")
  }

  private func entry(_ work: Draft.Work, _ signed: SignedTransaction) -> JournalEntry {
    JournalEntry(
      id: work.record.id, contentDigest: work.contentDigest, chain: work.record.chain,
      testnet: work.record.testnet,
      sender: work.nonceRequest?.sender, nonce: work.nonce, txID: signed.txID, txData: signed.txData,
      signed: signed.json.text, signedAt: now, expiresAt: signed.expiresAt,
      lastValidHeight: signed.lastValidHeight)
  }

  /// Without the journal nothing is signed.
  private mutating func failAll(because error: any Error) {
    let problem = (error as? any ProgramError) ?? ProgramFailure(.internalError, "\(error)")
    journalProblem = problem
    for (i, draft) in drafts.enumerated() {
      guard case .work(let work) = draft else { continue }
      drafts[i] = .failed(
        work.record,
        RecordError(
          signing: .journalUnavailable, "nothing may be signed without the journal: \(problem.message)"))
    }
  }
}
