/// Calls that wait for their turn, by group: groups take turns, each has places of its own, and a group whose server does
/// not answer holds up nobody but itself.
///
/// A group begins with few places and gets one more with each answer, so that a server that is silent from the start
/// holds few connections; a call that gets no answer halves them.
struct CallQueue<Job> {
  private struct Group {
    var waiting: [Job] = []
    var start = 0
    /// The calls under way that take a place.
    var taken = 0
    var places: Int

    var isEmpty: Bool { start == waiting.count }

    /// Takes the first job that `mayStart`.
    mutating func takeFirst(where mayStart: (Job) -> Bool) -> Job? {
      guard let at = waiting[start...].firstIndex(where: mayStart) else { return nil }
      if at > start { return waiting.remove(at: at) }
      let job = waiting[at]
      start += 1
      if start == waiting.count || start > 1024 {
        waiting.removeSubrange(..<start)
        start = 0
      }
      return job
    }
  }

  private let maximumPlaces: Int
  private let maximumTotal: Int
  private var groups: [String: Group] = [:]
  /// The groups that have jobs waiting, in the order of their turns.
  private var turns: [String] = []
  /// The calls under way, those included that gave their place away.
  private var total = 0

  /// How many calls wait.
  private(set) var count = 0

  private static var firstPlaces: Int { 4 }

  /// Creates a queue: at most `maximumPlaces` calls of one group take a place, at most `maximumTotal` calls are under way.
  init(maximumPlaces: Int, maximumTotal: Int) {
    self.maximumPlaces = maximumPlaces
    self.maximumTotal = max(maximumTotal, maximumPlaces)
  }

  /// Adds a call at the end of its group, or where it was `retried` at its head.
  mutating func add(_ job: Job, group name: String, retried: Bool = false) {
    var group = groups.removeValue(forKey: name) ?? Group(places: min(Self.firstPlaces, maximumPlaces))
    if group.isEmpty { turns.append(name) }
    if retried { group.waiting.insert(job, at: group.start) } else { group.waiting.append(job) }
    groups[name] = group
    count += 1
  }

  /// Takes the next call whose group has a place and that `mayStart`; it takes the place.
  mutating func takeNext(where mayStart: (Job) -> Bool) -> Job? {
    guard total < maximumTotal else { return nil }
    for at in turns.indices {
      let name = turns[at]
      guard groups[name].map({ $0.taken < $0.places }) ?? false,
        let job = groups[name]?.takeFirst(where: mayStart)
      else { continue }
      turns.remove(at: at)
      if groups[name]?.isEmpty == false { turns.append(name) }
      groups[name]?.taken += 1
      total += 1
      count -= 1
      return job
    }
    return nil
  }

  /// Gives the place of a call away that is still under way.
  mutating func release(group name: String) { groups[name]?.taken -= 1 }

  /// Notes the end of a call; `hadPlace` unless it was given away.
  mutating func end(group name: String, wasAnswered: Bool, hadPlace: Bool) {
    total -= 1
    if hadPlace { groups[name]?.taken -= 1 }
    guard let places = groups[name]?.places else { return }
    groups[name]?.places = min(maximumPlaces, wasAnswered ? places + 1 : max(1, places / 2))
  }
}
