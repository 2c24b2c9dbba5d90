import KMSPrimitives
import KMSProcess
import KMSRecords

/// What the daemon has done so far, in numbers, and what is still open: for the file of metrics.
struct Tally {
  /// Durations in buckets, as Prometheus wants them.
  struct Histogram {
    /// Upper bounds in seconds.
    static let bounds = [0.5, 1, 2, 5, 10, 30, 60, 300]
    private(set) var counts = [Int](repeating: 0, count: bounds.count)
    private(set) var count = 0
    private(set) var milliseconds = 0

    mutating func add(_ duration: Duration) {
      let parts = duration.components
      let passed = max(0, parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000)
      for (i, bound) in Self.bounds.enumerated() where Double(passed) <= bound * 1000 { counts[i] += 1 }
      count += 1
      milliseconds += Int(passed)
    }
  }

  /// What is told apart.
  struct Kind: Hashable {
    let chain: String
    let outcome: String
  }

  /// A transaction that is pending still.
  struct Open {
    let kind: Kind
    fileprivate var lastPoll: Int
  }

  let started = Timestamp.unixTime()
  private(set) var polls = 0
  private(set) var pollBegan: Int64?
  private(set) var pollEnded: Int64?
  private(set) var pollDurations = Histogram()
  private(set) var results: [Kind: Histogram] = [:]
  private(set) var messages: [String: Int] = [:]
  private(set) var open: [String: Open] = [:]
  private var running: [Int: ContinuousClock.Instant] = [:]
  private var latest = 0

  /// Bounds memory.
  private static let maximumOpen = 100_000

  mutating func begin(_ poll: Int) {
    polls += 1
    latest = poll
    pollBegan = Timestamp.unixTime()
    running[poll] = .now
  }

  mutating func end(_ poll: Int) {
    pollEnded = Timestamp.unixTime()
    guard let start = running.removeValue(forKey: poll) else { return }
    pollDurations.add(start.duration(to: .now))
    // What no poll since has brought is not pending any more.
    let oldest = running.keys.min() ?? poll + 1
    open = open.filter { $0.value.lastPoll >= min(poll, oldest) }
  }

  /// A result came; its duration is that since the oldest poll that runs began.
  mutating func add(_ result: ResultLine) {
    let kind = Kind(chain: result.chain, outcome: result.outcome)
    results[kind, default: Histogram()].add(running.values.min()?.duration(to: .now) ?? .zero)
    guard result.outcome == "denied" || result.outcome == "unknown" else {
      open[result.id] = nil
      return
    }
    if open[result.id] != nil || open.count < Self.maximumOpen {
      open[result.id] = Open(kind: kind, lastPoll: latest)
    }
  }

  mutating func addMessage(level: String) { messages[level, default: 0] += 1 }
}
