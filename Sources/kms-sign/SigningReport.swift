import KMSChains
import KMSProcess
import KMSRecords
import KMSVault
import Logging

/// What kms-sign tells people about its work.
struct SigningReport {
  private let logger: Logger
  private var counts: [String: Int] = [:]
  private var signed = 0
  private var reused = 0
  private var told: Set<CountedAccount> = []

  init(logger: Logger) { self.logger = logger }

  /// A record that had ended before it came here.
  mutating func passed() { counts["passed", default: 0] += 1 }

  /// A record that was refused here.
  mutating func refused(_ record: Record, _ error: RecordError) {
    counts[error.outcome.rawValue, default: 0] += 1
    logger.warning(
      "\(error.message)",
      metadata: [
        "id": "\(record.id)", "chain": "\(record.chain)", "outcome": "\(error.outcome.rawValue)",
        "code": "\(error.code.rawValue)",
      ])
  }

  /// A record that was signed, now or before.
  mutating func signed(_ work: Work, _ signed: SignedEntry, isReused: Bool) {
    if isReused { reused += 1 } else { self.signed += 1 }
    guard logger.logLevel <= .info else { return }
    let summary = work.summary
    // What lets somebody else take all there is deserves a second look.
    let level: Logger.Level =
      work.allowances.contains(where: \.isUnlimited) ? .warning : summary == nil ? .debug : .info
    guard logger.logLevel <= level else { return }
    var metadata: Logger.Metadata = ["id": "\(work.record.id)", "chain": "\(work.record.chain)"]
    if let txID = signed.entry.txID { metadata["txId"] = "\(txID)" }
    if let summary { metadata["summary"] = "\(summary)" }
    logger.log(
      level: level, isReused ? "gave out the recorded signature" : "signed",
      metadata: metadata)
  }

  /// Something about the journal that a person should know.
  func note(_ text: String) { logger.warning("\(text)") }

  /// Nonces that the network has passed and the journal does not know, said once for an account.
  mutating func note(_ unknown: UInt64, of account: CountedAccount) {
    guard told.insert(account).inserted else { return }
    logger.warning(
      """
      the network counts \(unknown) transactions of this sender that are not in the journal: somebody else signs for it, or an \
      older copy of the journal was put in its place
      """,
      metadata: ["sender": "\(account.address)", "chain": "\(account.chain)"])
  }

  /// The last line.
  func finish() {
    var counts = counts
    if signed > 0 { counts["signed"] = signed }
    if reused > 0 { counts["reused"] = reused }
    guard !counts.isEmpty else { return }
    logger.info("done", metadata: counts.reduce(into: [:]) { $0[$1.key] = "\($1.value)" })
  }
}
