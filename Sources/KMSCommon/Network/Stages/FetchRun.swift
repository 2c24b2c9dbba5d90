public import KMSChains
internal import KMSPrimitives
public import KMSProcess
public import KMSRecords
public import Logging

/// Asks for pending transactions and adds what signing needs from the network: what kms-fetch does.
///
/// No chain waits for another, and no transaction for another but for an earlier one of its sender.
public final class FetchRun {
  /// One chain to ask for.
  public struct Chain: Sendable {
    /// Its name.
    public let name: String
    /// The wallets to ask for; not empty.
    public let signatureIDs: [String]
    /// Whether these are all wallets of the chain.
    public let isAll: Bool
    /// Since when and until when earlier lists of all of them were empty, in Unix time, as far as that is known.
    public var emptyTime: ClosedRange<Int64>?

    /// Creates a chain to ask for.
    public init(name: String, signatureIDs: [String], isAll: Bool = true) {
      self.name = name
      self.signatureIDs = signatureIDs
      self.isAll = isAll
    }
  }

  /// What a chain says about a pending transaction.
  public struct Reading: Sendable {
    /// The account that signs first, in any form: transactions of one account stay in order.
    public let sender: String
    /// What signing needs from the network.
    public let needs: [Need]

    /// Creates what was read.
    public init(sender: String, needs: [Need]) {
      self.sender = sender
      self.needs = needs
    }
  }

  /// Reads a pending transaction, or says why it can't be signed at all.
  public typealias Reader = (_ chain: String, _ pending: JSONValue) -> Result<Reading, RecordError>

  private let api: TatumAPI
  private let testnet: Bool
  private let transactionIDs: Set<String>?
  private let read: Reader
  private let writer: RecordWriter
  private let logger: Logger
  private let resolver: FactResolver
  private var polls: [ChainPoll] = []
  private var status = ExitStatus.ok
  /// Set when the API takes no more calls in this run.
  private var end: String?
  private var leftAtEnd = 0
  /// Set when no more is written: what is lent from now on goes back at once.
  private var isOver = false
  /// What was lent for records that the reader may not have yet.
  private var lent: [(context: FactResolver.Context, chain: String)] = []

  /// Told of each chain whose records are all written: when its list was asked for, in Unix time, and whether that came in
  /// whole and was empty; nil when nobody knows.
  public var onChainDone: ((_ chain: String, _ askedAt: Int64, _ wasEmpty: Bool?) -> Void)?
  private var told: Set<String> = []

  /// Creates a run.
  ///
  /// - Parameters:
  ///   - transactionIDs: when given, only these pending ids are let through.
  ///   - nodes: where to ask what Tatum does not answer.
  ///   - read: called once for each pending transaction.
  public init(
    api: TatumAPI, testnet: Bool, transactionIDs: Set<String>?, nodes: PublicNodes = PublicNodes(),
    writer: RecordWriter, logger: Logger, read: @escaping Reader
  ) {
    self.api = api
    self.testnet = testnet
    self.transactionIDs = transactionIDs
    self.read = read
    self.writer = writer
    self.logger = logger
    resolver = FactResolver(runner: DialogueRunner(api: api, nodes: nodes))
  }

  /// Asks for all chains at once, and writes each record as soon as its facts are there, after earlier ones of its sender.
  ///
  /// - Throws: `ProgramFailure` (69) when libcurl can't be loaded; as the writer does.
  public func run(_ chains: [Chain]) throws -> ExitStatus {
    if !chains.isEmpty { try HTTPClient.requireLibrary() }  // said once, not for each chain
    let now = Timestamp.unixTime()
    polls = chains.map { ChainPoll($0.name, askedAt: now, emptyTime: $0.emptyTime) }
    for (chain, poll) in zip(chains, polls) { start(chain, poll) }
    defer { giveBack() }
    repeat {
      api.client.step(writing: writer.isEmpty ? nil : writer.descriptor)
      try write()
    } while !StopSignal.isRequested && (api.client.pending > 0 || polls.contains(where: \.hasReady))
    try write(waiting: true)
    if let end {
      logger.error(
        "\(end); nothing more is asked, and \(leftAtEnd) transactions are left for another run")
    } else if StopSignal.isRequested, polls.contains(where: { !$0.isOver }) {
      logger.warning("stopped before every answer had arrived; the next run asks again")
    }
    return status
  }

