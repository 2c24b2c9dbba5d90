import KMSChains
import KMSCrypto
import KMSPrimitives
import KMSProcess
import KMSRecords
import KMSSigning
import KMSVault
import Logging

/// The work of kms-sign, a group of lines at a time: read, settle what is known, prepare, assign nonces, sign, record,
/// write out.
///
/// A group is what has arrived, up to 256 lines. Three of its steps run on all cores: one that reads lines and checks
/// approvals; one that finds keys and prepares; and one that signs. In between, and after them, the journal is asked in the
/// order of the lines. Other cores never wait for that: while a group is signed the next one is read, and the one before is on
/// its way to the disk. Nothing of a group is written out before its journal entries are on disk.
struct SigningStage {
  /// A larger one would not fit into a processor's own cache, through which it goes several times.
  static let groupSize = 256

  private let opening: VaultOpening
  let policy: SigningPolicy
  let testnetOnly: Bool
  private let isOnlySigner: Bool
  private var report: SigningReport
  var opened: VaultOpening.Opened?
  private var status = ExitStatus.ok
  private var lists = ListsSeen()

  init(
    opening: VaultOpening, policy: SigningPolicy, testnetOnly: Bool, isOnlySigner: Bool, logger: Logger
  ) {
    self.opening = opening
    self.policy = policy
    self.testnetOnly = testnetOnly
    self.isOnlySigner = isOnlySigner
    report = SigningReport(logger: logger)
  }

  // MARK: The story

  /// Handles all input.
  ///
  /// - Throws: `ProgramError` when the vault can't be opened or input or output fails; `BrokenPipe`.
  consuming func run(reader: RecordReader, writer: RecordWriter) throws -> ExitStatus {
    var next: Reading?
    var underWay: [Line]?
    while true {
      if next == nil { next = try beginReading(reader, wait: underWay == nil) }
      if next == nil, underWay == nil { break }
      var group: [Line]?
      if let reading = next {
        let lines = reading.lines.finish()
        // Beside the longest lines there are no others in memory.
        next = reading.size < Reading.largest ? try beginReading(reader, wait: false) : nil
        group = try sign(lines, areApproved: reading.areApproved, reader)
      }
      waitForDisk(&underWay, &group)
      commit(&group)
      if let lines = underWay { try write(lines, to: writer) }
      if group == nil {
        try writer.flush()
        try opened?.journal.rest()
      }
      underWay = group
    }
    if opened == nil, !opening.resign.isEmpty { _ = try opening.open() }
    noteLists()
    report.finish()
    return status.combined(with: reader.exitStatus)
  }

  /// Signs a group; nothing of it is on disk yet.
  private mutating func sign(
    _ input: [Line], areApproved: Bool, _ reader: RecordReader
  ) throws -> [Line] {
    let now = Timestamp.unixTime()
    var lines = input
    for line in lines {
      if case .skipped(let number, let reason) = line { reader.report(number, reason) }
      if let record = line.record { lists.take(record, now) }
    }
    guard lines.contains(where: { $0.work != nil }) else { return lines }
    let isFirst = opened == nil
    let opened = try opened ?? opening.open()
    self.opened = opened
    do { try begin(opened) } catch {
      guard !isFirst else { throw error }
      opened.journal.rollback()
      return givenUp(lines, because: error)
    }
    if !areApproved { lines = lines.map { Self.approve($0, opened, now) } }
    lines = prepare(lines, opened, now)
    do {
      try settleKnown(&lines, opened, now)
      var isWanted = firstOfEachID(lines)
      while isWanted.contains(true) {
        let nonces = try assignNonces(&lines, isWanted, opened, now)
        let entries = signAll(lines, isWanted, nonces, now)
        isWanted = try record(&lines, entries, nonces, opened)
      }
      try settleRepeated(&lines, opened, now)
    } catch {
      lines = givenUp(lines, because: error)
      opened.journal.rollback()
    }
    return lines
  }

  private mutating func begin(_ opened: VaultOpening.Opened) throws {
    try opened.journal.begin()
    for note in opened.journal.takeNotes() { report.note(note) }
  }

  // MARK: What is known

  /// Tells the journal which lists came in whole: what was not among their records is not pending.
  private mutating func noteLists() {
    guard let journal = opened?.journal else { return }
    do {
      for (chain, time) in lists.whole() { try journal.note(chain, listedAt: time) }
    } catch {
      // What is not noted is asked for again: nothing is signed without it.
      report.note("a poll could not be noted in the journal: \(error)")
    }
  }

