import ArgumentParser
import KMSChains
import KMSNetwork
import KMSProcess
import KMSRecords

@main
struct KMSBroadcast: KMSProgram {
  static let configuration = CommandConfiguration(
    commandName: "kms-broadcast",
    abstract: "Send signed transactions through the Tatum API.",
    discussion: """
      Reads records on standard input, sends what is signed, and writes one line for each: with a result, or with an \
      error that says whether it was denied, failed or unknown. Failures of the run are reported to Tatum in one call; \
      what was denied or may have been sent is not.

      Example: kms-sign < approved.jsonl | kms-broadcast > results.jsonl
      """,
    version: KMSVersion.text())

  @OptionGroup var tatum: TatumOptions

  @Option(
    help: ArgumentHelp("Seconds for one call, with everything that is tried again.", valueName: "seconds"))
  var timeout = Seconds(60)

  @OptionGroup var nodes: NodeOptions

  @Option(
    help: ArgumentHelp(
      "Note in this file what the network refused for good, for kms-sign, which gives out the nonces again.",
      valueName: "file"), completion: .file())
  var refusals: String?

  @Option(help: ArgumentHelp("Locks of chains, see ChainLocks.", visibility: .hidden))
  var lockFd: Int32?

  @Flag(
    name: [.customLong("show-spent"), .customLong("show-cost")],
    help: "At the end, say on standard error what this run has cost in credits.")
  var showSpent = false

  @Flag(help: "Say on standard error what would be sent, and send nothing.")
  var dryRun = false

  @OptionGroup var log: LogOptions

  func run() throws {
    let logger = log.logger(for: "kms-broadcast")
    try Program.run("kms-broadcast") {
      StopSignal.install()
      if log.checkConfiguration {
        _ = try tatum.address()
        _ = try refusals.map { path throws(ProgramFailure) in try RefusalsFile.Writer(path) }
        return .ok
      }
      let refused =
        dryRun ? nil : try refusals.map { path throws(ProgramFailure) in try RefusalsFile.Writer(path) }
      try tatum.confinement(nodes: nodes.addresses).apply(logger: logger)
      let reader = RecordReader(chains: ChainRegistry.names, logger: logger)
      try reader.refuseTerminal(program: "kms-broadcast")
      if dryRun {
        return try BroadcastRun.dryRun(reader: reader, writer: RecordWriter(), base: try tatum.address())
      }
      let api = try tatum.connect(client: HTTPClient(), timeout: timeout.duration, logger: logger)
      let writer = RecordWriter()
      var locks = ChainLocks(descriptor: lockFd, chains: ChainRegistry.names)
      writer.onWrite = { locks?.finish($0.chain) }
      let status = try BroadcastRun(api: api, nodes: nodes.nodes, refusals: refused, logger: logger)
        .run(reader: reader, writer: writer)
      api.saySpending(inFull: showSpent)
      return status
    }
  }
}
