import ArgumentParser
import KMSChains
import KMSNetwork
import KMSProcess
import KMSRecords
import KMSVault
import Logging

@main
struct KMSFetch: KMSProgram {
  static let configuration = CommandConfiguration(
    commandName: "kms-fetch",
    abstract: "Ask Tatum for pending transactions of the wallets in the vault.",
    discussion: """
      Writes one record for each pending transaction to standard output, with what is needed from the network to sign \
      it offline. Only chains that have wallets are asked for, all at once. The vault is only opened for the public \
      side of wallets.

      Example: TATUM_API_KEY=… kms-fetch --testnet | kms-verify | kms-sign --testnet | kms-broadcast
      """,
    version: KMSVersion.text(with: [.sqlite]))

  @Option(
    help: ArgumentHelp(
      "Chains to ask for, such as BTC,LTC,ETH. Default: all that have wallets.", valueName: "list"),
    completion: .list(ChainRegistry.names.all), transform: { try Self.chains($0) })
  var chain: [String]?

  @Flag(help: "Ask for testnet wallets instead of mainnet ones; the API key must be a testnet key.")
  var testnet = false

  @Option(
    help: ArgumentHelp(
      "The test network of a chain that has several, such as ETH=holesky.",
      discussion: "May stand several times. For transactions that do not name theirs; see docs/chains.md.",
      valueName: "chain=name"),
    transform: { try TestnetChoice(parsing: $0) })
  var testnetType: [TestnetChoice] = []

  @Option(
    help: ArgumentHelp("Ask for these wallets only: signature IDs, separated by commas.", valueName: "ids"),
    transform: { Set(Self.list($0).map { $0.lowercased() }) })
  var wallets: Set<String>?

  @Option(
    help: ArgumentHelp("Let these pending transactions through only, separated by commas.", valueName: "ids"),
    transform: { Set(Self.list($0)) })
  var transactionIds: Set<String>?

  @Option(
    help: ArgumentHelp("Seconds for one call, with everything that is tried again.", valueName: "seconds"))
  var timeout = Seconds(30)

  @OptionGroup var nodes: NodeOptions

  @Flag(
    help: ArgumentHelp(
      "Say on standard error what polling costs, and ask for nothing.",
      discussion: "What a poll has cost, the facts of transactions included, says --show-spent."))
  var showCost = false

  @Flag(help: "At the end, say on standard error what this poll has cost in credits.")
  var showSpent = false

  @Option(help: ArgumentHelp("For --show-cost: seconds from one poll to the next.", valueName: "seconds"))
  var period = 5

  @Option(help: ArgumentHelp("Locks of chains, see ChainLocks.", visibility: .hidden))
  var lockFd: Int32?

  @OptionGroup var tatum: TatumOptions
  @OptionGroup var vault: VaultOptions
  @OptionGroup var log: LogOptions

  func validate() throws {
    guard (1...86_400).contains(period) else { throw ValidationError("--period is 1 to 86400 seconds") }
  }

  func run() throws {
    let logger = log.logger(for: "kms-fetch")
    try Program.run("kms-fetch") {
      StopSignal.install()
      if log.checkConfiguration {
        _ = try tatum.address()
        return .ok
      }
      var confinement = try tatum.confinement(nodes: nodes.addresses)
      try vault.prepare(&confinement)
      confinement.apply(logger: logger)
      if showCost {
        let plan = try plan(try vault.openVault(for: .view), logger)
        for line in plan.costTable(period: period) { StandardError.writeLine(line) }
        return plan.status
      }
      // The API key leaves the environment before a password command inherits it.
      let api = try tatum.connect(client: HTTPClient(), timeout: timeout.duration, logger: logger)
      let vault = try vault.openVault(for: .view)
      let plan = try plan(vault, logger)
      let (locks, writer) = (ChainLocks(descriptor: lockFd, chains: ChainRegistry.names), RecordWriter())
      let run = FetchRun(
        api: api, testnet: testnet, transactionIDs: transactionIds,
        nodes: nodes.nodes, writer: writer, logger: logger
      ) { [chains = ChainRegistry.chains(choosing: testnetType)] chain, pending in
        read(pending, chain: chain, of: chains, vault: vault)
      }
      // What another pipeline still works on is polled by a later one.
      var free = plan.chains.filter { locks?.lock($0.name) ?? true }
      for i in free.indices { free[i].emptyTime = locks?.emptyTime(of: free[i].name) }
      var records: [String: Int] = [:]
      writer.onWrite = { records[$0.chain, default: 0] += 1 }
      run.onChainDone = { chain, askedAt, wasEmpty in
        switch wasEmpty {
        case true?: locks?.noteEmpty(chain, at: askedAt)
        case false?: locks?.endEmptyTime(of: chain)
        case nil: break
        }
        locks?.fetched(chain, records: records[chain] ?? 0)
      }
      let status = try run.run(free).combined(with: plan.status)
      api.saySpending(inFull: showSpent)
      return status
    }
  }

  private func plan(_ vault: Vault, _ logger: Logger) throws -> FetchPlan {
    try FetchPlan(
      chosen: chain, wallets: wallets, stocked: Set(vault.chains(testnet: testnet).map(\.chain)),
      supported: Set(ChainRegistry.chains.keys), logger: logger
    ) { try vault.signatureIDs(chain: $0, testnet: testnet) }
  }

  private func read(
    _ pending: JSONValue, chain name: String, of chains: [String: any Chain], vault: Vault
  ) -> Result<FetchRun.Reading, RecordError> {
    guard let chain = chains[name] else {
      return .failure(RecordError(.fetch, .failed, .unsupportedChain, "this build can't sign \(name)"))
    }
    if let refusal = RecordError(ifSignedElsewhere: pending, stage: .fetch) { return .failure(refusal) }
    do {
      let intent = try chain.read(PendingTransaction(pending, chain: name), testnet: testnet)
      // Not ours, or not there any more: kms-sign says so.
      let wallet = try intent.keyReferences.first.flatMap { try vault.view(of: $0.signatureID) }
      let needs = try intent.needs(wallet: wallet)
      let account = intent.keyReferences.first.map { "\($0.signatureID) \($0.index.map(String.init) ?? "")" }
      return .success(FetchRun.Reading(sender: account ?? "", needs: needs))
    } catch let error as ChainError {
      return .failure(RecordError(.fetch, .failed, error.code, error.message))
    } catch {
      return .failure(RecordError(.fetch, .failed, .walletUnreadable, "\(error)"))
    }
  }

  private static func list(_ text: String) -> [String] {
    text.split(separator: ",").map { $0.filter { !$0.isWhitespace } }.filter { !$0.isEmpty }
  }

  private static func chains(_ text: String) throws -> [String] {
    var names: [String] = []
    for typed in list(text) where !names.contains(typed.uppercased()) {
      let name = typed.uppercased()
      guard typed.utf8.allSatisfy({ $0 < 0x80 }), ChainRegistry.names.contains(name) else {
        throw ValidationError(
          "\(name) is no chain; known are \(ChainRegistry.names.all.joined(separator: ", "))")
      }
      names.append(name)
    }
    guard !names.isEmpty else { throw ValidationError("--chain names no chain") }
    return names
  }
}
