internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// One transaction of Flow on its way: the API's signatures, the access node, the seal, the notice.
struct FlowSubmission: Sendable {
  let transaction: SignedRecord
  let flow: FlowTransaction
  let payerKey: UInt64
  let broadcast: FlowBroadcast

  private var testnet: Bool { transaction.testnet }

  /// All steps. `unused` is the key of a loan that this transaction does not need.
  ///
  /// A key signs once: when proposer and payer are the same key, the envelope's signature is enough, and a second one
  /// would be refused.
  func run(releasing unused: UInt64?) -> Dialogue<Submission> {
    let giveBack = unused.map { [FlowCalls.release(proposalKey: $0)] } ?? []
    let isSameKey = flow.proposer == flow.payer && flow.proposerKeyID == payerKey
    let first =
      isSameKey
      ? broadcast.signCall(flow.envelopeMessage, isPayer: true)
      : broadcast.signCall(flow.payloadMessage, isPayer: false)
    return .askAll([first] + giveBack) { answers in
      switch Self.signature(answers[0]) {
      case .failure(let failure): unsigned(failure)
      case .success(let bytes): isSameKey ? submit(paid(flow, bytes)) : pay(proposed(bytes))
      }
    }
  }

  // MARK: The API's signatures

  private func proposed(_ bytes: [UInt8]) -> FlowTransaction {
    var flow = flow
    flow.payloadSignatures.append(
      FlowTransaction.Signature(address: flow.proposer, keyID: flow.proposerKeyID, bytes: bytes))
    return flow
  }

  private func paid(_ flow: FlowTransaction, _ bytes: [UInt8]) -> FlowTransaction {
    var flow = flow
    flow.envelopeSignatures = [
      FlowTransaction.Signature(address: flow.payer, keyID: payerKey, bytes: bytes)
    ]
    return flow
  }

  private func pay(_ flow: FlowTransaction) -> Dialogue<Submission> {
    .ask(broadcast.signCall(flow.envelopeMessage, isPayer: true)) { answer in
      switch Self.signature(answer) {
      case .failure(let failure): unsigned(failure)
      case .success(let bytes): submit(paid(flow, bytes))
      }
    }
  }

  private static func signature(_ answer: Answer) -> Result<[UInt8], CallFailure> {
    switch answer {
    case .failure(let failure): return .failure(failure)
    case .json(let json):
      guard let bytes = json["signature"]?.string.flatMap({ Hex.decodePrefixed($0) }), bytes.count == 64
      else { return .failure(.notUnderstood("the API's signature is not 64 bytes in hexadecimal")) }
      return .success(bytes)
    }
  }

  /// Without the API's signatures nothing is sent in this run. That the API does not sign is no verdict of the network;
  /// the proposal key is kept, because the same payload comes again at the next poll, until it can't enter a block any more.
  private func unsigned(_ failure: CallFailure) -> Dialogue<Submission> {
    let what =
      transaction.isReused
      ? "it may have been sent before, and the API's signatures could not be had"
      : "the API's signatures could not be had"
    guard transaction.isReused else { return .done(Submission(before: what, failure)) }
    switch failure {
    case .ended: return .done(.ended(failure.message))
    case .refused, .invalid: return failWhenOver(flow, "\(what): \(failure.message)")
    default: return .done(.unsettled("\(what): \(failure.message)"))
    }
  }

  // MARK: The access node

  /// Submits. A second submission of the same transaction changes nothing.
  private func submit(_ flow: FlowTransaction) -> Dialogue<Submission> {
    let call = Call(
      .post, "/v1/transactions", at: FlowCalls.node(testnet: testnet), body: flow.json)
    return .ask(call) { answer in
      switch answer {
      case .json(let json):
        guard json["id"]?.string?.lowercased() == flow.id else {
          return .done(.unsettled("the access node names another transaction id"))
        }
        return wait(flow, attempt: 1)
      case .failure(.refused(_, let code, let words)):
        // A node that knows the transaction may refuse it, too; its memory decides.
        return status(of: flow) { state in
          switch state {
          case .unknown(.some), .absent: refused(flow, words, code: code)
          // A status that is none takes nothing back from a verdict on what was never sent before.
          case .unknown(nil)
          where !transaction.isReused && broadcast.answers.verdict(of: words, code: code) == .refused:
            fail(flow, words.text)
          default: wait(flow, attempt: 1)
          }
        }
      case .failure(.notSent(let text)), .failure(.ended(_, let text)):
        return .done(.notSent("the access node does not take it: \(text)"))
      case .failure(let failure):
        return .done(.unsettled("the access node may have it: \(failure.message)"))
      }
    }
  }

