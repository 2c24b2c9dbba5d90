internal import KMSCrypto
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
    guard let flow = Self.signed(transaction), let payerKey = transaction.context["payer"]?["keyId"]?.uint64,
      let address = address ?? WebAddress(FlowFacts.defaultURL(testnet: transaction.testnet))
    else {
      return completion(
        .failure(
          .refused(
            status: 400, code: nil,
            text: "signed.txData, signed.payloadSignature or context.payer.keyId is missing or not understood"
          )))
    }
    let node = PublicNode(address: address, client: api.client, timeout: api.timeout)
    if let lent = transaction.context["proposer"]?["keyId"]?.uint64, lent != flow.proposerKeyID {
      Self.release(lent, "", api)  // recorded bytes have the key of the tick in which they were signed
    }
    complete(flow, payerKey: payerKey, api) { result in
      switch result {
      case .failure(let failure): completion(.failure(Self.nothingSent(failure)))
      case .success(let flow):
        let submission = FlowSubmission(
          node: node, client: api.client, transaction: flow, deadline: ContinuousClock.now + api.timeout)
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

  /// Adds what the API signs: the payload as proposer, then the envelope as payer.
  private func complete(
    _ flow: FlowTransaction, payerKey: UInt64, _ api: TatumAPI,
    _ completion: @escaping (Result<FlowTransaction, APIFailure>) -> Void
  ) {
    ask(flow.payloadMessage, isPayer: false, api) { result in
      switch result {
      case .failure(let failure): completion(.failure(failure))
      case .success(let bytes):
        var flow = flow
        flow.payloadSignatures.append(
          FlowTransaction.Signature(address: flow.proposer, keyID: flow.proposerKeyID, bytes: bytes))
        let proposed = flow
        ask(flow.envelopeMessage, isPayer: true, api) { result in
          completion(
            result.map { bytes in
              var paid = proposed
              paid.envelopeSignatures = [
                FlowTransaction.Signature(address: paid.payer, keyID: payerKey, bytes: bytes)
              ]
              return paid
            })
        }
      }
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

  /// A failure before anything was sent to the network.
  private static func nothingSent(_ failure: APIFailure) -> APIFailure {
    switch failure {
    case .lost, .serverError, .unexpected:
      .unreachable("the API's signatures could not be had: \(failure.message)")
    default: failure
    }
  }

  // MARK: Telling the API

  /// Gives a proposal key back; what the API answers changes nothing.
  private static func release(_ keyID: UInt64, _ txID: String, _ api: TatumAPI) {
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

/// One transaction at an access node, from submission to seal.
private struct FlowSubmission {
  let node: PublicNode
  let client: HTTPClient
  let transaction: FlowTransaction
  let deadline: ContinuousClock.Instant

  /// Submits and waits until the transaction is sealed. A second submission of the same transaction changes nothing.
  func run(_ completion: @escaping (Result<Void, APIFailure>) -> Void) {
    node.callJSON(.post, "/v1/transactions", body: transaction.json) { result in
      switch result {
      case .success(let answer):
        guard answer["id"]?.string?.lowercased() == transaction.id else {
          return completion(.failure(.unexpected("the node names another transaction id")))
        }
        wait(attempt: 1, completion)
      case .failure(.refused(let status, let code, let text)):
        // A node that knows the transaction may refuse it, too; its memory decides.
        check { known in
          if case .success(.some) = known { return wait(attempt: 1, completion) }
          completion(.failure(.refused(status: status, code: code, text: text)))
        }
      case .failure(let failure): completion(.failure(failure))
      }
    }
  }

  private func wait(attempt: Int, _ completion: @escaping (Result<Void, APIFailure>) -> Void) {
    check { result in
      switch result {
      case .success(.sealed): completion(.success(()))
      case .success(.failed(let text)):
        completion(.failure(.refused(status: 403, code: nil, text: "it failed on the chain: \(text)")))
      case .success(.overtaken(let text)):
        completion(
          .failure(.lost("an earlier submission of the same payload may have been executed: \(text)")))
      case .success(.waiting), .success(nil), .failure:
        let pause = Duration.milliseconds(500 * Int64(min(attempt, 6)))
        guard ContinuousClock.now + pause < deadline else {
          return completion(.failure(.lost("the network has not sealed it yet")))
        }
        client.schedule(after: pause) { wait(attempt: attempt + 1, completion) }
      }
    }
  }

  /// What became of a transaction.
  private enum Outcome {
    case waiting
    case sealed
    case failed(String)
    /// Its sequence number was used before.
    case overtaken(String)
  }

  /// Asks for the result; nil when the node does not know the transaction.
  private func check(_ completion: @escaping (Result<Outcome?, APIFailure>) -> Void) {
    node.callJSON(.get, "/v1/transaction_results/\(transaction.id)") { result in
      switch result {
      case .failure(.refused(404, _, _)): completion(.success(nil))
      case .failure(let failure): completion(.failure(failure))
      case .success(let answer):
        let error = ServerText.clean(answer["error_message"]?.string ?? "")
        switch answer["status"]?.string {
        case "Expired": completion(.success(.failed("expired")))
        // 1007: invalid proposal key sequence number (onflow/flow-go, fvm/errors/codes.go).
        case "Sealed" where error.contains("[Error Code: 1007]"): completion(.success(.overtaken(error)))
        case "Sealed" where !error.isEmpty || answer["status_code"]?.uint64 ?? 0 != 0:
          completion(.success(.failed(error)))
        case "Sealed": completion(.success(.sealed))
        default: completion(.success(.waiting))
        }
      }
    }
  }
}
