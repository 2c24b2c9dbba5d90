/// Types of smart contracts (Soroban: Stellar-contract.x, and Stellar-transaction.x from protocol 20 on). As with all
/// others only their extent matters: every byte is carried into the signed envelope as it came.
extension XDRReader {
  /// How deep values, invocations and delegates may nest. The host of contracts takes values of 100 levels
  /// (`DEFAULT_HOST_DEPTH_LIMIT`), so that no honest transaction is near it.
  private static let maximumLevels = 128

  /// `InvokeHostFunctionOp`: a function and the authorizations that go along.
  mutating func invokeHostFunction() throws(ChainError) {
    switch try uint32() {
    case 0: try contractCall(Self.maximumLevels)
    case 1: try newContract()
    case 2: try variable(max: .max)
    case 3: try newContractWithArguments(Self.maximumLevels)
    default: throw error("an unknown type of host function")
    }
    try each { reader throws(ChainError) in
      try reader.credentials()
      try reader.authorizedInvocation(Self.maximumLevels)
    }
  }

  /// `SorobanTransactionData`: the footprint, and what resources may cost, which is part of the transaction's fee.
  mutating func contractData() throws(ChainError) {
    switch try uint32() {
    case 0: break
    case 1: try each { reader throws(ChainError) in try reader.skip(4) }
    default: throw error("an unknown extension of the resources")
    }
    try each { reader throws(ChainError) in try reader.ledgerKey() }
    try each { reader throws(ChainError) in try reader.ledgerKey() }
    try skip(4 + 4 + 4)  // instructions, disk reads, writes
    guard try int64() >= 0 else { throw error("the resource fee is negative") }
  }

  /// `ExtensionPoint`, which nothing extends so far.
  mutating func extensionPoint() throws(ChainError) {
    guard try uint32() == 0 else { throw error("an unknown extension") }
  }

  /// `SCAddress`.
  mutating func contractAddress() throws(ChainError) {
    switch try uint32() {
    case 0: try accountID()
    case 1, 4: try skip(32)
    case 2: try skip(8 + 32)
    case 3: try claimableBalanceID()
    default: throw error("an unknown type of address")
    }
  }

  /// `SCVal`.
  mutating func contractValue() throws(ChainError) { try value(Self.maximumLevels) }

  // MARK: Parts

  private mutating func each(
    _ read: (inout XDRReader) throws(ChainError) -> Void
  ) throws(ChainError) {
    // Every element takes bytes, so the input's length bounds the number of turns.
    for _ in 0..<(try count(max: .max)) { try read(&self) }
  }

  /// One level deeper.
  private func below(_ levels: Int) throws(ChainError) -> Int {
    guard levels > 0 else { throw error("it nests more than \(Self.maximumLevels) levels deep") }
    return levels - 1
  }

  private mutating func value(_ levels: Int) throws(ChainError) {
    let levels = try below(levels)
    switch try uint32() {
    case 0: _ = try bool()
    case 1, 20: return
    case 2: try contractError()
    case 3, 4: try skip(4)
    case 5...8, 21: try skip(8)
    case 9, 10: try skip(16)
    case 11, 12: try skip(32)
    case 13, 14, 22: try variable(max: .max)
    case 15: try variable(max: 32)
    case 16:
      if try bool() { try each { reader throws(ChainError) in try reader.value(levels) } }
    case 17: if try bool() { try map(levels) }
    case 18: try contractAddress()
    case 19:
      try executable()
      if try bool() { try map(levels) }
    default: throw error("an unknown type of contract value")
    }
  }

  private mutating func map(_ levels: Int) throws(ChainError) {
    try each { reader throws(ChainError) in
      try reader.value(levels)
      try reader.value(levels)
    }
  }

  private mutating func contractError() throws(ChainError) {
    guard try uint32() <= 9 else { throw error("an unknown type of contract error") }
    try skip(4)
  }

  private mutating func contractCall(_ levels: Int) throws(ChainError) {
    try contractAddress()
    try variable(max: 32)
    try each { reader throws(ChainError) in try reader.value(levels) }
  }

  private mutating func newContract() throws(ChainError) {
    switch try uint32() {
    case 0:
      try contractAddress()
      try skip(32)
    case 1: try asset()
    default: throw error("an unknown preimage of a contract's id")
    }
    try executable()
  }

  private mutating func newContractWithArguments(_ levels: Int) throws(ChainError) {
    try newContract()
    try each { reader throws(ChainError) in try reader.value(levels) }
  }

  private mutating func executable() throws(ChainError) {
    switch try uint32() {
    case 0: try skip(32)
    case 1: return
    case 2:
      try contractAddress()
      try variable(max: .max)
    default: throw error("an unknown type of executable")
    }
  }

  private mutating func credentials() throws(ChainError) {
    switch try uint32() {
    case 0: return
    case 1, 2: try addressCredentials()
    case 3:
      try addressCredentials()
      try delegates(Self.maximumLevels)
    default: throw error("an unknown type of credentials")
    }
  }

  private mutating func addressCredentials() throws(ChainError) {
    try contractAddress()
    try skip(8 + 4)  // nonce, last ledger
    try contractValue()
  }

  private mutating func delegates(_ levels: Int) throws(ChainError) {
    let levels = try below(levels)
    try each { reader throws(ChainError) in
      try reader.contractAddress()
      try reader.contractValue()
      try reader.delegates(levels)
    }
  }

  private mutating func authorizedInvocation(_ levels: Int) throws(ChainError) {
    let levels = try below(levels)
    switch try uint32() {
    case 0: try contractCall(Self.maximumLevels)
    case 1: try newContract()
    case 2: try newContractWithArguments(Self.maximumLevels)
    default: throw error("an unknown type of authorized function")
    }
    try each { reader throws(ChainError) in try reader.authorizedInvocation(levels) }
  }
}
