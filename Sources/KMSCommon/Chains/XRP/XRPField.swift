/// The types of fields, with the type codes of the binary format.
///
/// <https://xrpl.org/docs/references/protocol/binary-format#type-list>
enum XRPType: UInt8, Sendable {
  case uint16 = 1
  case uint32 = 2
  case hash128 = 4
  case hash256 = 5
  case amount = 6
  case blob = 7
  case account = 8
  case object = 14
  case array = 15
  case uint8 = 16
  case pathSet = 18
  case vector256 = 19
}

/// A field: its place in the canonical order is that of type code and field code.
struct XRPField: Hashable, Sendable {
  let name: String
  let type: XRPType
  /// The field code, unique within the type.
  let code: UInt8
  /// Whether signatures cover it.
  let isSigned: Bool

  private init(_ name: String, _ type: XRPType, _ code: UInt8) {
    self.name = name
    self.type = type
    self.code = code
    isSigned = name != "TxnSignature" && name != "Signature"
  }

  /// The position among other fields.
  var order: UInt16 { UInt16(type.rawValue) << 8 | UInt16(code) }

  /// One to three bytes that stand before the value.
  var header: [UInt8] {
    let type = type.rawValue
    return switch (type < 16, code < 16) {
    case (true, true): [type << 4 | code]
    case (true, false): [type << 4, code]
    case (false, true): [code, type]
    case (false, false): [0, type, code]
    }
  }

  /// Ends an object within an array.
  static let objectEnd: UInt8 = 0xe1
  /// Ends an array.
  static let arrayEnd: UInt8 = 0xf1

  static let transactionType = XRPField("TransactionType", .uint16, 2)
  static let signingPublicKey = XRPField("SigningPubKey", .blob, 3)
  static let signature = XRPField("TxnSignature", .blob, 4)

  /// The field called `name`; nil when no transaction type that is signed here has it.
  static func named(_ name: String) -> XRPField? { byName[name] }

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  /// From the definitions that rippled publishes (`server_definitions`).
  private static let all: [XRPField] =
    [
      transactionType, XRPField("SignerWeight", .uint16, 3),
      XRPField("TransferFee", .uint16, 4), XRPField("TickSize", .uint8, 16),
      XRPField("EmailHash", .hash128, 1), XRPField("Paths", .pathSet, 1),
      signingPublicKey, signature,
    ]
    + [
      ("NetworkID", 1), ("Flags", 2), ("SourceTag", 3), ("Sequence", 4), ("Expiration", 10),
      ("TransferRate", 11), ("WalletSize", 12), ("DestinationTag", 14), ("QualityIn", 20),
      ("QualityOut", 21), ("OfferSequence", 25), ("LastLedgerSequence", 27), ("SetFlag", 33),
      ("ClearFlag", 34), ("SignerQuorum", 35), ("CancelAfter", 36), ("FinishAfter", 37), ("SettleDelay", 39),
      ("TicketCount", 40), ("TicketSequence", 41), ("NFTokenTaxon", 42),
    ].map { XRPField($0.0, .uint32, $0.1) }
    + [
      ("WalletLocator", 7), ("AccountTxnID", 9), ("NFTokenID", 10), ("InvoiceID", 17), ("Channel", 22),
      ("CheckID", 24), ("NFTokenBuyOffer", 28), ("NFTokenSellOffer", 29), ("DomainID", 34),
    ].map { XRPField($0.0, .hash256, $0.1) }
    + [
      ("Amount", 1), ("Balance", 2), ("LimitAmount", 3), ("TakerPays", 4), ("TakerGets", 5), ("Fee", 8),
      ("SendMax", 9), ("DeliverMin", 10), ("NFTokenBrokerFee", 19),
    ].map { XRPField($0.0, .amount, $0.1) }
    + [
      ("PublicKey", 1), ("MessageKey", 2), ("URI", 5), ("Signature", 6), ("Domain", 7), ("MemoType", 12),
      ("MemoData", 13), ("MemoFormat", 14), ("Fulfillment", 16), ("Condition", 17), ("CredentialType", 31),
    ].map { XRPField($0.0, .blob, $0.1) }
    + [
      ("Account", 1), ("Owner", 2), ("Destination", 3), ("Issuer", 4), ("Authorize", 5), ("Unauthorize", 6),
      ("RegularKey", 8), ("NFTokenMinter", 9), ("Holder", 11),
    ].map { XRPField($0.0, .account, $0.1) }
    + [("Memo", 10), ("SignerEntry", 11), ("Credential", 33)].map { XRPField($0.0, .object, $0.1) }
    + [
      ("SignerEntries", 4), ("Memos", 9), ("AuthorizeCredentials", 26), ("UnauthorizeCredentials", 27),
    ].map { XRPField($0.0, .array, $0.1) }
    + [("NFTokenOffers", 4), ("CredentialIDs", 5)].map { XRPField($0.0, .vector256, $0.1) }
}
