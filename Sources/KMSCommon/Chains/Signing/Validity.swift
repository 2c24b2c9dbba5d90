internal import KMSChains
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
