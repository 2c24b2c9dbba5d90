internal import KMSChains
internal import KMSPrimitives
internal import KMSRecords

/// The fee that a transaction may cost, to be compared with what the operator or a default allows (decision 5).
///
/// The only place where fees are refused: what `--max-fee` says means the same on every chain.
struct StatedFee {
  private let fee: UInt256
  private let unit: String
  private let chain: String

  /// States a fee.
  ///
  /// - Parameters:
  ///   - fee: the most that it can be, in the chain's smallest unit.
  ///   - unit: that unit's name in the plural.
  ///   - chain: the name by which `SigningPolicy` has the operator's limit, if any.
  init(_ fee: UInt256, unit: String, chain: String) {
    self.fee = fee
    self.unit = unit
    self.chain = chain
  }

  /// A fee of 64 bits.
  init(_ fee: UInt64, unit: String, chain: String) {
    self.init(UInt256(fee), unit: unit, chain: chain)
  }

  /// Refuses a fee above the limit.
  ///
  /// - Parameters:
  ///   - defaultLimit: the limit unless the operator has set one.
  ///   - detail: how the fee is made up, when the transaction does not state it as one number.
  /// - Throws: `ChainError` `fee-too-high`.
  func check(
    defaultLimit: UInt256, _ policy: SigningPolicy, detail: @autoclosure () -> String = ""
  ) throws(ChainError) {
    let limit = policy.maximumFee(of: chain) ?? defaultLimit
    guard fee <= limit else {
      let detail = detail().isEmpty ? "" : " (\(detail()))"
      throw ChainError(
        .feeTooHigh,
        "the fee may reach \(fee) \(unit)\(detail), the limit is \(limit); if it is meant, raise the maximum fee of "
          + chain)
    }
  }

  /// Refuses a fee above a limit of 64 bits.
  func check(
    defaultLimit: UInt64, _ policy: SigningPolicy, detail: @autoclosure () -> String = ""
  ) throws(ChainError) {
    try check(defaultLimit: UInt256(defaultLimit), policy, detail: detail())
  }
}
