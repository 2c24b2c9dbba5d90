import KMSPrimitives
import KMSProcess
import KMSRecords

/// What the daemon is at, for `tatum-kms status`: the last poll, what is open since when, what has gone wrong.
///
/// It is written beside the vault when a poll has ended, as a whole and under another name first, so that a reader never sees
/// half of it. It holds nothing that the log does not hold.
struct StatusBoard {
  /// A transaction that is pending still.
  struct Open: Equatable {
    let chain: String
    let outcome: String
    let detail: String
    /// Since when it has this outcome, RFC 3339 in UTC.
    let since: String
  }

  /// A file is read up to this length.
  static let maximumLength = 16 << 20
  /// Open transactions that are kept; others are counted only.
  private static let maximumOpen = 10_000
  private static let maximumTroubles = 100

  private let began: String
  private let period: Int
  private var poll: (number: Int, began: String, ended: String?)?
  private var counts: [String: Int] = [:]
  private(set) var open: [String: Open] = [:]
  private var troubles: [String: String] = [:]
  private var stopped: String?

  /// - Parameters:
  ///   - period: seconds from poll to poll; 0 for a single one.
  ///   - last: what an earlier process has written: what is open since then is not open since now.
  init(period: Int, now: String, last: JSONValue?) {
    (began, self.period) = (now, period)
    for entry in last?["open"]?.array ?? [] {
      guard let id = entry["id"]?.string, let chain = entry["chain"]?.string,
        let outcome = entry["outcome"]?.string, let detail = entry["message"]?.string,
        let since = entry["since"]?.string
      else { continue }
      open[id] = Open(chain: chain, outcome: outcome, detail: detail, since: since)
    }
  }

  /// Whether a daemon has written this lately, and not that it has stopped.
  static func isRunning(_ board: JSONValue, now: Int64) -> Bool {
    let period = board["period"]?.number?.int64 ?? 0
    guard period > 0, board["stopped"]?.string == nil,
      let last = (board["poll"]?["ended"]?.string ?? board["began"]?.string).flatMap(Timestamp.unixTime(of:))
    else { return false }
    return now - last <= max(60, min(period, 1 << 30) * 3)
  }

  /// A poll has begun.
  mutating func begin(_ number: Int, now: String) { poll = (number, now, poll?.ended) }

  /// A poll has ended.
  mutating func end(_ number: Int, now: String) { poll = (number, poll?.began ?? now, now) }

  /// The daemon ends.
  mutating func stop(now: String) { stopped = now }

  /// A result has come; `isNew` when it did not come like this in the poll before.
  mutating func take(_ result: ResultLine, isNew: Bool, now: String) {
    if isNew { counts[result.outcome, default: 0] += 1 }
    guard result.outcome == "denied" || result.outcome == "unknown" else {
      open[result.id] = nil
      return
    }
    let known = open[result.id]
    guard known != nil || open.count < Self.maximumOpen else { return }
    let since = known?.outcome == result.outcome ? known?.since ?? now : now
    open[result.id] = Open(chain: result.chain, outcome: result.outcome, detail: result.detail, since: since)
  }

  /// A transaction is not pending any more.
  mutating func close(_ id: String) { open[id] = nil }

  /// Something has gone wrong, in the words of the log.
  mutating func add(trouble: String, now: String) {
    if troubles.count < Self.maximumTroubles { troubles[trouble] = troubles[trouble] ?? now }
  }

  /// It does not go wrong any more.
  mutating func remove(trouble: String) { troubles[trouble] = nil }

  /// The daemon's state in numbers, for a service manager: one line of plain ASCII, with no text that came from outside.
  var summary: String {
    let pending = Dictionary(grouping: open.values, by: \.outcome).mapValues(\.count)
    return
      "poll \(poll?.number ?? 0); since the start \(counts["sent"] ?? 0) sent, \(counts["failed"] ?? 0) failed; pending "
      + "\(pending["denied"] ?? 0) denied, \(pending["unknown"] ?? 0) unknown"
      + (troubles.isEmpty ? "" : "; \(troubles.count) troubles: tatum-kms status")
  }

  /// What is written; the same content gives the same bytes.
  var json: JSONValue {
    var object = JSONObject()
    object["v"] = 1
    object["began"] = .string(began)
    object["period"] = .number(JSONNumber(UInt64(period)))
    object["poll"] =
      poll.map { poll in
        [
          "number": .number(JSONNumber(UInt64(max(0, poll.number)))), "began": .string(poll.began),
          "ended": poll.ended.map(JSONValue.string) ?? .null,
        ]
      } ?? .null
    object["stopped"] = stopped.map(JSONValue.string) ?? .null
    var numbers = JSONObject()
    for outcome in ["sent", "denied", "unknown", "failed"] {
      numbers[outcome] = .number(JSONNumber(UInt64(counts[outcome] ?? 0)))
    }
    object["counts"] = .object(numbers)
    object["open"] = .array(
      open.sorted { ($0.value.since, $0.key) < ($1.value.since, $1.key) }.map { id, entry in
        [
          "id": .string(id), "chain": .string(entry.chain), "outcome": .string(entry.outcome),
          "message": .string(entry.detail), "since": .string(entry.since),
        ]
      })
    object["troubles"] = .array(
      troubles.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map {
        ["message": .string($0.key), "since": .string($0.value)]
      })
    return .object(object)
  }
}
