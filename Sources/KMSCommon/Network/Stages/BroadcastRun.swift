internal import KMSChains
internal import KMSPrimitives
public import KMSProcess
internal import KMSRecords
public import Logging

/// Sends signed transactions and reports failures: what kms-broadcast does.
///
/// Senders, chains and endpoints do not wait for each other; transactions of one sender go in order, several at once where
/// the chain's nodes queue them (`Broadcast.order`). What its chain's endpoints do not answer is not waited for: it comes
/// again at the next poll.
public final class BroadcastRun {
  private let api: TatumAPI
  private let broadcaster: Broadcaster
  private let runner: DialogueRunner
  private let refusals: RefusalsFile.Writer?
  private let logger: Logger
  private let clock = ContinuousClock()

  private var lanes = SenderLanes<Sending>()
  private var count = 0
  /// What is about to be sent; a list, because the end of one may start thousands.
  private var starting: [Sending] = []
  private var isStarting = false
  /// Senders of whom one did not get in, in this run.
  private var gaps: Set<String> = []
  /// Senders whose numbered transactions lack one that was not signed in this poll, denied for example: until which place
  /// in the input they are complete.
  private var missing: [String: Int] = [:]
  /// Lanes of numbered transactions in which the network holds one: it may wait for one that comes later in the list, so
  /// later ones are sent, but their refusal is no verdict.
  private var heldBefore: Set<String> = []
  /// Chains whose endpoints do not answer, until when nothing is sent there, and why.
  private var closed: [String: (until: ContinuousClock.Instant, why: String)] = [:]

  private var failures: [(id: String, text: String)] = []
  private var status = ExitStatus.ok
  private var hasSaidEnd = false

  /// A thousand records of a chain that can't be reached would each wait for a time-out.
  private static let pause = Duration.seconds(15)
  /// A chain that answers nothing for so long is not waited for when no more can be read.
  private static let patience = Duration.seconds(5)
  /// A call that was not sent, after at least so long without an answer, could not be: no connection was to be had.
  private static let connecting = Duration.milliseconds(200)
  /// The failures that are reported in one call. More than that would be kept in memory, and make a request that the API
  /// may find too long.
  private static let reportSize = 1000

  /// Creates a run; `nodes` take what Tatum does not send itself, and `refusals` what the network refused for good.
  public init(
    api: TatumAPI, nodes: PublicNodes = PublicNodes(), refusals: RefusalsFile.Writer? = nil, logger: Logger
  ) {
    self.api = api
    self.refusals = refusals
    runner = DialogueRunner(api: api, nodes: nodes)
    broadcaster = Broadcaster(api: api, runner: runner, logger: logger)
    self.logger = logger
  }

  /// Takes all records of `reader` through, then reports the failed ones in one call.
  public func run(reader: RecordReader, writer: RecordWriter) throws -> ExitStatus {
    let stage = LaneStage(reader: reader, writer: writer)
    try stage.run(client: api.client, relieve: giveUpSilentChains) { take($0) }
    report()
    api.client.run()  // the report, and what was lent and is on its way back
    return status.combined(with: reader.exitStatus)
  }

  /// Says on standard error what `run` would send, and passes the records on unchanged.
  public static func dryRun(reader: RecordReader, writer: RecordWriter, base: WebAddress) throws -> ExitStatus
  {
    while let record = try reader.next() {
      StandardError.writeLine("kms-broadcast: would \(plan(for: record, base: base))")
      try writer.write(record)
      try writer.flush()
    }
    try writer.flush()
    return reader.exitStatus
  }

  private static func plan(for record: Record, base: WebAddress) -> String {
    if let error = record.error {
      return error.outcome == .failed
        ? "report \(record.id) as failed: \(error)" : "send nothing for \(record.id)"
    }
    if record["result"] != nil { return "send nothing for \(record.id), which has a result" }
    guard let transaction = SignedRecord(record),
      let broadcast = ChainRegistry.broadcast(of: record.chain)
    else { return "send nothing for \(record.id), which is not signed or of a chain that can't be sent" }
    let call = broadcast.firstCall(for: transaction)
    return "\(call.method.rawValue) \(base.below(call.target)) \(call.body?.text ?? "")"
  }

  // MARK: One record

  /// A transaction on its way.
  private final class Sending: LaneTask {
    let slot: LaneStage.Slot
    let transaction: SignedRecord
    let broadcast: any Broadcast
    let lanes: [String]
    let atOnce: Int
    let number: Int

