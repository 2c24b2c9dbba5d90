import KMSPrimitives
import KMSRecords
import KMSVault

/// Which lists of pending transactions came in whole: kms-fetch says in `poll` how many records a list has, and all of them
/// have come. And since when and until when lists before it were empty.
struct ListsSeen {
  private struct List: Hashable {
    let chain: PolledChain
    let askedAt: String
  }

  private struct Count {
    var came = 0
    var listed: UInt64?
    /// When the first of its records came.
    let since: Int64
  }

  private var counts: [List: Count] = [:]
  /// Chains on which a nonce was asked for: the others need no note.
  private var asked: Set<PolledChain> = []
  private var lastAsked: PolledChain?

  /// Lists that are kept apart; a pipeline has one for each chain.
  private static let most = 256

  /// The records that came one after the other with the same `poll`: mostly all, so that it is read once.
  private var latest: (record: Record, text: ArraySlice<UInt8>, came: Int, since: Int64)?

  /// When lists of a chain were empty, by the latest of its records.
  private(set) var emptyTimes: [PolledChain: ClosedRange<Int64>] = [:]

  /// Takes in a record, whatever becomes of it.
  mutating func take(_ record: Record, _ now: Int64) {
    guard let text = record.text(of: "poll") else { return }
    if let latest, latest.text == text, latest.record.chain == record.chain,
      latest.record.testnet == record.testnet
    {
      self.latest?.came += 1
      return
    }
    settle()
    latest = (record, text, 1, now)
    // Most have no such time: what is said of the list alone is shorter.
    if text.count > 64 { emptyTimes[PolledChain(record)] = Self.emptyTime(record["poll"], now) }
  }

  /// The time in which lists were empty. One that ends after its own list, or after now, is of a clock that goes otherwise than
  /// this one, and tells nothing.
  private static func emptyTime(_ poll: JSONValue?, _ now: Int64) -> ClosedRange<Int64>? {
    func time(_ name: String) -> Int64? { poll?[name]?.string.flatMap { Timestamp.unixTime(of: $0) } }
    guard let since = time("emptySince"), let until = time("emptyUntil"), let at = time("at"),
      since <= until, until <= at, at <= now
    else { return nil }
    return since...until
  }

  private mutating func settle() {
    guard let latest else { return }
    self.latest = nil
    guard let poll = latest.record["poll"], let time = poll["at"]?.string else { return }
    let list = List(chain: PolledChain(latest.record), askedAt: time)
    guard counts[list] != nil || counts.count < Self.most else { return }
    counts[list, default: Count(since: latest.since)].came += latest.came
    if let listed = poll["listed"]?.number?.uint64 { counts[list]?.listed = listed }
  }

  /// Says that a nonce was asked for.
  mutating func ask(_ chain: PolledChain) {
    guard chain != lastAsked else { return }
    lastAsked = chain
    asked.insert(chain)
  }

  /// What came in whole, and a time at which it was asked for that no clock of another machine can make later than its records.
  mutating func whole() -> [(PolledChain, Int64)] {
    settle()
    return counts.compactMap { list, count -> (PolledChain, Int64)? in
      guard asked.contains(list.chain), let listed = count.listed, UInt64(count.came) == listed,
        let time = Timestamp.unixTime(of: list.askedAt)
      else { return nil }
      return (list.chain, min(time, count.since))
    }.sorted { $0.1 < $1.1 }
  }
}

extension PolledChain {
  /// The list that a record stood in.
  init(_ record: Record) { self.init(name: record.chain, testnet: record.testnet) }
}
