internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// FLOW: the API signs as proposer and payer, the transaction goes to an access node, and the API is told its id once
/// the network has executed and sealed it (decision 14).
///
/// A transaction uses up the sequence number of its proposal key when it is executed, whether it succeeds or fails, and
/// can enter a block for 600 blocks after its reference block only (Flow documentation, "Transactions"). So a payload is
/// executed once at most, however often and with whatever signatures it is submitted.
///
/// The proposal key, which the API lends for one transaction, is given back when that has ended. What may be on its way
/// keeps its key: the same bytes come again at the next poll. When they can't enter a block any more, they have ended.
struct FlowBroadcast: Broadcast {
  let name = "flow"
  let hasWithdrawals = false
  /// Each transaction has a proposal key of its own.
  let order = SendingOrder.oneByOne
  let answers = FlowAnswers.table

  /// The first signature that is asked for.
  func firstCall(for transaction: SignedRecord) -> Call {
    signCall(FlowTransaction(payload: transaction.txData)?.payloadMessage ?? [], isPayer: false)
  }

  func send(_ transaction: SignedRecord) -> Dialogue<Submission> {
    let lent = Self.proposalKey(in: transaction.context)
    guard let flow = Self.signed(transaction), let payerKey = Self.payerKey(transaction) else {
      return releasing(
        lent,
        then: .failed(
          "signed.txData, signed.payloadSignature or signed.payerKeyId is missing or not understood"))
    }
    let job = FlowSubmission(
      transaction: transaction, flow: flow, payerKey: payerKey, broadcast: self)
    // Recorded bytes have the key of the poll in which they were signed; the one that was lent for this poll goes back.
    return job.run(releasing: lent.flatMap { $0 == flow.proposerKeyID ? nil : $0 })
  }

  /// Without an id nothing can be looked up; `send` finds out itself.
  func lookUp(_ transaction: SignedRecord, _ txID: String) -> Dialogue<LookUp> {
    .done(.unknown("a transaction of Flow has no id before it is sent"))
  }

  func release(unsent record: Record) -> [Call] {
    guard let context = record["context"], let key = Self.proposalKey(in: context) else { return [] }
    if let transaction = SignedRecord(record),
      FlowTransaction(payload: transaction.txData)?.proposerKeyID == key
    {
      return []
    }
    return [FlowCalls.release(proposalKey: key)]
  }

  // MARK: Parts

  private static func proposalKey(in context: JSONValue) -> UInt64? { context["proposer"]?["keyId"]?.uint64 }

  /// Asks the API to sign as proposer or payer.
  func signCall(_ message: [UInt8], isPayer: Bool) -> Call {
    Call(.post, "/v3/flow/sign", body: ["data": .string(Hex.encode(message)), "isPayer": .bool(isPayer)])
  }

  /// Gives a proposal key back; what the API answers changes nothing.
  func releasing(_ key: UInt64?, then end: Submission) -> Dialogue<Submission> {
    guard let key else { return .done(end) }
    return .ask(FlowCalls.release(proposalKey: key)) { _ in .done(end) }
  }

  /// The payload with the account's signature; nil when a part is missing.
  private static func signed(_ transaction: SignedRecord) -> FlowTransaction? {
    guard var flow = FlowTransaction(payload: transaction.txData),
      let member = transaction.signed["payloadSignature"],
      let address = member["address"]?.string?.lowercased(),
      flow.authorizers.contains(address), let keyID = member["keyId"]?.uint64,
      let bytes = member["signature"]?.string.flatMap({ Hex.decode($0) }), bytes.count == 64
    else { return nil }
    flow.payloadSignatures = [FlowTransaction.Signature(address: address, keyID: keyID, bytes: bytes)]
    return flow
  }

  /// The payer's key of the poll in which the transaction was signed: with another one, recorded bytes would make
  /// another transaction id, and what was executed would not be found.
  private static func payerKey(_ transaction: SignedRecord) -> UInt64? {
    (transaction.signed["payerKeyId"] ?? transaction.context["payer"]?["keyId"])?.uint64
  }
}
