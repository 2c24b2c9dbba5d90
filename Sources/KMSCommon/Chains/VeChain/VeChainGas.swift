internal import KMSPrimitives

/// What VeChainThor takes before the first instruction.
enum VeChainGas {
  /// The gas that it uses before its first instruction; nil when that is 2^64 or more.
  ///
  /// 5000, and for each clause 16000 (48000 for a creation), 4 for each zero byte and 68 for each other byte of its
  /// data; a transaction without clauses costs like one with one (docs.vechain.org, "Transaction calculation").
  static func intrinsic(_ clauses: [VeChainClause]) -> UInt64? {
    intrinsic(clauses.map { (isCreation: $0.to == nil, data: $0.data) })
  }

  /// The same, of what of clauses costs gas.
  static func intrinsic(_ clauses: [(isCreation: Bool, data: [UInt8])]) -> UInt64? {
    if clauses.isEmpty { return 21_000 }
    var total: UInt64 = 5000
    for clause in clauses {
      let nonZero = clause.data.reduce(into: 0) { count, byte in count &+= byte == 0 ? 0 : 1 }
      let parts: [(count: Int, gas: UInt64)] = [
        (1, clause.isCreation ? 48_000 : 16_000), (clause.data.count - nonZero, 4), (nonZero, 68),
      ]
      for part in parts {
        let (product, productOverflows) = UInt64(part.count).multipliedReportingOverflow(by: part.gas)
        let (sum, sumOverflows) = total.addingReportingOverflow(product)
        guard !productOverflows, !sumOverflows else { return nil }
        total = sum
      }
    }
    return total
  }
}

/// One transfer or call.
struct VeChainClause: Hashable, Sendable {
  /// The receiver; nil creates a contract.
  var to: EVMAddress?
  /// The amount in wei (10^-18 VET).
  var value: UInt256
  /// The call's input, or the code that creates the contract.
  var data: [UInt8]
}
