public import KMSProcess
public import KMSRecords
public import Logging

/// Asks for pending transactions and adds what signing needs from the network: what kms-fetch does.
public final class FetchRun {
  /// One chain to ask for.
  public struct Chain: Sendable {
    /// Its name.
    public let name: String
    /// The wallets to ask for; not empty.
    public let signatureIDs: [String]

    /// Creates a chain to ask for.
    public init(name: String, signatureIDs: [String]) {
      self.name = name
      self.signatureIDs = signatureIDs
    }
  }

  /// What a chain says it needs for a pending transaction, or why it can't be signed at all.
  public typealias Needs = (_ chain: String, _ pending: JSONValue) -> Result<[Need], RecordError>

  /// A transaction whose facts are being collected.
  private final class Item {
    var record: Record
    var isDone = false
    /// Left for the next tick.
    var isDropped = false

    init(_ record: Record) { self.record = record }
  }

  /// What one chain's poll came to; its items are written after those of the chains before it.
  private final class Answer {
    var items: [Item]?
    var written = 0
  }

  private let api: TatumAPI
  private let testnet: Bool
  private let transactionIDs: Set<String>?
  private let needs: Needs
  private let writer: RecordWriter
  private let logger: Logger
  private let resolver: FactResolver
  private var status = ExitStatus.ok

  /// Told of each chain whose records are all written.
  public var onChainDone: ((_ chain: String) -> Void)?

  /// Creates a run.
  ///
  /// - Parameters:
  ///   - transactionIDs: when given, only these pending ids are let through.
  ///   - nodes: where to ask what Tatum does not answer.
  ///   - needs: called once for each pending transaction.
  public init(
    api: TatumAPI, testnet: Bool, transactionIDs: Set<String>?, nodes: PublicNodes = PublicNodes(),
    writer: RecordWriter, logger: Logger, needs: @escaping Needs
  ) {
    self.api = api
    self.testnet = testnet
    self.transactionIDs = transactionIDs
    self.needs = needs
    self.writer = writer
    self.logger = logger
    resolver = FactResolver { FactSources.source(of: $0, testnet: testnet, api: api, nodes: nodes) }
  }

  /// Asks for all chains at once, and writes records in the order of `chains` and of the API's lists, each as soon as
  /// its facts and those of all before it are there.
  ///
  /// - Throws: `ProgramFailure` (69) when libcurl can't be loaded; as the writer does.
  public func run(_ chains: [Chain]) throws -> ExitStatus {
    if !chains.isEmpty { try HTTPClient.requireLibrary() }  // said once, not for each chain
    let answers = chains.map { _ in Answer() }
    for (chain, answer) in zip(chains, answers) { poll(chain, answer) }
    var first = 0
    while api.client.pending > 0, !StopSignal.isRequested {
      api.client.step()
      try write(chains, answers, from: &first)
      try writer.flush()
    }
    try write(chains, answers, from: &first)
    try writer.flush()
    if first < answers.count, StopSignal.isRequested {
      logger.warning("stopped before every answer had arrived; the next run asks again")
    }
    return status
  }

  private func poll(_ chain: Chain, _ answer: Answer) {
    guard chain.signatureIDs.count <= TatumAPI.maximumSignatureIDs else {
      fail(
        chain.name,
        "\(chain.signatureIDs.count) signature IDs, and the API takes at most \(TatumAPI.maximumSignatureIDs) of one"
          + " chain: remove wallets, or spread them over vaults with an API key each", .configuration)
      answer.items = []
      return
    }
    api.pollPending(chain: chain.name, signatureIDs: chain.signatureIDs) { [self] result in
      switch result {
      case .failure(let failure):
        fail(chain.name, failure.message, failure.exitStatus)
        answer.items = []
      case .success(let pending):
        answer.items = items(of: pending, chain: chain.name)
        logger.debug("polled", metadata: ["chain": "\(chain.name)", "pending": "\(pending.count)"])
      }
    }
  }

