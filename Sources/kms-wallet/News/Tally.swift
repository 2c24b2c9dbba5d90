import KMSPrimitives
import KMSProcess

/// What the daemon has done since it began, in numbers, for the file of metrics.
struct Tally {
  /// Durations, counted up to each of some bounds.
  struct Histogram {
    /// Upper bounds in milliseconds.
    static let bounds = [250, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 300_000]
    /// How many were not longer than the bound of the same place.
    private(set) var counts = [Int](repeating: 0, count: bounds.count)
    private(set) var count = 0
    private(set) var milliseconds = 0

    mutating func add(_ duration: Duration) {
      let parts = duration.components
      let passed = Int(max(0, parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000))
      for (i, bound) in Self.bounds.enumerated() where passed <= bound { counts[i] += 1 }
      count += 1
      milliseconds += passed
    }
  }

  /// What transactions are told apart by.
  struct Kind: Hashable, Comparable {
    let chain: String
    let outcome: String

    static func < (one: Kind, other: Kind) -> Bool { (one.chain, one.outcome) < (other.chain, other.outcome) }
  }

  let began = Timestamp.unixTime()
  private(set) var polls = 0
  private(set) var lastBegan: Int64?
  private(set) var lastEnded: Int64?
  private(set) var pollDurations = Histogram()
  /// Transactions by what became of them, with the time that it took.
  private(set) var results: [Kind: Histogram] = [:]
  /// Messages of all programs by level.
  private(set) var messages: [String: Int] = [:]
  private var running: [Int: ContinuousClock.Instant] = [:]

  /// A poll has begun.
  mutating func begin(_ poll: Int) {
    polls += 1
    lastBegan = Timestamp.unixTime()
    running[poll] = .now
  }

  /// A poll has ended.
  mutating func end(_ poll: Int) {
    lastEnded = Timestamp.unixTime()
    if let start = running.removeValue(forKey: poll) { pollDurations.add(start.duration(to: .now)) }
  }

  /// A transaction has come to an outcome that it did not have in the poll before. Its time is that since the oldest poll that
  /// still runs began, so at least as long as it took.
  mutating func add(_ result: ResultLine) {
    let kind = Kind(chain: result.chain, outcome: result.outcome)
    results[kind, default: Histogram()].add(running.values.min()?.duration(to: .now) ?? .zero)
  }

  /// A message has come, new or not.
  mutating func addMessage(level: String) { messages[level, default: 0] += 1 }
}
