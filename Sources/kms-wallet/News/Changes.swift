/// What has been said, so that only what is new is said again, and once more when it is over.
///
/// Polls are numbered as they begin and may overlap. Something is over when it did not come in any of the three polls that
/// began after it last came, and every poll up to then has ended: a chain that answers after a minute is not over in the
/// meantime because others are polled.
struct Changes {
  /// Something that came.
  struct Entry: Equatable {
    /// What it is known by.
    let key: String
    /// What it is now; another text is a change.
    var state: String
    /// What to say when it is over; nil: nothing.
    var ending: String?
    /// In how many polls it has to have come for that.
    var pollsForEnding: Int
    fileprivate var lastPoll: Int
    /// In how many polls it came.
    fileprivate(set) var polls: Int

    /// Whether its end is worth a word, as it is known by then.
    var isWorthAWord: Bool { ending != nil && polls >= pollsForEnding }
  }

  private var entries: [String: Entry] = [:]
  private var begun = 0
  /// All polls up to this one have ended.
  private var endedUpTo = 0
  private var ended: Set<Int> = []

  /// Polls without it after which something is over.
  private static let patience = 3
  /// Bounds memory: beyond, everything is new again.
  private static let maximumEntries = 100_000

  /// How many things are remembered.
  var count: Int { entries.count }

  /// A poll has begun; numbers rise by one.
  mutating func begin(_ poll: Int) {
    if begun == 0 { endedUpTo = poll - 1 }
    begun = max(begun, poll)
  }

  /// Notes that `key` came in a state; true when that is new.
  mutating func isNew(_ key: String, state: String, ending: String?, pollsForEnding: Int = 2) -> Bool {
    guard var entry = entries[key] else {
      if entries.count >= Self.maximumEntries { entries.removeAll() }
      entries[key] = Entry(
        key: key, state: state, ending: ending, pollsForEnding: pollsForEnding, lastPoll: begun, polls: 1)
      return true
    }
    if entry.lastPoll != begun { entry.polls += 1 }
    let isNew = entry.state != state
    if isNew { entry.polls = 1 }
    (entry.state, entry.ending, entry.lastPoll) = (state, ending, begun)
    entries[key] = entry
    return isNew
  }

  /// A poll has ended. Returns what is over now, in no order that depends on hash tables.
  mutating func end(_ poll: Int) -> [Entry] {
    ended.insert(poll)
    while ended.remove(endedUpTo + 1) != nil { endedUpTo += 1 }
    let over = entries.filter { $0.value.lastPoll + Self.patience <= endedUpTo }
    for key in over.keys { entries[key] = nil }
    return over.sorted { $0.key < $1.key }.map(\.value)
  }
}