  /// Writes what is ready, as far as the reader takes it: a slow one holds back the lists, not the calls.
  private func write(waiting: Bool = false) throws {
    for poll in polls {
      repeat {
        let list = poll.json
        try poll.takeReady(while: { waiting || writer.hasRoom }) { item in
          guard !item.isLeft else { return }
          if let context = item.context, context.isLent { lent.append((context, poll.name)) }
          item.record["poll"] = list
          if item.record.lineLength > RecordReader.maximumLineLength { item.record["poll"] = nil }
          writer.add(item.record)
          if !writer.hasRoom { try waiting ? writer.flush() : writer.push() }
        }
        if !waiting { collect(poll) }
      } while poll.hasReady && (waiting || writer.hasRoom)
    }
    try waiting ? writer.flush() : writer.push()
    if writer.isEmpty { lent.removeAll() }
    for poll in polls where poll.isOver && told.insert(poll.name).inserted {
      onChainDone?(poll.name, poll.askedAt, poll.wasEmpty)
    }
  }

  /// Gives back what was lent for records that were not written: after a stop, and when the reader is gone.
  private func giveBack() {
    isOver = true
    resolver.lendsNoMore = true
    for (context, chain) in lent { resolver.release(context, chain: chain) }
    for poll in polls {
      for item in poll.takeUnwritten() {
        if let context = item.context { resolver.release(context, chain: poll.name) }
      }
    }
    // Whoever asked for a stop waits for nothing else.
    while resolver.isLending { api.client.step() }
  }

  // MARK: The list

  private func start(_ chain: Chain, _ poll: ChainPoll) {
    guard chain.signatureIDs.count <= TatumAPI.maximumSignatureIDs else {
      fail(
        chain.name,
        "\(chain.signatureIDs.count) signature IDs, and the API takes at most \(TatumAPI.maximumSignatureIDs) of one"
          + " chain: remove wallets, or spread them over vaults with an API key each", .configuration)
      return poll.endList(isWhole: false)
    }
    let list = PendingList(isFull: { poll.isFull }, begin: poll.beginAttempt) { [self] piece in
      take(piece, poll)
    }
    api.pollPending(chain: chain.name, signatureIDs: chain.signatureIDs, into: list) { [self] result in
      if case .success = result {
        poll.endList(isWhole: transactionIDs == nil && chain.isAll && !poll.isIncomplete)
      } else {
        poll.endList(isWhole: false)
      }
      decide(poll)
      switch result {
      case .failure(let failure) where CallFailure(failure).endsRun: stop(failure.message, failure.exitStatus)
      case .failure where end != nil: break
      case .failure(let failure): fail(chain.name, failure.message, failure.exitStatus)
      case .success:
        logger.debug("polled", metadata: ["chain": "\(chain.name)", "pending": "\(poll.count)"])
      }
    }
  }

  private func fail(_ chain: String, _ message: String, _ exit: ExitStatus) {
    status = status.combined(with: exit)
    logger.error("\(chain): \(message)", metadata: ["chain": "\(chain)"])
  }

  /// Decision 23: said once, with what else was left.
  private func stop(_ message: String, _ exit: ExitStatus) {
    guard end == nil else { return }
    status = status.combined(with: exit)
    end = message
    api.client.giveUpWaiting("nothing more is asked in this run")
  }

  private func take(_ piece: PendingList.Piece, _ poll: ChainPoll) {
    switch piece {
    case .tooLong(let at): skip(at, "longer than a record may be", poll)
    case .item(let text, let at):
      do throws(JSONSyntaxError) {
        take(try JSONValue(parsing: text), size: text.count, at: at, poll)
      } catch { skip(at, "\(error)", poll) }
    }
    collect(poll)
  }

  private func skip(_ at: Int, _ why: String, _ poll: ChainPoll) {
    poll.isIncomplete = true
    logger.error("item \(at) of the list: \(why); skipped", metadata: ["chain": "\(poll.name)"])
  }

