/// Fields and transaction types of the XRP Ledger, from what rippled publishes (`server_definitions`).
enum XRPDefinitions {
  /// How the value of a field is written.
  enum Kind: UInt16 {
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

  struct Field {
    let name: String
    let kind: Kind
    /// Type and number: the canonical order.
    let id: UInt16
  }

  /// The members that a transaction type may have; true for those that it must have.
  struct Format {
    let name: String
    let members: [String: Bool]
  }

  /// Fields by type and number.
  static let fields: [UInt16: Field] = {
    var fields: [UInt16: Field] = [:]
    for (kind, text) in numbers {
      for entry in text.split(separator: ",") {
        let words = entry.split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let number = UInt16(words[1]) else { continue }
        let id = kind.rawValue << 8 | number
        fields[id] = Field(name: String(words[0]), kind: kind, id: id)
      }
    }
    return fields
  }()

  /// Fields by name.
  static let named = Dictionary(uniqueKeysWithValues: fields.values.map { ($0.name, $0) })

  /// Transaction types by number.
  static let types: [UInt64: Format] = {
    var types: [UInt64: Format] = [:]
    for line in formats.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count >= 2, let number = UInt64(words[1]) else { continue }
      var members: [String: Bool] = [:]
      for word in words.dropFirst(2) + common.split(separator: " ") {
        members[word.filter { $0 != "!" }] = word.hasSuffix("!")
      }
      types[number] = Format(name: String(words[0]), members: members)
    }
    return types
  }()

  private static let numbers: [(Kind, String)] = [
    (.uint16, "TransactionType 2, SignerWeight 3, TransferFee 4"),
    (
      .uint32,
      """
      NetworkID 1, Flags 2, SourceTag 3, Sequence 4, Expiration 10, TransferRate 11, WalletSize 12,
      DestinationTag 14, QualityIn 20, QualityOut 21, OfferSequence 25, LastLedgerSequence 27,
      OperationLimit 29, SetFlag 33, ClearFlag 34, SignerQuorum 35, CancelAfter 36, FinishAfter 37,
      SettleDelay 39, TicketCount 40, TicketSequence 41, NFTokenTaxon 42
      """
    ),
    (.hash128, "EmailHash 1"),
    (
      .hash256,
      """
      PreviousTxnID 5, WalletLocator 7, AccountTxnID 9, NFTokenID 10, InvoiceID 17, Channel 22, CheckID 24,
      NFTokenBuyOffer 28, NFTokenSellOffer 29, DomainID 34
      """
    ),
    (
      .amount,
      """
      Amount 1, Balance 2, LimitAmount 3, TakerPays 4, TakerGets 5, Fee 8, SendMax 9, DeliverMin 10,
      NFTokenBrokerFee 19
      """
    ),
    (
      .blob,
      """
      PublicKey 1, MessageKey 2, SigningPubKey 3, TxnSignature 4, URI 5, Signature 6, Domain 7, MemoType 12,
      MemoData 13, MemoFormat 14, Fulfillment 16, Condition 17, CredentialType 31
      """
    ),
    (
      .account,
      """
      Account 1, Owner 2, Destination 3, Issuer 4, Authorize 5, Unauthorize 6, RegularKey 8, NFTokenMinter 9,
      Holder 11, Delegate 12
      """
    ),
    (.object, "Memo 10, SignerEntry 11, Signer 16, Credential 33"),
    (.array, "Signers 3, SignerEntries 4, Memos 9, AuthorizeCredentials 26, UnauthorizeCredentials 27"),
    (.uint8, "TickSize 16"),
    (.pathSet, "Paths 1"),
    (.vector256, "NFTokenOffers 4, CredentialIDs 5"),
  ]

  /// What every transaction may have and, with an exclamation mark, must have.
  private static let common =
    "TransactionType! Account! Fee! Sequence! SigningPubKey! TxnSignature Flags SourceTag PreviousTxnID "
    + "LastLedgerSequence AccountTxnID OperationLimit Memos TicketSequence Signers NetworkID Delegate"

  private static let formats = """
    Payment 0 Destination! Amount! SendMax Paths InvoiceID DestinationTag DeliverMin CredentialIDs DomainID
    EscrowCreate 1 Destination! Amount! Condition CancelAfter FinishAfter DestinationTag
    EscrowFinish 2 Owner! OfferSequence! Fulfillment Condition CredentialIDs
    AccountSet 3 EmailHash WalletLocator WalletSize MessageKey Domain TransferRate SetFlag ClearFlag TickSize \
    NFTokenMinter
    EscrowCancel 4 Owner! OfferSequence!
    SetRegularKey 5 RegularKey
    OfferCreate 7 TakerPays! TakerGets! Expiration OfferSequence DomainID
    OfferCancel 8 OfferSequence!
    TicketCreate 10 TicketCount!
    SignerListSet 12 SignerQuorum! SignerEntries
    PaymentChannelCreate 13 Destination! Amount! SettleDelay! PublicKey! CancelAfter DestinationTag
    PaymentChannelFund 14 Channel! Amount! Expiration
    PaymentChannelClaim 15 Channel! Amount Balance Signature PublicKey CredentialIDs
    CheckCreate 16 Destination! SendMax! Expiration DestinationTag InvoiceID
    CheckCash 17 CheckID! Amount DeliverMin
    CheckCancel 18 CheckID!
    DepositPreauth 19 Authorize Unauthorize AuthorizeCredentials UnauthorizeCredentials
    TrustSet 20 LimitAmount QualityIn QualityOut
    AccountDelete 21 Destination! DestinationTag CredentialIDs
    NFTokenMint 25 NFTokenTaxon! TransferFee Issuer URI Amount Destination Expiration
    NFTokenBurn 26 NFTokenID! Owner
    NFTokenCreateOffer 27 NFTokenID! Amount! Destination Owner Expiration
    NFTokenCancelOffer 28 NFTokenOffers!
    NFTokenAcceptOffer 29 NFTokenBuyOffer NFTokenSellOffer NFTokenBrokerFee
    Clawback 30 Amount! Holder
    NFTokenModify 61 NFTokenID! Owner URI
    """
}
