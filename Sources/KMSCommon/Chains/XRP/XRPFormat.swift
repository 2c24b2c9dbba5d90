/// The members that an object of the ledger may and must have.
struct XRPFormat: Sendable {
  /// The number of a transaction type; 0 for objects within arrays.
  let code: UInt16
  /// Members that must be there.
  let required: [String]
  /// Members that may be there.
  let optional: [String]

  private init(_ code: UInt16, _ required: [String], _ optional: [String] = []) {
    self.code = code
    self.required = required
    self.optional = optional
  }

  /// Whether an object of this format may have the member.
  func allows(_ name: String) -> Bool { required.contains(name) || optional.contains(name) }

  /// What every transaction may have. `Sequence` is not required: the original signs without it, and no server
  /// takes the result. Multi-signing, delegation (XLS-75) and sponsorship members are not signed here.
  static let common = XRPFormat(
    0, ["Account", "Fee"],
    [
      "Sequence", "Flags", "SourceTag", "LastLedgerSequence", "AccountTxnID", "Memos", "NetworkID",
      "TicketSequence",
    ])

  /// The objects of an array, by the array's name: the name that wraps each, and its format.
  static let elements: [String: (name: String, format: XRPFormat)] = [
    "Memos": ("Memo", XRPFormat(0, [], ["MemoType", "MemoData", "MemoFormat"])),
    "SignerEntries": ("SignerEntry", XRPFormat(0, ["Account", "SignerWeight"], ["WalletLocator"])),
    "AuthorizeCredentials": ("Credential", XRPFormat(0, ["Issuer", "CredentialType"])),
    "UnauthorizeCredentials": ("Credential", XRPFormat(0, ["Issuer", "CredentialType"])),
  ]

  /// The transaction types that are signed here, as rippled defines them (`transactions.macro`).
  static let transactions: [String: XRPFormat] = [
    "Payment": XRPFormat(
      0, ["Destination", "Amount"],
      ["SendMax", "Paths", "InvoiceID", "DestinationTag", "DeliverMin", "CredentialIDs", "DomainID"]),
    "EscrowCreate": XRPFormat(
      1, ["Destination", "Amount"], ["Condition", "CancelAfter", "FinishAfter", "DestinationTag"]),
    "EscrowFinish": XRPFormat(
      2, ["Owner", "OfferSequence"], ["Fulfillment", "Condition", "CredentialIDs"]),
    "AccountSet": XRPFormat(
      3, [],
      [
        "EmailHash", "WalletLocator", "WalletSize", "MessageKey", "Domain", "TransferRate", "SetFlag",
        "ClearFlag", "TickSize", "NFTokenMinter",
      ]),
    "EscrowCancel": XRPFormat(4, ["Owner", "OfferSequence"]),
    "SetRegularKey": XRPFormat(5, [], ["RegularKey"]),
    "OfferCreate": XRPFormat(7, ["TakerPays", "TakerGets"], ["Expiration", "OfferSequence", "DomainID"]),
    "OfferCancel": XRPFormat(8, ["OfferSequence"]),
    "TicketCreate": XRPFormat(10, ["TicketCount"]),
    "SignerListSet": XRPFormat(12, ["SignerQuorum"], ["SignerEntries"]),
    "PaymentChannelCreate": XRPFormat(
      13, ["Destination", "Amount", "SettleDelay", "PublicKey"], ["CancelAfter", "DestinationTag"]),
    "PaymentChannelFund": XRPFormat(14, ["Channel", "Amount"], ["Expiration"]),
    "PaymentChannelClaim": XRPFormat(
      15, ["Channel"], ["Amount", "Balance", "Signature", "PublicKey", "CredentialIDs"]),
    "CheckCreate": XRPFormat(16, ["Destination", "SendMax"], ["Expiration", "DestinationTag", "InvoiceID"]),
    "CheckCash": XRPFormat(17, ["CheckID"], ["Amount", "DeliverMin"]),
    "CheckCancel": XRPFormat(18, ["CheckID"]),
    "DepositPreauth": XRPFormat(
      19, [], ["Authorize", "Unauthorize", "AuthorizeCredentials", "UnauthorizeCredentials"]),
    "TrustSet": XRPFormat(20, [], ["LimitAmount", "QualityIn", "QualityOut"]),
    "AccountDelete": XRPFormat(21, ["Destination"], ["DestinationTag", "CredentialIDs"]),
    "NFTokenMint": XRPFormat(
      25, ["NFTokenTaxon"], ["TransferFee", "Issuer", "URI", "Amount", "Destination", "Expiration"]),
    "NFTokenBurn": XRPFormat(26, ["NFTokenID"], ["Owner"]),
    "NFTokenCreateOffer": XRPFormat(27, ["NFTokenID", "Amount"], ["Destination", "Owner", "Expiration"]),
    "NFTokenCancelOffer": XRPFormat(28, ["NFTokenOffers"]),
    "NFTokenAcceptOffer": XRPFormat(
      29, [], ["NFTokenBuyOffer", "NFTokenSellOffer", "NFTokenBrokerFee"]),
    "Clawback": XRPFormat(30, ["Amount"], ["Holder"]),
    "NFTokenModify": XRPFormat(61, ["NFTokenID"], ["Owner", "URI"]),
  ]
}
