import KMSChains
import KMSCrypto
import KMSPrimitives
import KMSProcess
import KMSRecords
import KMSSigning
import KMSVault
import Logging

/// The work of kms-sign: lines in, signed lines out, a group at a time.
///
/// A group is what has arrived, up to 512 lines. Parsing, checking approvals and signing run on all cores; the
/// vault and the journal are asked in order. The journal is committed once per group, before anything of the group
/// is written out.
struct SigningStage {
  private static let groupSize = 512

  private let opening: VaultOpening
  private let policy: SigningPolicy
  private let testnetOnly: Bool
  private let logger: Logger
  private var opened: VaultOpening.Opened?
  private var status = ExitStatus.ok
  private var counts: [String: Int] = [:]

  init(opening: VaultOpening, policy: SigningPolicy, testnetOnly: Bool, logger: Logger) {
    self.opening = opening
    self.policy = policy
    self.testnetOnly = testnetOnly
    self.logger = logger
  }

  /// Handles all input.
  ///
  /// - Throws: `ProgramError` when the vault can't be opened or input or output fails; `BrokenPipe`.
  consuming func run(reader: RecordReader, writer: RecordWriter) throws -> ExitStatus {
    while true {
      let lines = try reader.nextBatch(maximum: Self.groupSize)
      if lines.isEmpty { break }
      try handle(lines, reader: reader, writer: writer)
      try writer.flush()
    }
    if opened == nil, !opening.resign.isEmpty { _ = try opening.openJournal() }
    if !counts.isEmpty {
      logger.info("done", metadata: counts.reduce(into: [:]) { $0[$1.key] = "\($1.value)" })
    }
    return status.combined(with: reader.exitStatus)
  }

  private mutating func handle(_ lines: [RecordReader.Line], reader: RecordReader, writer: RecordWriter)
    throws
  {
    let testnetOnly = testnetOnly
    var drafts = Parallel.map(lines.count) { Draft(lines[$0], testnetOnly: testnetOnly) }
    for case .skipped(let line, let reason) in drafts { reader.report(line.number, reason) }
    if drafts.contains(where: \.isWork) {
      let opened = try opened ?? opening.open()
      self.opened = opened
      let (candidates, demands, approveKey) = (drafts, opened.demands, opened.approveKey)
      let now = Timestamp.unixTime()
      drafts = Parallel.map(candidates.count) {
        candidates[$0].checkingApproval(demands, approveKey, now: now)
      }
      if drafts.contains(where: \.isWork) {
        var group = SigningGroup(
          drafts: drafts, keys: opened.keys, journal: opened.journal, policy: policy,
          now: Timestamp.unixTime())
        drafts = group.finish()
        if let problem = group.journalProblem {
          Program.report(problem, program: "kms-sign")
          status = status.combined(with: problem.exitStatus)
        }
      }
    }
    for draft in drafts {
      guard case .finished(let record, let summary) = draft else { continue }
      note(record, summary)
      try writer.write(record)
    }
  }

  private mutating func note(_ record: Record, _ summary: String?) {
    if let error = record.error {
      counts[error.stage == .sign ? error.outcome.rawValue : "passed", default: 0] += 1
      guard error.stage == .sign else { return }
      logger.warning(
        "\(error.message)",
        metadata: [
          "id": "\(record.id)", "chain": "\(record.chain)", "outcome": "\(error.outcome.rawValue)",
          "code": "\(error.code.rawValue)",
        ])
    } else {
      let reused = record["signed"]?["reused"]?.bool == true
      counts[reused ? "reused" : "signed", default: 0] += 1
      let message: Logger.Message = reused ? "gave out the recorded signature" : "signed"
      var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = ["id": "\(record.id)", "chain": "\(record.chain)"]
        if let txId = record["signed"]?["txId"]?.string { metadata["txId"] = "\(txId)" }
        return metadata
      }
      if let summary {
        logger.info(message, metadata: metadata.merging(["summary": "\(summary)"]) { $1 })
      } else {
        logger.debug(message, metadata: metadata)
      }
    }
  }
}
