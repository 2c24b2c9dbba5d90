import Testing

@testable import KMSNetwork

@Suite struct SenderLanesTests {
  private final class Task: LaneTask {
    let lanes: [String]
    let atOnce: Int
    let number: Int

    init(_ number: Int, _ lanes: [String], atOnce: Int = 1) {
      self.number = number
      self.lanes = lanes
      self.atOnce = atOnce
    }
  }

  /// Lanes, as a class: `#expect` takes no mutating calls.
  private final class Lanes {
    private var lanes = SenderLanes<Task>()
    var waitingCount: Int { lanes.waitingCount }

    func enter(_ task: Task) -> Bool { lanes.enter(task) }
    func leave(_ task: Task) -> [Int] { lanes.leave(task).map(\.number) }
    func remove(where shouldGo: (Task) -> Bool) -> (gone: [Int], started: [Int]) {
      let (gone, started) = lanes.remove(where: shouldGo)
      return (gone.map(\.number), started.map(\.number))
    }
  }

  @Test func startsOneAfterTheOtherInALane() {
    let lanes = Lanes()
    let tasks = (0..<3).map { Task($0, ["a"]) }
    #expect(tasks.map { lanes.enter($0) } == [true, false, false])
    #expect(lanes.leave(tasks[0]) == [1])
    #expect(lanes.leave(tasks[1]) == [2])
    #expect(lanes.leave(tasks[2]) == [])
    #expect(lanes.waitingCount == 0)
  }

  @Test func startsSeveralWhereTheLaneAllows() {
    let lanes = Lanes()
    let tasks = (0..<6).map { Task($0, ["a"], atOnce: 3) }
    #expect(tasks.map { lanes.enter($0) } == [true, true, true, false, false, false])
    #expect(lanes.leave(tasks[1]) == [3])
    #expect(lanes.leave(tasks[0]) == [4])
  }

  @Test func lanesDoNotWaitForEachOther() {
    let lanes = Lanes()
    #expect(lanes.enter(Task(0, ["a"])))
    #expect(!lanes.enter(Task(1, ["a"])))
    #expect(lanes.enter(Task(2, ["b"])))
  }

  @Test func aTaskOfSeveralLanesWaitsForAll() {
    let lanes = Lanes()
    let first = Task(0, ["a"])
    let second = Task(1, ["b"])
    let both = Task(2, ["a", "b"])
    let after = Task(3, ["b"])
    #expect(lanes.enter(first) && lanes.enter(second))
    #expect(!lanes.enter(both) && !lanes.enter(after))
    #expect(lanes.leave(second) == [])
    #expect(lanes.leave(first) == [2])
    #expect(lanes.leave(both) == [3])
  }

  @Test func takesOutWhatWaits() {
    let lanes = Lanes()
    let tasks = (0..<5).map { Task($0, ["a"]) }
    for task in tasks { _ = lanes.enter(task) }
    let (gone, started) = lanes.remove { $0.number % 2 == 1 }
    #expect(gone == [1, 3] && started.isEmpty)
    #expect(lanes.leave(tasks[0]) == [2])
    #expect(lanes.leave(tasks[2]) == [4])
  }

  @Test func startsWhatWaitedForWhatWasTakenOut() {
    let lanes = Lanes()
    let first = Task(0, ["a"])
    #expect(lanes.enter(first))
    _ = lanes.enter(Task(1, ["a", "b"]))
    _ = lanes.enter(Task(2, ["b"]))
    let (gone, started) = lanes.remove { $0.number == 1 }
    #expect(gone == [1] && started == [2])
    #expect(lanes.leave(first).isEmpty)
  }
}
