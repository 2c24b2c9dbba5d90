internal import KMSRecords

extension SigningRequest {
  /// Refuses what is not on the chain's list of known operations.
  ///
  /// - Parameter unknown: what is not known, in words; nil when all is.
  /// - Throws: `operation-refused`, unless the operator allows it.
  func refuseOperation(_ unknown: String?) throws(ChainError) {
    guard let unknown, !policy.allowUnknownOperations else { return }
    throw ChainError(
      .operationRefused,
      "\(unknown), which is not on the list of what is signed; --allow-unknown-operations signs it")
  }

  /// Refuses permissions without a limit where the operator does not want them.
  ///
  /// - Throws: `allowance-refused`.
  func refuseAllowances(_ allowances: some Collection<Allowance>) throws(ChainError) {
    guard policy.noUnlimitedAllowances, let first = allowances.first(where: \.isUnlimited) else { return }
    throw ChainError(
      .allowanceRefused, "the transaction \(first.words); --no-unlimited-allowances is set")
  }
}
