/// The blocks of a network by this machine's clock: a witness beside the API, which names heights, too.
package struct BlockClock: Sendable {
  /// The Unix time of block `first`.
  package let start: Int64
  package var first: UInt64 = 0
  /// Seconds from one block to the next.
  package let seconds: Int64

  /// A later block whose time is known, so that fewer blocks are only thought to be.
  private var later: (start: Int64, first: UInt64)?

  /// How many blocks there are at `now`, had each taken `seconds` since the last one whose time is known; 0 before `start`.
  package func height(at now: Int64) -> UInt64 {
    guard now > start else { return 0 }
    var (start, first) = (self.start, self.first)
    if let later, now >= later.start { (start, first) = later }
    let (elapsed, overflows) = now.subtractingReportingOverflow(start)
    return first + UInt64(overflows ? .max : elapsed) / UInt64(seconds)
  }

  /// Creates a clock.
  ///
  /// - Parameter later: a later block, and its Unix time.
  package init(start: Int64, first: UInt64 = 0, seconds: Int64, later: (block: UInt64, at: Int64)? = nil) {
    (self.start, self.first, self.seconds) = (start, first, seconds)
    self.later = later.map { ($0.at, $0.block) }
  }
}
