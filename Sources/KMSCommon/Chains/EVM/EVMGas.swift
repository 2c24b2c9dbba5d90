/// What the EVM takes before the first instruction.
enum EVMGas {
  /// The gas that a transaction uses before its first instruction; nil when that is 2^64 or more.
  ///
  /// 21000, 32000 for a creation (EIP-2), 4 for each zero byte and 16 for each other byte of the data (EIP-2028), 2400
  /// for each address and 1900 for each slot of the access list (EIP-2930). Networks may ask for more, never for less.
  static func intrinsic(isCreation: Bool, data: [UInt8], accessList: [EVMAccessListEntry]) -> UInt64? {
    // Counted in Int: all these lengths are of arrays in memory.
    let nonZero = data.reduce(into: 0) { count, byte in count &+= byte == 0 ? 0 : 1 }
    let slots = accessList.reduce(into: 0) { count, entry in count &+= entry.storageKeys.count }
    let parts = [
      (1, isCreation ? 53000 : 21000), (data.count - nonZero, 4), (nonZero, 16), (accessList.count, 2400),
      (slots, 1900),
    ]
    var total: UInt64 = 0
    for (count, gas) in parts {
      let (product, productOverflows) = UInt64(count).multipliedReportingOverflow(by: UInt64(gas))
      let (sum, sumOverflows) = total.addingReportingOverflow(product)
      guard !productOverflows, !sumOverflows else { return nil }
      total = sum
    }
    return total
  }
}

/// One contract and the storage slots announced for it (EIP-2930).
package struct EVMAccessListEntry: Hashable, Sendable {
  /// The contract.
  package var address: EVMAddress
  /// The slots, 32 bytes each.
  package var storageKeys: [[UInt8]]
}
