internal import KMSChains
internal import KMSCrypto
internal import KMSRecords

extension CardanoBody {
  /// Compares what would be signed with what was shown. Inputs are a set, the order of outputs counts.
  ///
  /// - Throws: `content-mismatch` naming the first difference.
  func check(against operations: RosettaOperations, ttl: UInt64) throws(ChainError) {
    let shown = Set(operations.inputs.map(\.coin))
    if let coin = inputs.first(where: { !shown.contains($0) }) {
      throw mismatch("spends \(coin), which no operation shows")
    }
    guard inputs.count == shown.count, Set(inputs) == shown else {
      throw mismatch("does not spend each coin of the operations once")
    }
    guard outputs.count == operations.outputs.count else {
      throw mismatch("has \(outputs.count) outputs, the operations have \(operations.outputs.count)")
    }
    for (i, (ours, theirs)) in zip(outputs, operations.outputs).enumerated() where ours != theirs {
      guard ours.address == theirs.address else {
        throw mismatch("pays to another address than the operations in output \(i)")
      }
      guard ours.lovelace == theirs.lovelace else {
        throw mismatch(
          "pays \(ours.lovelace) lovelace in output \(i), the operations \(theirs.lovelace)")
      }
      throw mismatch("sends other tokens than the operations in output \(i)")
    }
    guard fee == operations.fee else {
      throw mismatch("has the fee \(fee), the operations leave \(operations.fee)")
    }
    guard self.ttl == ttl else {
      throw mismatch("is valid until slot \(self.ttl), context.ttl is \(ttl)")
    }
  }

  private func mismatch(_ what: String) -> ChainError {
    ChainError(.contentMismatch, "the unsigned transaction \(what)")
  }
}
