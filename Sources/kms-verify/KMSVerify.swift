import ArgumentParser
import KMSChains
import KMSNetwork
import KMSProcess
import KMSRecords

@main
struct KMSVerify: KMSProgram {
  static let configuration = CommandConfiguration(
    commandName: "kms-verify",
    abstract: "Ask your own server about each transaction (the four-eye principle).",
    discussion: """
      Reads records on standard input and asks <external-url>/<id> about each. 2xx stamps an approval on the record, \
      which kms-sign demands for mainnet; any other answer denies it, and it is asked about again with the next poll. \
      Records of one sender go out in the order in which they came in.

      Example: kms-fetch | kms-verify --external-url https://approve.example.net --key-fd 3 3<approve.key | kms-sign
      """,
    version: KMSVersion.text())

  @Option(
    help: ArgumentHelp(
      "Your server. Without it testnet records pass unapproved and mainnet ones are denied.", valueName: "url"
    ))
  var externalURL: String?

  @Option(
    help: "GET sends the id only, so that a name is approved; POST also what would be signed, as JSON.")
  var method = VerifyRun.Method.get

  @OptionGroup(title: "Reaching the server")
  var access: ApproverAccess

  @Option(help: ArgumentHelp("Seconds for one answer.", valueName: "seconds"))
  var timeout = Seconds(10)

  @Option(
    help: ArgumentHelp(
      "How many questions are under way at once for each blockchain, 1 to 256.",
      discussion: "One that has no answer after a second makes room for another.", valueName: "n"))
  var concurrency = 8

  @Option(
    help: ArgumentHelp(
      "Read the approve key from this file descriptor; needed with --external-url.", valueName: "n"))
  var keyFd: Int32?

  @OptionGroup var log: LogOptions

  func validate() throws {
    guard (1...256).contains(concurrency) else { throw ValidationError("--concurrency is 1 to 256") }
  }

  func run() throws {
    let logger = log.logger(for: "kms-verify")
    try Program.run("kms-verify") {
      StopSignal.install()
      if log.checkConfiguration {
        _ = try address()
        try access.check()
        return .ok
      }
      Confinement.speaking(to: [try address()], reading: access.files).apply(logger: logger)
      let reader = RecordReader(chains: ChainRegistry.names, logger: logger)
      try reader.refuseTerminal(program: "kms-verify")
      var settings = HTTPClient.Settings()
      settings.concurrency = concurrency
      settings.patience = .seconds(1)
      settings.connectTimeout = min(settings.connectTimeout, timeout.duration)
      try access.configure(&settings)
      let run = VerifyRun(
        server: try server(), client: HTTPClient(settings), logger: logger, summary: summary)
      return try run.run(reader: reader, writer: RecordWriter())
    }
  }

  /// What a transaction would do, where its chain says so; whatever can't be read is kms-sign's to refuse.
  private func summary(of record: Record) -> String? {
    guard let chain = ChainRegistry.chains[record.chain] else { return nil }
    let intent: any Intent
    do throws(ChainError) {
      intent = try chain.read(
        PendingTransaction(record.pending, chain: record.chain), testnet: record.testnet)
    } catch { return nil }
    return intent.summary
  }

  private func address() throws -> WebAddress? {
    guard let externalURL else { return nil }
    return try access.address(externalURL)
  }

  private func server() throws -> VerifyRun.Server? {
    guard let address = try address() else { return nil }
    guard let keyFd else {
      throw ProgramFailure(
        .configuration, "approvals are stamped with the approve key, and --key-fd does not say where it is",
        hint: "kms-wallet unlock prints it")
    }
    let key = try StageKey.read(descriptor: keyFd, kind: .approve)
    return VerifyRun.Server(
      address: address, method: method, timeout: timeout.duration, key: key, headers: try access.headers())
  }
}