    init(_ slot: LaneStage.Slot, _ transaction: SignedRecord, _ broadcast: any Broadcast, number: Int) {
      self.slot = slot
      self.transaction = transaction
      self.broadcast = broadcast
      self.number = number
      var lanes = Set(
        (transaction.senders.isEmpty ? [""] : transaction.senders).map { "\(transaction.chain) \($0)" })
      // What was not signed names no sender, but its wallet.
      if broadcast.isNumberedBefore { lanes.formUnion(Account.lanes(of: slot.record)) }
      self.lanes = lanes.sorted()
      atOnce = if case .queuedByNonce(let atOnce) = broadcast.order { atOnce } else { 1 }
    }
  }

  private func take(_ slot: LaneStage.Slot) {
    let record = slot.record
    if let error = record.error {
      note(record, error)
      giveBack(record)
      noteMissing(record, error)
      return slot.finish()
    }
    // Sent by an earlier run: its output was fed in once more.
    if record["result"] != nil { return slot.finish() }
    guard let transaction = SignedRecord(record) else {
      giveBack(record)
      return end(slot, RecordError(.broadcast, .failed, .notSigned, "the record has no signed transaction"))
    }
    guard let broadcast = ChainRegistry.broadcast(of: transaction.chain) else {
      return end(
        slot,
        RecordError(.broadcast, .failed, .unsupportedChain, "this build can't send \(transaction.chain) yet"))
    }
    count += 1
    let sending = Sending(slot, transaction, broadcast, number: count)
    if lanes.enter(sending) { start([sending]) }
  }

  /// What waits for its approval, or for another poll, is missing among numbered transactions: the network would refuse
  /// those after it in words that sound like a verdict, and are none. What has failed comes no more.
  private func noteMissing(_ record: Record, _ error: RecordError) {
    guard error.outcome != .failed,
      ChainRegistry.broadcast(of: record.chain)?.isNumberedBefore == true
    else { return }
    for lane in Account.lanes(of: record) where missing[lane] == nil { missing[lane] = count }
  }

  /// Gives back what was lent for a transaction that goes no further in this run; the answers change nothing.
  private func giveBack(_ record: Record) {
    let calls = ChainRegistry.broadcast(of: record.chain)?.release(unsent: record) ?? []
    guard !calls.isEmpty else { return }
    runner.run(Dialogue<Bool>.askAll(calls) { _ in .done(true) }, chain: record.chain, for: .notices) { _ in }
  }

  private func start(_ sendings: [Sending]) {
    starting += sendings
    guard !isStarting else { return }
    isStarting = true
    defer { isStarting = false }
    var at = 0
    while at < starting.count {
      send(starting[at])
      at += 1
    }
    starting.removeAll()
  }

  private func send(_ sending: Sending) {
    let isAfterGap = sending.lanes.contains(where: gaps.contains)
    // One that is missing may never come, denied for good for example: those after it are tried.
    let isAfterHeld = sending.lanes.contains { lane in
      heldBefore.contains(lane) || missing[lane].map { $0 < sending.number } == true
    }
    if let ended = api.ended { return leave(sending, Broadcaster.ended(by: ended)) }
    if let (until, why) = closed[sending.transaction.chain] {
      if until > clock.now { return leave(sending, Self.notSent(why)) }
      closed[sending.transaction.chain] = nil
    }
    if isAfterGap, sending.broadcast.order.holdsAfterGaps {
      return leave(
        sending,
        Broadcaster.held("not sent, because an earlier one of the same sender did not get in; it comes again")
      )
    }
    broadcaster.send(sending.transaction, by: sending.broadcast, isAfterGap: isAfterGap || isAfterHeld) {
      [self] outcome in
      finish(sending, outcome)
    }
  }

  /// Ends what is not sent in this run.
  private func leave(_ sending: Sending, _ outcome: BroadcastOutcome) {
    giveBack(sending.slot.record)
    finish(sending, outcome)
  }

  private func finish(_ sending: Sending, _ outcome: BroadcastOutcome) {
    switch outcome {
    case .sent(let txID): finish(sending.slot, txID)
    case .ended(let error, let exit, let gap):
      status = status.combined(with: exit)
      if sending.broadcast.order == .inSequence, error.code == .heldByNetwork {
        heldBefore.formUnion(sending.lanes)
      } else if sending.broadcast.order.isGap(error, gap) {
        gaps.formUnion(sending.lanes)
      }
      if error.outcome == .unknown { noteTrouble(sending.transaction.chain, error) }
      if error.outcome == .failed, gap { noteRefusal(sending) }
      end(sending.slot, error)
    }
    sayEnd()
    start(lanes.leave(sending))
  }

  /// Its nonce was not used. Chains on which kms-sign gives out none have no use for that.
  private func noteRefusal(_ sending: Sending) {
    guard let refusals, sending.transaction.signed["nonce"] != nil, let txID = sending.transaction.txID else {
      return
    }
    do throws(Descriptor.Failure) {
      try refusals.note(sending.slot.record, txID: txID, at: Timestamp.unixTime())
    } catch {
      logger.warning(
        "the refusal could not be noted in --refusals, so its nonce is given out again later: \(error.reason)",
        metadata: ["id": "\(sending.transaction.id)"])
    }
  }

