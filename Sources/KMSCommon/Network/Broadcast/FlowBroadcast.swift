internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// FLOW: the API signs as proposer and payer, the transaction goes to an access node, and the API is told its id once
/// the network has executed and sealed it (decision 14).
///
/// The proposal key, which the API lends for one transaction, is given back when that has ended. What may be on its way
/// keeps its key: the same bytes come again at the next tick.
struct FlowBroadcast: BroadcastMethod {
  /// The access node; nil for the default of the network.
  let address: WebAddress?
  private let notice = TatumBroadcast(name: "flow")

  init(node address: WebAddress?) { self.address = address }

  func firstCall(for transaction: SignedRecord) -> BroadcastCall {
    let message = FlowTransaction(payload: transaction.txData)?.payloadMessage ?? []
    return BroadcastCall(
      path: "/v3/flow/sign", body: ["data": .string(Hex.encode(message)), "isPayer": false])
  }

  func send(
    _ transaction: SignedRecord, api: TatumAPI, completion: @escaping (Result<JSONValue, APIFailure>) -> Void
  ) {
    let lent = transaction.context["proposer"]?["keyId"]?.uint64
    guard let flow = Self.signed(transaction), let payerKey = Self.payerKey(transaction),
      let address = address ?? WebAddress(FlowFacts.defaultURL(testnet: transaction.testnet))
    else {
      if let lent { Self.release(lent, "", api) }
      return completion(
        .failure(
          .refused(
            status: 400, code: nil,
            text: "signed.txData, signed.payloadSignature or signed.payerKeyId is missing or not understood"
          )))
    }
    let node = PublicNode(address: address, client: api.client, timeout: api.timeout)
    if let lent, lent != flow.proposerKeyID {
      Self.release(lent, "", api)  // recorded bytes have the key of the tick in which they were signed
    }
    complete(flow, payerKey: payerKey, api) { result in
      switch result {
      case .failure(let failure):
        let failure = Self.nothingSent(failure, isReused: transaction.isReused)
        if case .refused = failure { Self.release(flow.proposerKeyID, "", api) }
        completion(.failure(failure))
      case .success(let flow):
        let submission = FlowSubmission(
          node: node, client: api.client, transaction: flow, isReused: transaction.isReused,
          deadline: ContinuousClock.now + api.timeout)
        submission.run { result in
          switch result {
          case .failure(let failure):
            if case .refused = failure { Self.release(flow.proposerKeyID, "", api) }
            completion(.failure(failure))
          case .success:
            Self.release(flow.proposerKeyID, flow.id, api)
            tell(transaction, flow.id, api, completion)
          }
        }
      }
    }
  }

  /// Gives the proposal key of a transaction back that an earlier stage has ended: nothing was sent.
  static func release(unsent record: Record, api: TatumAPI) {
    guard record.chain == "FLOW", let key = record["context"]?["proposer"]?["keyId"]?.uint64 else { return }
    release(key, "", api)
  }

  // MARK: Signatures

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

  /// The payer's key of the tick in which the transaction was signed: with another one, recorded bytes would make
  /// another transaction id, and what was executed would not be found.
  private static func payerKey(_ transaction: SignedRecord) -> UInt64? {
    (transaction.signed["payerKeyId"] ?? transaction.context["payer"]?["keyId"])?.uint64
  }

  /// Adds what the API signs: the payload as proposer, then the envelope as payer. A key signs once: when it is the same
  /// for both, the envelope's signature is enough, and a second one would be refused.
  private func complete(
    _ flow: FlowTransaction, payerKey: UInt64, _ api: TatumAPI,
    _ completion: @escaping (Result<FlowTransaction, APIFailure>) -> Void
  ) {
    guard flow.proposer != flow.payer || flow.proposerKeyID != payerKey else {
      return pay(flow, payerKey: payerKey, api, completion)
    }
    ask(flow.payloadMessage, isPayer: false, api) { result in
      switch result {
      case .failure(let failure): completion(.failure(failure))
      case .success(let bytes):
        var flow = flow
        flow.payloadSignatures.append(
          FlowTransaction.Signature(address: flow.proposer, keyID: flow.proposerKeyID, bytes: bytes))
        pay(flow, payerKey: payerKey, api, completion)
      }
    }
  }

  private func pay(
    _ flow: FlowTransaction, payerKey: UInt64, _ api: TatumAPI,
    _ completion: @escaping (Result<FlowTransaction, APIFailure>) -> Void
  ) {
    ask(flow.envelopeMessage, isPayer: true, api) { result in
      completion(
        result.map { bytes in
          var paid = flow
          paid.envelopeSignatures = [
            FlowTransaction.Signature(address: paid.payer, keyID: payerKey, bytes: bytes)
          ]
          return paid
        })
    }
  }

  private func ask(
    _ message: [UInt8], isPayer: Bool, _ api: TatumAPI,
    _ completion: @escaping (Result<[UInt8], APIFailure>) -> Void
  ) {
    let body: JSONValue = ["data": .string(Hex.encode(message)), "isPayer": .bool(isPayer)]
    api.callJSON(.post, "/v3/flow/sign", body: body) { result in
      completion(
        result.flatMap { answer in
          guard let bytes = answer["signature"]?.string.flatMap({ Hex.decodePrefixed($0) }), bytes.count == 64
          else { return .failure(.unexpected("the API's signature is not 64 bytes in hexadecimal")) }
          return .success(bytes)
        })
    }
  }

  /// A failure before anything was sent to the network in this run. What was sent in an earlier one may have been
  /// executed, so it does not fail because the API signs no more.
  private static func nothingSent(_ failure: APIFailure, isReused: Bool) -> APIFailure {
    switch failure {
    case .lost, .serverError, .unexpected:
      .notSent("the API's signatures could not be had: \(failure.message)")
    case .refused where isReused:
      .unsettled("it may have been sent before, and the API signs it no more: \(failure.message)")
    default: failure
    }
  }

  // MARK: Telling the API

  /// Gives a proposal key back; what the API answers changes nothing.
  static func release(_ keyID: UInt64, _ txID: String, _ api: TatumAPI) {
    let body: JSONValue = ["txData": .string(txID), "proposalKey": .number(JSONNumber(keyID))]
    api.callJSON(.post, "/v3/flow/broadcast", body: body) { _ in }
  }

  /// Tells the API the id. What it says against it can't undo what is on the chain: then the entry is marked by itself.
  private func tell(
    _ transaction: SignedRecord, _ txID: String, _ api: TatumAPI,
    _ completion: @escaping (Result<JSONValue, APIFailure>) -> Void
  ) {
    let call = notice.firstCall(for: transaction.with(txData: txID))
    api.callJSON(.post, call.path, body: call.body) { result in
      switch result {
      case .failure: completion(.success(["txId": .string(txID), "failed": true]))
      case .success(let answer):
        var object = answer.object ?? JSONObject()
        object["txId"] = .string(txID)
        completion(.success(.object(object)))
      }
    }
  }
}
