/// Keeps apart what must not overtake: in each lane tasks start in the order in which they entered, and no more are
/// under way than the lane allows.
struct SenderLanes<Task: AnyObject & LaneTask> {
  private struct Lane {
    var waiting: [Task] = []
    var start = 0
    var underWay = 0

    var first: Task? { start < waiting.count ? waiting[start] : nil }

    mutating func removeFirst() {
      start += 1
      if start == waiting.count || start > 256 {
        waiting.removeSubrange(..<start)
        start = 0
      }
    }
  }

  private var lanes: [String: Lane] = [:]

  /// How many tasks wait.
  private(set) var waitingCount = 0

  /// Adds a task; gives it back when it is its turn at once, and then it is under way.
  mutating func enter(_ task: Task) -> Bool {
    for key in task.lanes { lanes[key, default: Lane()].waiting.append(task) }
    waitingCount += 1
    return start(task)
  }

  /// Ends a task that was under way; gives those whose turn it is now, which are under way then.
  mutating func leave(_ task: Task) -> [Task] {
    for key in task.lanes {
      lanes[key]?.underWay -= 1
      if let lane = lanes[key], lane.underWay == 0, lane.first == nil { lanes[key] = nil }
    }
    return startFirst(of: task.lanes)
  }

  /// Takes the waiting tasks out that `shouldGo`; gives those that went, and those whose turn it is now.
  mutating func remove(where shouldGo: (Task) -> Bool) -> (gone: [Task], started: [Task]) {
    var gone: [ObjectIdentifier: Task] = [:]
    var keys: Set<String> = []
    for key in Array(lanes.keys) {
      guard let lane = lanes[key] else { continue }
      let kept = lane.waiting[lane.start...].filter { task in
        guard shouldGo(task) else { return true }
        gone[ObjectIdentifier(task)] = task
        return false
      }
      guard kept.count < lane.waiting.count - lane.start else { continue }
      keys.insert(key)
      lanes[key]?.waiting = kept
      lanes[key]?.start = 0
      if kept.isEmpty, lane.underWay == 0 { lanes[key] = nil }
    }
    waitingCount -= gone.count
    let inOrder = gone.values.sorted { $0.number < $1.number }
    return (inOrder, startFirst(of: keys.sorted()))
  }

  /// Starts what is first in lanes that have room, in the order in which it entered.
  private mutating func startFirst(of keys: [String]) -> [Task] {
    var started: [Task] = []
    for key in keys {
      while let first = lanes[key]?.first, start(first) { started.append(first) }
    }
    return started.count > 1 ? started.sorted { $0.number < $1.number } : started
  }

  /// Starts `task` when it is the first that waits in all its lanes and all have room.
  private mutating func start(_ task: Task) -> Bool {
    for key in task.lanes {
      guard let lane = lanes[key], lane.first === task, lane.underWay < task.atOnce else { return false }
    }
    for key in task.lanes {
      lanes[key]?.removeFirst()
      lanes[key]?.underWay += 1
    }
    waitingCount -= 1
    return true
  }
}

/// What waits in lanes.
protocol LaneTask {
  /// Its lanes, each once.
  var lanes: [String] { get }
  /// How many tasks of one lane may be under way at once.
  var atOnce: Int { get }
  /// Counts tasks in the order in which they enter.
  var number: Int { get }
}