  /// Gives records whose id the journal has what was recorded, or a refusal.
  private mutating func settleKnown(
    _ lines: inout [Line], _ opened: VaultOpening.Opened, _ now: Int64
  ) throws {
    for (i, line) in lines.enumerated() {
      switch line {
      // What was refused before it could be looked up is pending all the same.
      case .passed(let record), .refused(let record, _):
        if opened.journal.mayHave(record.id) { _ = try opened.journal.lookup(record.id, now: now) }
      case .prepared(let work, let prepared):
        if prepared.countedAccount(of: work.record) != nil { lists.ask(PolledChain(work.record)) }
      default: break
      }
      guard case .work(let work) = line else { continue }
      if let entry = try opened.journal.lookup(work.record.id, now: now) {
        lines[i] = settled(work, entry, now)
      } else {
        do throws(RecordError) {
          lines[i] = .prepared(work, try work.prepare(opened.keys, policy, now: now))
        } catch { lines[i] = .failed(work, error) }
      }
    }
  }

  /// Of an id that stands twice only the first is signed here.
  private func firstOfEachID(_ lines: [Line]) -> [Bool] {
    var ids: Set<FoldedID> = []
    ids.reserveCapacity(lines.count)
    return lines.map { line in
      guard case .prepared(let work, _) = line else { return false }
      return ids.insert(FoldedID(text: work.record.id)).inserted
    }
  }

  /// Ids that stood twice in this group get what was recorded for the first.
  private func settleRepeated(_ lines: inout [Line], _ opened: VaultOpening.Opened, _ now: Int64) throws {
    for (i, line) in lines.enumerated() {
      guard let work = line.work else { continue }
      if let entry = try opened.journal.lookup(work.record.id, now: now) {
        lines[i] = settled(work, entry, now)
      } else {
        lines[i] = .failed(
          work,
          RecordError(signing: .malformedTransaction, "this id came twice, and the first could not be signed")
        )
      }
    }
  }

  private func settled(_ work: Work, _ entry: JournalEntry, _ now: Int64) -> Line {
    do throws(RecordError) {
      try work.check(against: entry, now: now)
      return .signed(work, SignedEntry(entry), isReused: true)
    } catch { return .failed(work, error) }
  }

  // MARK: Nonces

  /// The nonces of what is to be signed; what gets none now is refused.
  private mutating func assignNonces(
    _ lines: inout [Line], _ isWanted: [Bool], _ opened: VaultOpening.Opened, _ now: Int64
  ) throws -> [UInt64?] {
    var nonces = [UInt64?](repeating: nil, count: lines.count)
    for i in lines.indices where isWanted[i] {
      guard case .prepared(let work, let prepared) = lines[i], let wanted = prepared.nonceRequest else {
        continue
      }
      let account = CountedAccount(work.record, wanted.sender)
      do {
        let assignment = try opened.journal.assignNonce(
          of: NonceQuestion(
            of: account, networkCount: wanted.networkCount, explicit: wanted.explicit,
            allowsJumps: policy.allowNonceJumps, emptyTime: lists.emptyTimes[PolledChain(work.record)]),
          now: now)
        if wanted.explicit == nil, let unknown = opened.journal.unknownNonces(of: account) {
          report.note(unknown, of: account)
          if isOnlySigner {
            if case .use(let nonce) = assignment { opened.journal.release(nonce: nonce, of: account) }
            lines[i] = .failed(work, .unknownSigner(unknown))
            continue
          }
        }
        switch assignment {
        case .use(let nonce): nonces[i] = nonce
        case .wait(let nonce): lines[i] = .failed(work, .waiting(behind: nonce))
        case .unseen(let nonce): lines[i] = .failed(work, .unseen(nonce))
        case .implausible(let why):
          lines[i] = .failed(
            work,
            RecordError(
              signing: .nonceImplausible,
              "\(why); it is asked again at the next poll. If it is true, --allow-nonce-jumps signs it"))
        }
      } catch let error as VaultError where error.code == .invalidArgument {
        lines[i] = .failed(work, RecordError(signing: .malformedTransaction, error.message))
      }
    }
    return nonces
  }

  // MARK: Sign and record

  /// Signs on all cores what has what it needs; nil for everything else.
  private func signAll(
    _ lines: [Line], _ isWanted: [Bool], _ nonces: [UInt64?], _ now: Int64
  ) -> [Result<SignedEntry, RecordError>?] {
    Parallel(lines.count, piece: 4, isUrgent: true) { i in
      guard isWanted[i], case .prepared(let work, let prepared) = lines[i] else { return nil }
      return Result { () throws(RecordError) in try work.sign(prepared, nonce: nonces[i], now: now) }
    }.finish()
  }

