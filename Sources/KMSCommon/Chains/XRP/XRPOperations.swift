internal import KMSRecords

/// Which transactions of the XRP Ledger are signed without a flag; docs/chains/xrp.md gives the reasons.
enum XRPOperations {
  /// What pays or offers what it shows, or takes back what is one's own.
  private static let known: Set<String> = [
    "Payment", "TrustSet", "AccountSet", "OfferCreate", "OfferCancel", "EscrowCreate", "EscrowFinish",
    "EscrowCancel", "CheckCreate", "CheckCash", "CheckCancel", "PaymentChannelCreate", "PaymentChannelFund",
    "TicketCreate", "NFTokenMint", "NFTokenBurn", "NFTokenCreateOffer", "NFTokenCancelOffer",
    // These have a flag of their own, for who controls the account.
    "SetRegularKey", "SignerListSet", "AccountDelete",
  ]

  /// Flags of AccountSet that may be set: RequireDest, RequireAuth, DisallowXRP, AccountTxnID, DefaultRipple, DepositAuth
  /// and the four that refuse incoming objects. Not NoFreeze and AllowTrustLineClawback, which are for ever, GlobalFreeze,
  /// and AuthorizedNFTokenMinter, which lets somebody else issue; DisableMaster has a flag of its own.
  private static let flags: Set<UInt64> = [1, 2, 3, 4, 5, 8, 9, 12, 13, 14, 15]

  /// What is not known about a transaction of `type`, in words; nil when all is.
  static func unknown(_ type: String, _ members: [String: JSONValue]) -> String? {
    guard known.contains(type) else { return "the transaction is a \(type)" }
    switch type {
    case "AccountSet":
      guard let flag = members["SetFlag"]?.number?.uint64, flag != 0 else { return nil }
      return flags.contains(flag) ? nil : "the transaction sets flag \(flag) of the account"
    case "NFTokenCreateOffer":
      // tfSellNFToken; whoever comes first would have it for nothing.
      let sells = (members["Flags"]?.number?.uint64 ?? 0) & 1 != 0
      return sells && members["Amount"]?.string == "0" && members["Destination"] == nil
        ? "the transaction offers a token to everybody for nothing" : nil
    default: return nil
    }
  }
}
