internal import KMSRecords

extension SigningRequest {
  /// Refuses a transaction that would be valid at a time at which nobody expects it: a signature that leaves this process can
  /// be used for as long as the network takes it, whatever has been decided since.
  ///
  /// - Parameter words: what is wrong with its time.
  /// - Throws: `validity-refused`, unless the operator allows it.
  func refuseValidity(_ words: String) throws(ChainError) {
    guard !policy.allowLongValidity else { return }
    throw ChainError(.validityRefused, "\(words); --allow-long-validity signs it")
  }

  /// `seconds` from now, or the last second that there is.
  func time(after seconds: Int64) -> Int64 {
    let (time, overflows) = now.addingReportingOverflow(seconds)
    return overflows ? .max : time
  }
}

/// The blocks of a network by this machine's clock: a witness beside the API, which names heights, too.
struct BlockClock: Sendable {
  /// The Unix time of block `first`.
  let start: Int64
  var first: UInt64 = 0
  /// Seconds from one block to the next.
  let seconds: Int64

  /// How many blocks there are at `now`, had each taken `seconds`; 0 before `start`.
  func height(at now: Int64) -> UInt64 {
    guard now > start else { return 0 }
    let (elapsed, overflows) = now.subtractingReportingOverflow(start)
    return first + UInt64(overflows ? .max : elapsed) / UInt64(seconds)
  }
}
