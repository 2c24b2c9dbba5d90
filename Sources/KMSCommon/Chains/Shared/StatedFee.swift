internal import KMSPrimitives
internal import KMSRecords

/// The limit on the fee that a transaction states (decision 5): a default, or what the operator says.
enum StatedFee {
  /// The limit of a chain whose fees may have 256 bits.
  ///
  /// - Throws: `ChainError` `fee-too-high` when the operator's limit is not a number; the parameters are those of
  ///   `check`.
  static func limit(unit: String, chain: String, defaultLimit: UInt256, _ policy: SigningPolicy)
    throws(ChainError) -> UInt256
  {
    guard let text = policy.maximumFees[chain] else { return defaultLimit }
    guard let limit = UInt256(decimal: text) else {
      throw ChainError(.feeTooHigh, "the maximum fee of \(chain) is not a number of \(unit)")
    }
    return limit
  }

  /// Refuses a fee above the limit.
  ///
  /// - Parameters:
  ///   - fee: in the chain's smallest unit.
  ///   - unit: that unit's name in the plural.
  ///   - chain: the name by which `SigningPolicy.maximumFees` has the operator's limit, if any.
  ///   - defaultLimit: the limit otherwise.
  /// - Throws: `ChainError` `fee-too-high`, also when the operator's limit is not a number.
  static func check(_ fee: UInt64, unit: String, chain: String, defaultLimit: UInt64, _ policy: SigningPolicy)
    throws(ChainError)
  {
    var limit = defaultLimit
    if let text = policy.maximumFees[chain] {
      guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else {
        throw ChainError(.feeTooHigh, "the maximum fee of \(chain) is not a number of \(unit)")
      }
      limit = UInt64(text) ?? .max  // digits only: larger than any fee
    }
    guard fee <= limit else {
      throw ChainError(
        .feeTooHigh,
        "the fee of \(fee) \(unit) is more than the limit of \(limit); if it is meant, raise the maximum fee of "
          + chain)
    }
  }
}
