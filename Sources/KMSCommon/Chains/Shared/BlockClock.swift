/// The blocks of a network by this machine's clock: a witness beside the API, which names heights, too.
package struct BlockClock: Sendable {
  /// The Unix time of block `first`.
  package let start: Int64
  package var first: UInt64 = 0
  /// Seconds from one block to the next.
  package let seconds: Int64

  /// How many blocks there are at `now`, had each taken `seconds`; 0 before `start`.
  package func height(at now: Int64) -> UInt64 {
    guard now > start else { return 0 }
    let (elapsed, overflows) = now.subtractingReportingOverflow(start)
    return first + UInt64(overflows ? .max : elapsed) / UInt64(seconds)
  }

  /// Creates a clock.
  package init(start: Int64, first: UInt64 = 0, seconds: Int64) {
    (self.start, self.first, self.seconds) = (start, first, seconds)
  }
}
