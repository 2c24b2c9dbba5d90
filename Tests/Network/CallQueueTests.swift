import Testing

@testable import KMSNetwork

@Suite struct CallQueueTests {
  private func take(_ queue: inout CallQueue<String>, _ count: Int) -> [String] {
    (0..<count).compactMap { _ in queue.takeNext { _ in true } }
  }

  @Test func letsGroupsTakeTurns() {
    var queue = CallQueue<String>(maximumPlaces: 4, maximumTotal: 10)
    for group in ["a", "b"] { for i in 0..<4 { queue.add("\(group)\(i)", group: group) } }
    queue.add("c0", group: "c")
    #expect(take(&queue, 10) == ["a0", "b0", "c0", "a1", "b1", "a2", "b2", "a3", "b3"])
    #expect(queue.count == 0)
  }

  @Test func beginsWithFewPlacesAndAddsOneWithEachAnswer() {
    var queue = CallQueue<String>(maximumPlaces: 6, maximumTotal: 100)
    for i in 0..<20 { queue.add("\(i)", group: "a") }
    #expect(take(&queue, 20).count == 4)
    queue.end(group: "a", wasAnswered: true, hadPlace: true)
    #expect(take(&queue, 20).count == 2)
    for _ in 0..<3 { queue.end(group: "a", wasAnswered: true, hadPlace: true) }
    #expect(take(&queue, 20).count == 4)
    queue.end(group: "a", wasAnswered: false, hadPlace: true)
    #expect(take(&queue, 20) == [])
  }

  @Test func keepsTheOrderOfAGroupAndPutsWhatIsTriedAgainFirst() {
    var queue = CallQueue<String>(maximumPlaces: 4, maximumTotal: 4)
    for i in 0..<3 { queue.add("\(i)", group: "a") }
    queue.add("again", group: "a", retried: true)
    #expect(queue.takeNext { $0 != "again" } == "0")
    #expect(take(&queue, 9) == ["again", "1", "2"])
  }

  @Test func countsCallsThatGaveTheirPlaceAwayInTheTotal() {
    var queue = CallQueue<String>(maximumPlaces: 1, maximumTotal: 2)
    for i in 0..<3 { queue.add("\(i)", group: "a") }
    #expect(take(&queue, 9) == ["0"])
    queue.release(group: "a")
    #expect(take(&queue, 9) == ["1"])
    queue.release(group: "a")
    #expect(take(&queue, 9) == [])
    queue.end(group: "a", wasAnswered: true, hadPlace: false)
    #expect(take(&queue, 9) == ["2"])
  }
}
