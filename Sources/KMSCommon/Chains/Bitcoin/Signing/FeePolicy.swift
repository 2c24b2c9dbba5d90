internal import KMSChains
internal import KMSRecords

/// What the operator's limits say about the fee of a transaction.
struct FeePolicy {
  let parameters: BitcoinParameters
  let policy: SigningPolicy

  /// Checks fee and burnt coins together against the limit in satoshi.
  ///
  /// - Throws: `fee-too-high`.
  func check(_ cost: TransactionCost) throws(ChainError) {
    // Neither is more than maximumMoney.
    try StatedFee(cost.fee + cost.burnt, unit: "satoshi", chain: parameters.name).check(
      defaultLimit: parameters.feeLimit.satoshi, policy,
      detail: cost.burnt > 0 ? "\(cost.burnt) of them in data outputs" : "")
  }

  /// Checks the fee rate of the signed transaction; an operator's own limit takes the place of this one.
  func checkRate(fee: UInt64, signed: BitcoinTransaction) throws(ChainError) {
    guard policy.maximumFee(of: parameters.name) == nil else { return }
    let limit = parameters.feeLimit.satoshiPerByte
    let size = UInt64(signed.virtualSize)
    guard fee <= limit * size else {
      throw ChainError(
        .feeTooHigh,
        "the fee of \(fee) satoshi for \(size) bytes is more than \(limit) satoshi per byte; if it is meant, "
          + "raise the maximum fee of \(parameters.name)")
    }
  }
}
