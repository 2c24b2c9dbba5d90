public import KMSProcess
internal import KMSRecords
public import Logging

/// Sends signed transactions and reports failures: what kms-broadcast does.
///
/// Chains go in parallel; transactions that share a sender go one after the other, in the order of input.
public final class BroadcastRun {
  private let api: TatumAPI
  private let broadcaster: Broadcaster
  private let nodes: PublicNodes
  private let logger: Logger
  private let clock = ContinuousClock()

  private var lanes = SenderLanes()
  private var failures: [(id: String, text: String)] = []
  private var status = ExitStatus.ok
  /// Set when the key is refused or its credits are used up: then nothing more is sent.
  private var stop: APIFailure?
  /// After a failed connection nothing is tried for a while, or a thousand records would each wait for a time-out.
  private var unreachable: (until: ContinuousClock.Instant, failure: APIFailure)?

  /// The records under way at most.
  static let window = 96
  private static let pause = Duration.seconds(15)

  /// Creates a run; `nodes` take what Tatum does not send itself.
  public init(api: TatumAPI, nodes: PublicNodes = PublicNodes(), logger: Logger) {
    self.api = api
    self.nodes = nodes
    broadcaster = Broadcaster(api: api, logger: logger)
    self.logger = logger
  }

  /// Takes all records of `reader` through, then reports the failed ones in one call.
  public func run(reader: RecordReader, writer: RecordWriter) throws -> ExitStatus {
    let stage = OrderedStage(reader: reader, writer: writer, window: Self.window)
    try stage.run(client: api.client) { take($0) }
    report()
    api.client.run()  // proposal keys of FLOW on their way back
    return status.combined(with: reader.exitStatus)
  }

  /// Says on standard error what `run` would send, and passes the records on unchanged.
  public static func dryRun(reader: RecordReader, writer: RecordWriter, base: WebAddress) throws -> ExitStatus
  {
    while let record = try reader.next() {
      let what: String
      if let error = record.error {
        what =
          error.outcome == .failed
          ? "report \(record.id) as failed: \(error)" : "send nothing for \(record.id)"
      } else if record["result"] != nil {
        what = "send nothing for \(record.id), which has a result"
      } else if let transaction = SignedRecord(record),
        let method = BroadcastMethods.method(for: record.chain)
      {
        let call = method.firstCall(for: transaction)
        what = "POST \(base.below(call.path)) \(call.body.text)"
      } else {
        what = "send nothing for \(record.id), which is not signed or of a chain that can't be sent"
      }
      StandardError.writeLine("kms-broadcast: would \(what)")
      try writer.write(record)
      try writer.flush()
    }
    try writer.flush()
    return reader.exitStatus
  }

  // MARK: One record

  private func take(_ slot: OrderedStage.Slot) {
    if let error = slot.record.error {
      note(slot.record, error)
      if slot.record["signed"] == nil { FlowBroadcast.release(unsent: slot.record, api: api) }
      return slot.finish()
    }
    // Sent by an earlier run: its output was fed in once more.
    if slot.record["result"] != nil { return slot.finish() }
    guard let transaction = SignedRecord(slot.record) else {
      return end(slot, RecordError(.broadcast, .failed, .notSigned, "the record has no signed transaction"))
    }
    guard let method = BroadcastMethods.method(for: transaction.chain, nodes: nodes) else {
      return end(
        slot,
        RecordError(.broadcast, .failed, .unsupportedChain, "this build can't send \(transaction.chain) yet"))
    }
    let keys = transaction.senders.isEmpty ? [""] : transaction.senders
    lanes.enter(keys.map { "\(transaction.chain) \($0)" }) { [self] leave in
      send(slot, transaction, by: method, leave: leave)
    }
  }

  private func send(
    _ slot: OrderedStage.Slot, _ transaction: SignedRecord, by method: any BroadcastMethod,
    leave: @escaping () -> Void
  ) {
    if let known = stop ?? unreachable.flatMap({ $0.until > clock.now ? $0.failure : nil }) {
      end(slot, Broadcaster.error(known))
      return leave()
    }
    broadcaster.send(transaction, by: method) { [self] outcome, failure in
      if let failure { note(failure) }
      switch outcome {
      case .sent(let txID): finish(slot, txID)
      case .ended(let error): end(slot, error)
      }
      leave()
    }
  }

  private func note(_ failure: APIFailure) {
    status = status.combined(with: failure.exitStatus)
    switch failure {
    case .unauthorized, .outOfCredits:
      if stop == nil { logger.error("\(failure.message); nothing more is sent") }
      stop = failure
    case .unreachable: unreachable = (clock.now + Self.pause, failure)
    default: break
    }
  }

  private func finish(_ slot: OrderedStage.Slot, _ txID: String) {
    slot.record["result"] = [
      "txId": .string(txID), "at": .string(Timestamp.text(unixTime: Timestamp.unixTime())),
    ]
    logger.info(
      "sent", metadata: ["chain": "\(slot.record.chain)", "id": "\(slot.record.id)", "txId": "\(txID)"])
    slot.finish()
  }

  private func end(_ slot: OrderedStage.Slot, _ error: RecordError) {
    slot.record.error = error
    note(slot.record, error)
    slot.finish()
  }

  private func note(_ record: Record, _ error: RecordError) {
    // Denied stays pending and unknown may be on the chain: only what failed is Tatum's to know.
    if error.outcome == .failed { failures.append((record.id, api.clean(error.description))) }
    logger.log(
      level: error.stage == .broadcast ? .error : .notice, "\(error.outcome.rawValue): \(error.message)",
      metadata: [
        "chain": "\(record.chain)", "code": "\(error.code.rawValue)", "id": "\(record.id)",
        "stage": "\(error.stage.rawValue)",
      ])
  }

  // MARK: The report

  private func report() {
    guard !failures.isEmpty else { return }
    guard stop == nil else {
      return logger.error("\(failures.count) failures are not reported: \(stop?.message ?? "")")
    }
    api.report(failures: failures) { [self] result in
      switch result {
      case .success: logger.debug("failures reported", metadata: ["count": "\(failures.count)"])
      case .failure(let failure):
        status = status.combined(with: failure.exitStatus)
        logger.error("\(failures.count) failures could not be reported: \(failure.message)")
      }
    }
    api.client.run()
  }
}

/// Keeps apart what must not overtake: a task waits for all earlier tasks that share a key with it.
struct SenderLanes {
  private final class Task {
    let keys: [String]
    let start: (@escaping () -> Void) -> Void
    init(_ keys: [String], _ start: @escaping (@escaping () -> Void) -> Void) {
      self.keys = keys
      self.start = start
    }
  }

  private final class State {
    var lanes: [String: [Task]] = [:]
  }

  private let state = State()

  /// Runs `start` when it is the turn of all `keys`; `start` is given what it calls when it is through.
  mutating func enter(_ keys: [String], start: @escaping (_ leave: @escaping () -> Void) -> Void) {
    let task = Task(Array(Set(keys)), start)
    for key in task.keys { state.lanes[key, default: []].append(task) }
    Self.startIfFirst(task, state)
  }

  private static func startIfFirst(_ task: Task, _ state: State) {
    guard task.keys.allSatisfy({ state.lanes[$0]?.first === task }) else { return }
    task.start {
      var next: [Task] = []
      for key in task.keys {
        state.lanes[key]?.removeFirst()
        if let first = state.lanes[key]?.first {
          if !next.contains(where: { $0 === first }) { next.append(first) }
        } else {
          state.lanes[key] = nil
        }
      }
      for task in next { startIfFirst(task, state) }
    }
  }
}
