import KMSChains
import KMSCrypto
import KMSPrimitives
import KMSProcess
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
        try signAndRecord(prepare())
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

  private func settled(_ work: Work, _ entry: JournalEntry) -> Draft {
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
    let height = work.chain.currentHeight(in: work.record["context"] ?? [:])
    if let reason = RecordedExpiry.reason(entry, networkHeight: height, now: now) {
      return refused(
        .signedButExpired,
        "signed on \(Timestamp.text(unixTime: entry.signedAt)), \(reason); if you know that it was not included, "
          + "kms-sign --resign \(work.record.id) signs it anew")
    }
    guard let recorded = try? JSONValue(parsing: entry.signed), var signed = recorded.object else {
      return refused(.journalUnavailable, "the journal's entry for this id can't be read")
    }
    signed["reused"] = true
    var record = work.record
    record["signed"] = .object(signed)
    return .finished(record, summary: work.summary)
  }

  /// A record whose transaction was read, with its place among the drafts.
  private struct Candidate: Sendable {
    let place: Int
    let work: Work
    let prepared: PreparedSigning
    var nonce: UInt64?

    /// The account whose nonces are assigned; nil where the transaction carries its own, or has none.
    var countedSender: CountedSender? {
      guard let wanted = prepared.nonceRequest, wanted.explicit == nil else { return nil }
      return CountedSender(chain: work.record.chain, testnet: work.record.testnet, address: wanted.sender)
    }
  }

  private struct CountedSender: Hashable {
    let chain: String
    let testnet: Bool
    let address: String
  }

  /// Fetches keys, in order, then reads the transactions on all cores.
  private mutating func prepare() -> [Candidate] {
    var keyed: [(place: Int, work: Work, keys: [SigningKey])] = []
    for (i, draft) in drafts.enumerated() {
      guard case .work(let work) = draft else { continue }
      do throws(RecordError) {
        keyed.append((i, work, try keys.keys(of: work)))
      } catch {
        drafts[i] = .failed(work.record, error)
      }
    }
    let (todo, policy, now) = (keyed, policy, now)
    let results = Parallel.map(todo.count) { n -> Result<PreparedSigning, RecordError> in
      do throws(RecordError) {
        return .success(try todo[n].work.prepare(todo[n].keys, policy: policy, now: now))
      } catch { return .failure(error) }
    }
    var candidates: [Candidate] = []
    for (item, result) in zip(todo, results) {
      switch result {
      case .success(let prepared):
        candidates.append(Candidate(place: item.place, work: item.work, prepared: prepared))
      case .failure(let error):
        drafts[item.place] = .failed(item.work.record, error.naming(unknownIn: item.work, item.keys))
      }
    }
    return candidates
  }

  /// Signs everything on all cores, then records it in order.
  ///
  /// Nonces are assigned before it is known whether each transaction can be signed. When one can't, the nonces of its
  /// sender after it would leave a gap, at which the network would hold them all up: they are assigned and signed
  /// again, which is rare and harmless, because no signature has left this function.
  private mutating func signAndRecord(_ candidates: [Candidate]) throws {
    var ids: Set<String> = []
    // Of an id that stands twice only the first is signed here.
    var todo = candidates.filter { ids.insert($0.work.record.id).inserted }
    while !todo.isEmpty {
      let (numbered, now) = (try assignNonces(todo), now)
      let results = Parallel.map(numbered.count) { n -> Result<Work.Signed, RecordError> in
        do throws(RecordError) {
          return .success(
            try numbered[n].work.sign(numbered[n].prepared, nonce: numbered[n].nonce, now: now))
        } catch { return .failure(error) }
      }
      todo = try record(numbered, results)
    }
  }

  /// Returns the candidates with their nonces, without those that get none now.
  private mutating func assignNonces(_ candidates: [Candidate]) throws -> [Candidate] {
    var numbered: [Candidate] = []
    numbered.reserveCapacity(candidates.count)
    for var candidate in candidates {
      let record = candidate.work.record
      if let wanted = candidate.prepared.nonceRequest {
        do {
          let assignment = try journal.assignNonce(
            chain: record.chain, testnet: record.testnet, sender: wanted.sender,
            networkCount: wanted.networkCount, explicit: wanted.explicit, now: now,
            allowsJumps: policy.allowNonceJumps)
          switch assignment {
          case .use(let nonce): candidate.nonce = nonce
          case .wait(let nonce):
            drafts[candidate.place] = .failed(record, .waiting(behind: nonce))
            continue
          case .implausible(let why):
            drafts[candidate.place] = .failed(
              record,
              RecordError(
                signing: .nonceImplausible,
                "\(why); it is asked again at the next poll. If it is true, --allow-nonce-jumps signs it"))
            continue
          }
        } catch let error as VaultError where error.code == .invalidArgument {
          drafts[candidate.place] = .failed(
            record, RecordError(signing: .malformedTransaction, error.message))
          continue
        }
      }
      numbered.append(candidate)
    }
    return numbered
  }

  /// Records what was signed; returns what must be done again with another nonce.
  private mutating func record(
    _ candidates: [Candidate], _ results: [Result<Work.Signed, RecordError>]
  ) throws -> [Candidate] {
    var again: [Candidate] = []
    var sendersWithGap: Set<CountedSender> = []
    for (candidate, result) in zip(candidates, results) {
      if !sendersWithGap.isEmpty, let sender = candidate.countedSender, sendersWithGap.contains(sender) {
        release(candidate, sender)
        again.append(candidate)
        continue
      }
      switch result {
      case .success(let signed):
        try journal.record(signed.entry)
        drafts[candidate.place] = .finished(signed.record, summary: candidate.work.summary)
      case .failure(let error):
        drafts[candidate.place] = .failed(candidate.work.record, error)
        if let sender = candidate.countedSender {
          release(candidate, sender)
          sendersWithGap.insert(sender)
        }
      }
    }
    return again
  }

  private func release(_ candidate: Candidate, _ sender: CountedSender) {
    guard let nonce = candidate.nonce else { return }
    journal.release(nonce: nonce, chain: sender.chain, testnet: sender.testnet, sender: sender.address)
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

extension RecordError {
  /// The same, with the wallets that were skipped, when a key is missing.
  fileprivate func naming(unknownIn work: Work, _ keys: [SigningKey]) -> RecordError {
    guard code == .walletNotFound || code == .keyNotSender, keys.count < work.references.count,
      let unknown = work.references.first(where: { reference in !keys.contains { $0.reference == reference } }
      )
    else { return self }
    return RecordError(
      signing: .walletNotFound,
      "\(message); the vault has no wallet with the signature ID \(unknown.signatureID)")
  }

  fileprivate static func waiting(behind nonce: UInt64) -> RecordError {
    RecordError(
      .sign, .denied, .nonceWaiting,
      "a transaction with nonce \(nonce) vanished from Tatum and may still wait in the network; this one is "
        + "signed once the network's count has passed the gap before it")
  }
}
