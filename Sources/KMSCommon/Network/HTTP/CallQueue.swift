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
    /// Since when calls are under way and none was answered.
    var silentSince: ContinuousClock.Instant?
    var underWay = 0

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
  mutating func takeNext(at now: ContinuousClock.Instant = .now, where mayStart: (Job) -> Bool) -> Job? {
    guard total < maximumTotal else { return nil }
    for at in turns.indices {
      let name = turns[at]
      guard groups[name].map({ $0.taken < $0.places }) ?? false,
        let job = groups[name]?.takeFirst(where: mayStart)
      else { continue }
      turns.remove(at: at)
      if groups[name]?.isEmpty == false { turns.append(name) }
      groups[name]?.taken += 1
      groups[name]?.underWay += 1
      if groups[name]?.silentSince == nil { groups[name]?.silentSince = now }
      total += 1
      count -= 1
      return job
    }
    return nil
  }

  /// Takes the waiting calls out that `shouldGo`, in the order of their groups' turns.
  mutating func remove(where shouldGo: (Job) -> Bool) -> [Job] {
    var gone: [Job] = []
    for name in turns {
      guard let group = groups[name] else { continue }
      let waiting = group.waiting[group.start...]
      gone += waiting.filter(shouldGo)
      groups[name]?.waiting = waiting.filter { !shouldGo($0) }
      groups[name]?.start = 0
    }
    turns.removeAll { groups[$0]?.isEmpty ?? true }
    count -= gone.count
    return gone
  }

  /// Gives the place of a call away that is still under way.
  mutating func release(group name: String) { groups[name]?.taken -= 1 }

  /// Notes the end of a call; `hadPlace` unless it was given away.
  mutating func end(
    group name: String, _ end: CallEnd, hadPlace: Bool, at now: ContinuousClock.Instant = .now
  ) {
    total -= 1
    guard var group = groups.removeValue(forKey: name) else { return }
    if hadPlace { group.taken -= 1 }
    group.underWay -= 1
    if end != .unanswered { group.silentSince = group.underWay > 0 ? now : nil }
    group.places = end == .answered ? min(maximumPlaces, group.places + 1) : max(1, group.places / 2)
    groups[name] = group
  }

  /// For how long calls of a group have been made without any answer.
  func silence(of name: String, at now: ContinuousClock.Instant = .now) -> Duration {
    groups[name]?.silentSince.map { $0.duration(to: now) } ?? .zero
  }
}

/// How a call ended, as far as the next ones are concerned.
enum CallEnd {
  case answered
  /// The server asks for fewer.
  case refusedForNow
  case unanswered
}
