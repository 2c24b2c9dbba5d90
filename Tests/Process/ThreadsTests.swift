import KMSProcess
import Synchronization
import Testing

/// One caller at a time: one test after the other.
@Suite(.serialized) struct ThreadsTests {
  @Test func everyNumberComesOnce() {
    for count in [0, 1, 2, 7, 500] {
      let seen = Mutex([Int](repeating: 0, count: count))
      Threads.forEach(count) { number in seen.withLock { $0[number] += 1 } }
      #expect(seen.withLock { $0.allSatisfy { $0 == 1 } }, "\(count)")
    }
  }

  @Test func manyRoundsFollowEachOther() {
    let sum = Mutex(0)
    for _ in 0..<2000 { Threads.forEach(5) { number in sum.withLock { $0 += number } } }
    #expect(sum.withLock { $0 } == 2000 * 10)
  }

  @Test func whatWasBegunIsDoneBesideWhatIsUrgent() {
    let seen = Mutex([Int](repeating: 0, count: 500))
    let sum = Mutex(0)
    let work = SharedWork(500) { number in seen.withLock { $0[number] += 1 } }
    for _ in 0..<20 { Threads.forEach(5) { number in sum.withLock { $0 += number } } }
    work.finish()
    work.finish()
    #expect(seen.withLock { $0.allSatisfy { $0 == 1 } })
    #expect(sum.withLock { $0 } == 20 * 10)
  }

  @Test func aLatchLetsThroughWhatComesLater() {
    let latch = Latch()
    let value = Mutex(0)
    #expect(
      Threads.start {
        value.withLock { $0 = 7 }
        latch.open()
      })
    latch.wait()
    latch.wait()
    #expect(value.withLock { $0 } == 7)
  }

  @Test func aWorkerKeepsTheOrderAndEndsWhatItHasBegun() {
    let seen = Mutex<[Int]>([])
    let latch = Latch()
    do {
      let worker = Worker()
      for number in 0..<500 { worker.run { seen.withLock { $0.append(number) } } }
      worker.run { latch.open() }
    }
    latch.wait()
    #expect(seen.withLock { $0 } == Array(0..<500))
  }
}