  private func fail(_ chain: String, _ message: String, _ exit: ExitStatus) {
    status = status.combined(with: exit)
    logger.error("\(chain): \(message)", metadata: ["chain": "\(chain)"])
  }

  private func items(of pending: [JSONValue], chain: String) -> [Item] {
    var seen: Set<String> = []
    var items: [Item] = []
    for (i, value) in pending.enumerated() {
      do throws(RecordSyntaxError) {
        guard value.object != nil, let id = value["id"]?.string else {
          logger.error(
            "item \(i) of the list is no object with an id; skipped", metadata: ["chain": "\(chain)"])
          continue
        }
        if let transactionIDs, !transactionIDs.contains(id) { continue }
        let record = try Record(id: id, chain: chain, testnet: testnet, pending: value)
        guard seen.insert(id).inserted else {
          logger.warning("listed twice; taken once", metadata: ["chain": "\(chain)", "id": "\(id)"])
          continue
        }
        items.append(Item(record))
      } catch {
        logger.error("item \(i) of the list: \(error); skipped", metadata: ["chain": "\(chain)"])
      }
    }
    hydrate(items)
    return items
  }

  private func hydrate(_ items: [Item]) {
    var asking: [(item: Item, needs: [Need])] = []
    for item in items {
      switch needs(item.record.chain, item.record.pending) {
      case .failure(let error): end(item, error)
      case .success(let needs): asking.append((item, needs))
      }
    }
    leaveTwins(asking.filter { $0.needs.contains(.recentBlockhash) }.map(\.item))
    for (item, needs) in asking where !item.isDone {
      resolver.context(of: needs, chain: item.record.chain) { [self] result in
        switch result {
        case .success(let context):
          item.record["context"] = context
          item.isDone = true
        case .failure(let failure): end(item, failure)
        }
      }
    }
  }

  /// Leaves equal transactions of `items`, which only their blockhash tells apart, for other runs: with the same one they
  /// would be one transaction, and only one of them paid. Chance chooses, so that none waits for another for ever.
  private func leaveTwins(_ items: [Item]) {
    let groups = Dictionary(grouping: items) { $0.record.pending["serializedTransaction"]?.string }
    for (content, twins) in groups where content != nil && twins.count > 1 {
      guard let chosen = twins.randomElement() else { continue }
      for item in twins where item !== chosen {
        item.isDropped = true
        item.isDone = true
        logger.notice(
          "left for another run, which has another blockhash: with the same one, equal transactions are one payment",
          metadata: [
            "chain": "\(item.record.chain)", "id": "\(item.record.id)", "equal": "\(chosen.record.id)",
          ])
      }
    }
  }

  private func end(_ item: Item, _ failure: FactFailure) {
    switch failure.kind {
    case .refused: end(item, RecordError(.fetch, .failed, .apiError, failure.message))
    case .unsupported: end(item, RecordError(.fetch, .failed, .contextMissing, failure.message))
    case .passing(let exit):
      // Not the transaction's fault: nothing is reported to Tatum, and it comes again with the next poll.
      item.isDropped = true
      item.isDone = true
      status = status.combined(with: exit)
      logger.error("left for the next run: \(failure.message)", metadata: metadata(item))
    }
  }

  private func end(_ item: Item, _ error: RecordError) {
    item.record.error = error
    item.isDone = true
    logger.warning("\(error)", metadata: metadata(item))
  }

  private func metadata(_ item: Item) -> Logger.Metadata {
    ["chain": "\(item.record.chain)", "id": "\(item.record.id)"]
  }

  private func write(_ chains: [Chain], _ answers: [Answer], from first: inout Int) throws {
    while first < answers.count, let items = answers[first].items {
      while answers[first].written < items.count, items[answers[first].written].isDone {
        let item = items[answers[first].written]
        if !item.isDropped { try writer.write(item.record) }
        answers[first].written += 1
      }
      guard answers[first].written == items.count else { return }
      onChainDone?(chains[first].name)
      first += 1
    }
  }
}