  private func finish(_ slot: LaneStage.Slot, _ txID: String) {
    slot.record["result"] = [
      "txId": .string(txID), "at": .string(Timestamp.text(unixTime: Timestamp.unixTime())),
    ]
    logger.info(
      "sent", metadata: ["chain": "\(slot.record.chain)", "id": "\(slot.record.id)", "txId": "\(txID)"])
    slot.finish()
  }

  private func end(_ slot: LaneStage.Slot, _ error: RecordError) {
    slot.record.error = error
    note(slot.record, error)
    slot.finish()
  }

  private func note(_ record: Record, _ error: RecordError) {
    // Denied stays pending and unknown may be on the chain: only what failed is Tatum's to know.
    if error.outcome == .failed {
      failures.append((record.id, api.clean(error.description)))
      if failures.count >= Self.reportSize { report() }
    }
    logger.log(
      level: error.stage == .broadcast ? .error : .notice, "\(error.outcome.rawValue): \(error.message)",
      metadata: [
        "chain": "\(record.chain)", "code": "\(error.code.rawValue)", "id": "\(record.id)",
        "stage": "\(error.stage.rawValue)",
      ])
  }

  // MARK: Trouble

  private static func notSent(_ why: String) -> BroadcastOutcome {
    .unknown(.apiUnreachable, "\(why); nothing was sent", .temporary)
  }

  /// A chain whose calls are not answered, or can't be made, is left alone for a while.
  private func noteTrouble(_ chain: String, _ error: RecordError) {
    let silence = api.client.silence(of: chain)
    if silence >= min(Self.patience, api.timeout) {
      close(chain, "the endpoints of \(chain) do not answer")
    } else if error.code == .apiUnreachable, silence >= Self.connecting {
      close(chain, error.message)
    }
  }

  private func close(_ chain: String, _ why: String) {
    guard closed[chain].map({ $0.until <= clock.now }) ?? true else { return }
    let suffix = "; nothing was sent"
    closed[chain] = (clock.now + Self.pause, why.hasSuffix(suffix) ? String(why.dropLast(suffix.count)) : why)
    api.client.giveUpWaiting("the endpoints of \(chain) do not answer") {
      $0.group == chain && !$0.isRepeatable
    }
    let (gone, started) = lanes.remove { $0.transaction.chain == chain }
    for sending in gone { endWaiting(sending, Self.notSent(closed[chain]?.why ?? why)) }
    start(started)
  }

  /// Ends what waited in lanes that it has left.
  private func endWaiting(_ sending: Sending, _ outcome: BroadcastOutcome) {
    guard case .ended(let error, let exit, _) = outcome else { return }
    status = status.combined(with: exit)
    giveBack(sending.slot.record)
    end(sending.slot, error)
  }

  /// When no more can be read, the records of chains that answer nothing are what it waits for: they go.
  private func giveUpSilentChains() {
    for chain in ChainRegistry.names.all where api.client.silence(of: chain) >= Self.patience {
      close(chain, "the endpoints of \(chain) do not answer")
    }
  }

  /// Says once that the API takes no more calls in this run (decision 23).
  private func sayEnd() {
    guard let ended = api.ended, !hasSaidEnd else { return }
    hasSaidEnd = true
    status = status.combined(with: ended.exitStatus)
    logger.error("\(ended.message); nothing more is sent in this run, and everything stays for later")
  }

  // MARK: The report

  /// Reports what has failed and is not reported yet.
  private func report() {
    guard !failures.isEmpty else { return }
    let count = failures.count
    defer { failures.removeAll() }
    guard api.ended == nil else {
      return logger.error("\(count) failures are not reported, because the API takes no more calls")
    }
    api.report(failures: failures) { [self] result in
      switch result {
      case .success: logger.debug("failures reported", metadata: ["count": "\(count)"])
      case .failure(let failure):
        status = status.combined(with: failure.exitStatus)
        logger.error("\(count) failures could not be reported: \(failure.message)")
      }
    }
  }
}

extension SendingOrder {
  /// Whether what follows a transaction that did not get in is not sent.
  fileprivate var holdsAfterGaps: Bool {
    switch self {
    case .queuedByNonce, .inSequence: true
    case .chained, .oneByOne: false
    }
  }

  /// Whether a transaction that ended with `error` leaves a gap. A node that queues by nonce also takes what follows one
  /// whose fate is not known.
  fileprivate func isGap(_ error: RecordError, _ gap: Bool) -> Bool {
    switch self {
    case .queuedByNonce: gap
    case .inSequence, .chained: gap || error.outcome == .unknown
    case .oneByOne: false
    }
  }
}
