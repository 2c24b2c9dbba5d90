internal import KMSRecords

/// From when on a transaction of the Bitcoin family may be included: lock time, and sequence numbers that say an age.
///
/// What Tatum makes has neither. A transaction that only the future takes is a cheque without a date of its own: it is
/// refused, and nobody's word about the height counts.
struct LockTimePolicy {
  let parameters: BitcoinParameters
  let transaction: BitcoinTransaction

  /// Lock times from here on are Unix times, below they are heights (Bitcoin Core, `LOCKTIME_THRESHOLD`).
  private static let firstTime: UInt32 = 500_000_000
  /// Set: the sequence number says no age (BIP-68, `SEQUENCE_LOCKTIME_DISABLE_FLAG`).
  private static let noAge: UInt32 = 1 << 31
  private static let final: UInt32 = .max

  /// - Throws: `validity-refused`.
  func check(_ request: SigningRequest) throws(ChainError) {
    if transaction.version >= 2 {
      for (i, input) in transaction.inputs.enumerated()
      where input.sequence & Self.noAge == 0 && input.sequence & 0xffff != 0 {
        try request.refuseValidity(
          "sequence number \(input.sequence) of input \(i) (\(input.outPoint)) makes it wait for an age of what it spends"
        )
      }
    }
    let lockTime = transaction.lockTime
    guard lockTime != 0, transaction.inputs.contains(where: { $0.sequence != Self.final }) else { return }
    if lockTime >= Self.firstTime {
      guard Int64(lockTime) > request.now else { return }
      try request.refuseValidity("its lock time is \(lockTime) (Unix time), which is to come")
    } else {
      // Blocks may take longer than they should: a tenth less than there ought to be has certainly been.
      let certain = parameters.blocks.height(at: request.now) / 10 * 9
      guard UInt64(lockTime) > certain else { return }
      try request.refuseValidity(
        "its lock time is block \(lockTime); by this machine's clock, \(certain) is certain to have been")
    }
  }
}
