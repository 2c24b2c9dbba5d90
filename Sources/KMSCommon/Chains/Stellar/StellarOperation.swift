/// One operation of a transaction: as much as deciding about it takes.
package struct StellarOperation {
  /// The public key of the account that it acts for; nil for that of the transaction.
  package let source: [UInt8]?
  /// The number of its type.
  package let type: UInt32
  /// How it hands over, empties or locks its account; nil when it does not.
  package let control: String?

  /// Reads an operation (`Operation` in Stellar-transaction.x) to its end.
  ///
  /// - Throws: `ChainError` `malformed-transaction`, also for unknown types.
  init(_ reader: inout XDRReader) throws(ChainError) {
    source = try reader.bool() ? try reader.muxedAccount() : nil
    type = try reader.uint32()
    control = try Self.body(type, &reader)
  }

  /// Whether it is signed without a flag: CreateAccount, Payment, both path payments, ChangeTrust, AllowTrust and
  /// SetTrustLineFlags, ManageData, BumpSequence, CreateClaimableBalance, ClaimClaimableBalance, offers. What hands over or
  /// empties an account has a flag of its own. Not clawbacks, which take from others, calls of contracts and liquidity pools, whose meaning is not read
  /// here, sponsorships, and settings of the account, of which some are for ever.
  package var isKnown: Bool {
    control != nil || [0, 1, 2, 3, 4, 6, 7, 10, 11, 12, 13, 14, 15, 21].contains(type)
  }

  private static func body(_ type: UInt32, _ reader: inout XDRReader) throws(ChainError) -> String? {
    switch type {
    case 0:  // CreateAccount
      try reader.accountID()
      try reader.skip(8)
    case 1:  // Payment
      try reader.muxedAccount()
      try reader.asset()
      try reader.skip(8)
    case 2, 13: try pathPayment(&reader)
    case 3, 12:  // ManageSellOffer, ManageBuyOffer
      try reader.asset()
      try reader.asset()
      try reader.skip(8 + 8 + 8)
    case 4:  // CreatePassiveSellOffer
      try reader.asset()
      try reader.asset()
      try reader.skip(8 + 8)
    case 5: return try setOptions(&reader)
    case 6:  // ChangeTrust
      try reader.changeTrustAsset()
      try reader.skip(8)
    case 7:  // AllowTrust
      try reader.accountID()
      try reader.assetCode()
      try reader.skip(4)
    case 8:
      try reader.muxedAccount()
      return "AccountMerge empties and deletes the account"
    case 9, 17: break  // Inflation, EndSponsoringFutureReserves
    case 10:  // ManageData
      try reader.variable(max: 64)
      if try reader.bool() { try reader.variable(max: 64) }
    case 11: return try bumpSequence(&reader)
    default: try laterBody(type, &reader)
    }
    return nil
  }

  /// Sequence numbers start at the ledger's number times 2^32 and end at 2^63 - 1. An account bumped to the end can
  /// send nothing ever again; no honest number is above 2^62 before the year 2100.
  private static func bumpSequence(_ reader: inout XDRReader) throws(ChainError) -> String? {
    try reader.int64() > 1 << 62 ? "BumpSequence uses up the sequence numbers of the account" : nil
  }

  /// What came after the first protocol versions; none of it changes who controls an account. A contract can move
  /// what the account holds, as contracts of other chains can, but not its signers.
  private static func laterBody(_ type: UInt32, _ reader: inout XDRReader) throws(ChainError) {
    switch type {
    case 14:  // CreateClaimableBalance
      try reader.asset()
      try reader.skip(8)
      for _ in 0..<(try reader.count(max: 10)) { try reader.claimant() }
    case 15, 20: try reader.claimableBalanceID()  // ClaimClaimableBalance, ClawbackClaimableBalance
    case 16: try reader.accountID()  // BeginSponsoringFutureReserves
    case 18: try revokeSponsorship(&reader)
    case 19:  // Clawback
      try reader.asset()
      try reader.muxedAccount()
      try reader.skip(8)
    case 21:  // SetTrustLineFlags
      try reader.accountID()
      try reader.asset()
      try reader.skip(4 + 4)
    case 22: try reader.skip(32 + 8 + 8 + 8 + 8)  // LiquidityPoolDeposit
    case 23: try reader.skip(32 + 8 + 8 + 8)  // LiquidityPoolWithdraw
    case 24: try reader.invokeHostFunction()
    case 25:  // ExtendFootprintTTL
      try reader.extensionPoint()
      try reader.skip(4)
    case 26: try reader.extensionPoint()  // RestoreFootprint
    default: throw reader.error("an unknown type of operation, \(type)")
    }
  }

  /// PathPaymentStrictReceive and PathPaymentStrictSend.
  private static func pathPayment(_ reader: inout XDRReader) throws(ChainError) {
    try reader.asset()
    try reader.skip(8)
    try reader.muxedAccount()
    try reader.asset()
    try reader.skip(8)
    for _ in 0..<(try reader.count(max: 5)) { try reader.asset() }
  }

  private static func revokeSponsorship(_ reader: inout XDRReader) throws(ChainError) {
    switch try reader.uint32() {
    case 0: try reader.ledgerKey()
    case 1:
      try reader.accountID()
      try reader.signerKey()
    default: throw reader.error("an unknown type of sponsorship")
    }
  }

  private static func setOptions(_ reader: inout XDRReader) throws(ChainError) -> String? {
    if try reader.bool() { try reader.accountID() }  // inflationDest
    for _ in 0..<2 where try reader.bool() { try reader.skip(4) }  // clearFlags, setFlags
    var changesControl = false
    for _ in 0..<4 where try reader.bool() {  // masterWeight and three thresholds
      try reader.skip(4)
      changesControl = true
    }
    if try reader.bool() { try reader.variable(max: 32) }  // homeDomain
    if try reader.bool() {
      try reader.signerKey()
      try reader.skip(4)
      changesControl = true
    }
    return changesControl ? "SetOptions changes the signers or thresholds of the account" : nil
  }
}