  /// Records in order what was signed; returns what must be signed again with another nonce.
  ///
  /// Nonces are assigned before it is known whether each transaction can be signed. When one can't, the nonces of its
  /// sender after it would leave a gap, at which the network would hold them all up: they are assigned and signed again,
  /// which is rare and harmless, because no signature has left this process.
  private func record(
    _ lines: inout [Line], _ entries: [Result<SignedEntry, RecordError>?], _ nonces: [UInt64?],
    _ opened: VaultOpening.Opened
  ) throws -> [Bool] {
    var again = [Bool](repeating: false, count: lines.count)
    var withGap: Set<CountedAccount> = []
    for i in lines.indices {
      guard let result = entries[i], case .prepared(let work, let prepared) = lines[i] else { continue }
      let account = prepared.countedAccount(of: work.record)
      if !withGap.isEmpty, let account, withGap.contains(account) {
        if let nonce = nonces[i] { opened.journal.release(nonce: nonce, of: account) }
        again[i] = true
        continue
      }
      switch try recorded(result, opened.journal) {
      case .success(let entry): lines[i] = .signed(work, entry, isReused: false)
      case .failure(let error):
        lines[i] = .failed(work, error)
        guard let account, let nonce = nonces[i] else { continue }
        opened.journal.release(nonce: nonce, of: account)
        withGap.insert(account)
      }
    }
    return again
  }

  /// Records one signature, unless the journal knows its coins otherwise, or can't keep its numbers.
  ///
  /// - Throws: why there is no working journal.
  private func recorded(
    _ result: Result<SignedEntry, RecordError>, _ journal: any JournalStore
  ) throws -> Result<SignedEntry, RecordError> {
    guard case .success(let entry) = result else { return result }
    do {
      try journal.record(entry.entry)
      return result
    } catch let error as VaultError where error.code == .coinSignedBefore {
      return .failure(RecordError(signing: .coinSignedBefore, error.message))
    } catch let error as VaultError where error.code == .invalidArgument {
      // A number that the journal can't keep is this record's fault, not the journal's.
      return .failure(RecordError(signing: .malformedTransaction, error.message))
    }
  }

  // MARK: To the disk, and out

  /// Waits until the group that is under way is on disk. If it can't be, nothing of it leaves, nor of the next one, which has
  /// relied on it.
  private mutating func waitForDisk(_ underWay: inout [Line]?, _ next: inout [Line]?) {
    guard let journal = opened?.journal else { return }
    do { try journal.waitUntilDurable() } catch {
      journal.rollback()
      underWay = underWay.map { givenUp($0, because: error) }
      next = next.map { givenUp($0, because: error, isToldAlready: true) }
    }
  }

  /// Begins to write the group to the disk.
  private mutating func commit(_ group: inout [Line]?) {
    guard let lines = group, let journal = opened?.journal else { return }
    do { try journal.commit() } catch {
      journal.rollback()
      group = givenUp(lines, because: error)
    }
  }

  /// Without the journal nothing is signed.
  private mutating func givenUp(
    _ lines: [Line], because error: any Error, isToldAlready: Bool = false
  ) -> [Line] {
    var lines = lines
    let problem = (error as? any ProgramError) ?? ProgramFailure(.internalError, "\(error)")
    if !isToldAlready { Program.report(problem, program: "kms-sign") }
    status = status.combined(with: problem.exitStatus)
    for (i, line) in lines.enumerated() {
      let work: Work
      switch line {
      case .work(let open), .prepared(let open, _), .signed(let open, _, _): work = open
      default: continue
      }
      lines[i] = .failed(
        work,
        RecordError(
          signing: .journalUnavailable, "nothing may be signed without the journal: \(problem.message)"))
    }
    return lines
  }

  private mutating func write(_ lines: [Line], to writer: RecordWriter) throws {
    for line in lines {
      switch line {
      case .skipped, .work, .prepared: continue
      case .passed(let record):
        report.passed()
        try writer.write(record)
      case .refused(var record, let error):
        report.refused(record, error)
        record["signed"] = nil
        record.error = error
        try writer.write(record)
      case .signed(let work, let entry, let isReused):
        report.signed(work, entry, isReused: isReused)
        try work.write(entry, isReused: isReused, to: writer)
      }
    }
  }
}