  private func take(_ pending: JSONValue, size: Int, at: Int, _ poll: ChainPoll) {
    guard pending.object != nil, let id = pending["id"]?.string else {
      return skip(at, "no object with an id", poll)
    }
    if let transactionIDs, !transactionIDs.contains(id) { return }
    let record: Record
    do throws(RecordSyntaxError) {
      record = try Record(id: id, chain: poll.name, testnet: testnet, pending: pending)
    } catch { return skip(at, "\(error)", poll) }
    switch poll.note(id: id) {
    case .new: break
    case .taken: return
    case .listedTwice:
      return logger.warning("listed twice; taken once", metadata: ["chain": "\(poll.name)", "id": "\(id)"])
    }
    if let twin = poll.twin(of: pending, id: id) {
      logger.notice(
        "asks for the very same as another one: two ids are two payments, if both are approved",
        metadata: ["chain": "\(poll.name)", "id": "\(id)", "equal": "\(twin)"])
    }
    switch read(poll.name, pending) {
    case .failure(let error):
      let item = ChainPoll.Item(record, sender: nil, needs: [], size: size)
      poll.add(item)
      end(item, error, poll)
    case .success(let reading):
      let item = ChainPoll.Item(
        record, sender: ContentKey(reading.sender), needs: reading.needs, size: size)
      poll.add(item)
      if !poll.putAside(item) { poll.queue(item) }
    }
  }

  /// Leaves equal transactions, which only a fact of this poll tells apart, for other runs: with the same one they would
  /// be one transaction, and only one of them paid.
  private func decide(_ poll: ChainPoll) {
    poll.decide {
      poll.queue($0)
    } left: { item, other in
      logger.notice(
        "left for another run: in this one, it and an equal transaction would be one payment",
        metadata: ["chain": "\(poll.name)", "id": "\(item.record.id)", "equal": "\(other)"])
      poll.finish(item, isLeft: true)
    }
  }

  // MARK: Facts

  /// Asks for the facts of as many as may be collected at once. When no more is taken up, who waits to be chosen is.
  private func collect(_ poll: ChainPoll) {
    if poll.isFull { decide(poll) }
    while let item = poll.takeWaiting() { complete(item, poll) }
  }

  private func complete(_ item: ChainPoll.Item, _ poll: ChainPoll) {
    guard end == nil else {
      leftAtEnd += 1
      return poll.finish(item, isLeft: true)
    }
    resolver.context(of: item.needs, chain: poll.name) { [self] result in
      switch result {
      case .success(let context) where isOver: resolver.release(context, chain: poll.name)
      case .success(let context):
        item.record["context"] = context.json
        guard item.record.lineLength <= RecordReader.maximumLineLength else {
          resolver.release(context, chain: poll.name)
          item.record["context"] = nil
          return end(
            item,
            RecordError(
              .fetch, .failed, .malformedTransaction,
              "with what signing needs, its record is longer than \(RecordReader.maximumLineLength) bytes: the "
                + "transactions that made what it spends are too large; spend fewer outputs at once"), poll)
        }
        item.context = context
        poll.finish(item, facts: item.record.lineLength - item.size)
      case .failure(let failure): end(item, failure, poll)
      }
    }
  }

  private func end(_ item: ChainPoll.Item, _ failure: DialogueFailure, _ poll: ChainPoll) {
    if case .ended = failure.kind { stop(failure.message, failure.exitStatus) }
    guard end == nil else {
      leftAtEnd += 1
      return poll.finish(item, isLeft: true)
    }
    switch failure.kind {
    case .refused: end(item, RecordError(.fetch, .failed, .apiError, failure.message), poll)
    case .passing:
      // Not the transaction's fault: nothing is reported to Tatum, and it comes again with the next poll.
      status = status.combined(with: .temporary)
      end(
        item, RecordError(.fetch, .unknown, .apiError, "\(failure.message); asked again in the next run"),
        poll)
    case .ended: break
    }
  }

  private func end(_ item: ChainPoll.Item, _ error: RecordError, _ poll: ChainPoll) {
    item.record.error = error
    logger.warning("\(error)", metadata: ["chain": "\(poll.name)", "id": "\(item.record.id)"])
    poll.finish(item)
  }
}
