/// Types that Stellar's operations share (Stellar-ledger-entries.x, Stellar-types.x). Only their extent matters:
/// every byte is carried into the signed envelope as it came.
extension XDRReader {
  /// `AccountID`: 32 bytes of an Ed25519 public key, the only type there is.
  @discardableResult
  mutating func accountID() throws(ChainError) -> [UInt8] {
    guard try uint32() == 0 else { throw error("an unknown type of account") }
    return Array(try opaque(32))
  }

  /// `MuxedAccount`: the public key of an account, whatever number of a customer is with it.
  @discardableResult
  mutating func muxedAccount() throws(ChainError) -> [UInt8] {
    switch try uint32() {
    case 0: break
    case 0x100: try skip(8)
    default: throw error("an unknown type of account")
    }
    return Array(try opaque(32))
  }

  /// `Asset`.
  mutating func asset() throws(ChainError) { try assetBody(uint32()) }

  /// `TrustLineAsset`: an asset or a pool.
  mutating func trustLineAsset() throws(ChainError) {
    let type = try uint32()
    if type == 3 { try skip(32) } else { try assetBody(type) }
  }

  /// `ChangeTrustAsset`: an asset or the parameters of a pool.
  mutating func changeTrustAsset() throws(ChainError) {
    let type = try uint32()
    guard type == 3 else { return try assetBody(type) }
    guard try uint32() == 0 else { throw error("an unknown type of liquidity pool") }
    try asset()
    try asset()
    try skip(4)
  }

  private mutating func assetBody(_ type: UInt32) throws(ChainError) {
    switch type {
    case 0: return
    case 1, 2:
      try skip(type == 1 ? 4 : 12)
      try accountID()
    default: throw error("an unknown type of asset")
    }
  }

  /// `AssetCode`, of AllowTrust.
  mutating func assetCode() throws(ChainError) {
    switch try uint32() {
    case 1: try skip(4)
    case 2: try skip(12)
    default: throw error("an unknown type of asset code")
    }
  }

  /// `ClaimableBalanceID`.
  mutating func claimableBalanceID() throws(ChainError) {
    guard try uint32() == 0 else { throw error("an unknown type of claimable balance") }
    try skip(32)
  }

  /// `SignerKey`.
  mutating func signerKey() throws(ChainError) {
    switch try uint32() {
    case 0...2: try skip(32)
    case 3:
      try skip(32)
      try variable(max: 64)
    default: throw error("an unknown type of signer")
    }
  }

  /// `Claimant`.
  mutating func claimant() throws(ChainError) {
    guard try uint32() == 0 else { throw error("an unknown type of claimant") }
    try accountID()
    try claimPredicate(levelsLeft: 4)
  }

  /// `ClaimPredicate`, which nests at most four levels deep in a valid transaction (CAP-23).
  private mutating func claimPredicate(levelsLeft: Int) throws(ChainError) {
    guard levelsLeft > 0 else { throw error("a claim predicate nests more than four levels deep") }
    switch try uint32() {
    case 0: return
    case 1, 2:
      for _ in 0..<(try count(max: 2)) { try claimPredicate(levelsLeft: levelsLeft - 1) }
    case 3: if try bool() { try claimPredicate(levelsLeft: levelsLeft - 1) }
    case 4, 5: try skip(8)
    default: throw error("an unknown type of claim predicate")
    }
  }

  /// `LedgerKey`.
  mutating func ledgerKey() throws(ChainError) {
    switch try uint32() {
    case 0: try accountID()
    case 1:
      try accountID()
      try trustLineAsset()
    case 2:
      try accountID()
      try skip(8)
    case 3:
      try accountID()
      try variable(max: 64)
    case 4: try claimableBalanceID()
    case 5, 7, 9: try skip(32)  // pool, contract code, time to live
    case 6:
      try contractAddress()
      try contractValue()
      try skip(4)
    case 8: try skip(4)
    default: throw error("an unknown type of ledger entry")
    }
  }
}