  private func wait(_ flow: FlowTransaction, attempt: Int) -> Dialogue<Submission> {
    status(of: flow) { state in
      switch state {
      case .sealed: return tell(flow)
      case .failed(let text):
        return broadcast.releasing(flow.proposerKeyID, then: .failedOnChain(text))
      case .expired: return fail(flow, "it expired")
      case .overtaken(let text):
        return .done(.unsettled("an earlier submission of the same payload may have been executed: \(text)"))
      case .waiting, .absent, .unknown:
        return .pause(.milliseconds(500 * min(attempt, 6))) { hasTime in
          hasTime
            ? wait(flow, attempt: attempt + 1) : .done(.unsettled("the network has not sealed it yet"))
        }
      }
    }
  }

  /// What became of a transaction.
  private enum State {
    case waiting
    case sealed
    case failed(String)
    case expired
    /// Its sequence number was used before.
    case overtaken(String)
    /// The node does not know it.
    case absent
    /// The node does not say; with a text where it could not be asked.
    case unknown(String?)
  }

  private func status(
    of flow: FlowTransaction, then: @escaping @Sendable (State) -> Dialogue<Submission>
  ) -> Dialogue<Submission> {
    let call = Call(.get, "/v1/transaction_results/\(flow.id)", at: FlowCalls.node(testnet: testnet))
    return .ask(call) { answer in
      switch answer {
      case .json(let json): then(Self.state(json))
      case .failure(.refused(404, _, _)): then(.absent)
      case .failure(let failure): then(.unknown(failure.message))
      }
    }
  }

  /// Reads a transaction result (onflow/flow, `openapi/access.yaml`).
  private static func state(_ answer: JSONValue) -> State {
    let error = answer["error_message"]?.string ?? ""
    switch answer["status"]?.string {
    case "Pending", "Finalized", "Executed": return .waiting
    case "Expired": return .expired
    // 1007: invalid proposal key sequence number (onflow/flow-go, fvm/errors/codes.go).
    case "Sealed" where error.contains("[Error Code: 1007]"): return .overtaken(error)
    case "Sealed" where !error.isEmpty || answer["status_code"]?.uint64 ?? 0 != 0: return .failed(error)
    case "Sealed": return .sealed
    default: return .unknown(nil)
    }
  }

  // MARK: The end

  private func refused(_ flow: FlowTransaction, _ words: NetworkWords, code: String?) -> Dialogue<Submission>
  {
    switch broadcast.answers.verdict(of: words) {
    // What expired may have been executed before: `fail` finds out.
    case .refused, .perhapsThere, .outOfTurn: fail(flow, words.text)
    default: .done(.refused(words, code: code))
    }
  }

  /// The node refuses the transaction for good, or it expired. It has failed unless an earlier run may have brought it in:
  /// a node that refuses it does not prove the contrary, because under other signatures of the API it had another id.
  private func fail(_ flow: FlowTransaction, _ text: String) -> Dialogue<Submission> {
    let end = Submission.failed(text)
    guard transaction.isReused else { return broadcast.releasing(flow.proposerKeyID, then: end) }
    return failWhenOver(flow, "it may have been sent before, and is refused now: \(text)")
  }

  /// How many blocks after its reference block a transaction can enter one (onflow/flow-go, `DefaultTransactionExpiry`).
  /// Access nodes call it expired 30 blocks earlier (`DefaultTransactionExpiryBuffer`), when it may still get in.
  private static let validBlocks: UInt64 = 600

  /// What may have been sent before has failed when it can't enter a block any more, and when its sequence number is unused
  /// in a state that has all blocks that it could have entered. Until then it is not settled.
  private func failWhenOver(_ flow: FlowTransaction, _ text: String) -> Dialogue<Submission> {
    let blocks = [
      FlowCalls.block(testnet: testnet, sealed: true),
      FlowCalls.block(Hex.encode(flow.referenceBlock), testnet: testnet),
    ]
    return .askAll(blocks) { answers in
      guard let sealed = FlowCalls.height(answers[0]), let reference = FlowCalls.height(answers[1]),
        sealed > reference, sealed - reference > Self.validBlocks
      else { return .done(.unsettled(text)) }
      return .ask(FlowCalls.account(flow.proposer, testnet: testnet)) { answer in
        guard case .json(let json) = answer,
          let key = FlowCalls.keys(json)?.first(where: { $0.id == flow.proposerKeyID }),
          key.sequenceNumber == flow.sequenceNumber
        else {
          return .done(
            .unsettled("it expired, and its sequence number was used, perhaps by an earlier submission"))
        }
        return broadcast.releasing(flow.proposerKeyID, then: .failed("\(text); it expired"))
      }
    }
  }

  /// Gives the proposal key back and tells the API the id. What it says against it can't undo what is on the chain.
  private func tell(_ flow: FlowTransaction) -> Dialogue<Submission> {
    let release = FlowCalls.release(proposalKey: flow.proposerKeyID, txID: flow.id)
    return .askAll([release, broadcast.broadcastCall(transaction, txData: flow.id)]) { answers in
      guard case .json(let json) = answers[1] else { return .done(.there(txID: flow.id)) }
      var object = json.object ?? JSONObject()
      object["txId"] = .string(flow.id)
      return .done(.taken(.object(object)))
    }
  }
}
