internal import KMSRecords

/// SOL: the transaction goes to a node, and the API is told its id once the network has it (decision 14).
///
/// The API is told nothing before the transaction is confirmed: a transaction that the network dropped would count as
/// done. What is not confirmed in time is `unknown`, and the same bytes are sent again at the next poll.
struct SolanaBroadcast: Broadcast {
  let name = "solana"
  let hasWithdrawals = false
  /// No nonces: what ties transactions together are the accounts that one makes and the next one uses.
  let order = SendingOrder.oneByOne
  let answers = SolanaAnswers.table

  private static let options: JSONValue = ["encoding": "base64", "preflightCommitment": "confirmed"]

  /// `sendTransaction`, once: if the answer to a first attempt were lost, the refusal of a second one would not say what
  /// became of it.
  func firstCall(for transaction: SignedRecord) -> Call {
    .rpc(
      SolanaFacts.node(testnet: transaction.testnet), "sendTransaction",
      [.string(transaction.txData), Self.options], isRepeatable: false)
  }

  func send(_ transaction: SignedRecord) -> Dialogue<Submission> {
    guard let txID = transaction.txID else { return .done(.failed("member signed.txId is missing")) }
    return .ask(firstCall(for: transaction)) { answer in
      guard case .json(let json) = answer else { return .done(Submission(answer)) }
      switch NodeReply(json) {
      case .none: return .done(.unsettled("the node's answer has neither result nor error"))
      case .result(let named):
        // Another id than the signed one is for a person to look at.
        return named.string == txID ? wait(transaction, txID, attempt: 1) : .done(.taken(["txId": named]))
      case .error(let code, let text):
        // A node also refuses what it has processed before, in words that differ; its memory decides.
        return refused(transaction, txID, NetworkWords(unwrapping: text, code: code))
      }
    }
  }

  private func refused(
    _ transaction: SignedRecord, _ txID: String, _ words: NetworkWords
  ) -> Dialogue<Submission> {
    status(of: txID, transaction) { state in
      switch state {
      case .confirmed: tell(transaction, txID)
      case .processed: wait(transaction, txID, attempt: 1)
      case .failed(let text): .done(.failedOnChain(text))
      case .unknown(let text): .done(.unsettled("\(words.text); \(text)"))
      case .absent:
        answers.verdict(of: words) == .alreadyThere
          ? wait(transaction, txID, attempt: 1) : .done(.refused(words, code: nil))
      }
    }
  }

  func lookUp(_ transaction: SignedRecord, _ txID: String) -> Dialogue<LookUp> {
    status(of: txID, transaction) { state in
      switch state {
      case .confirmed: .done(.there)
      case .absent: .done(.absent)
      case .failed(let text): .done(.failedOnChain(text))
      case .processed: .done(.unknown("the network has not confirmed it yet"))
      case .unknown(let text): .done(.unknown(text))
      }
    }
  }

  /// Its ids are too long to be marked as complete: the broadcast endpoint is told.
  func notice(of transaction: SignedRecord, _ txID: String) -> Dialogue<Submission>? {
    tell(transaction, txID)
  }

  // MARK: Confirmation

  /// What the network knows of a transaction.
  private enum State {
    case absent
    /// In a block that may still be dropped, and with it what became of the transaction there.
    case processed
    case confirmed
    /// Confirmed, and failed there.
    case failed(String)
    /// Whatever it is, it says nothing of the transaction.
    case unknown(String)
  }

  /// Asks until the transaction is confirmed, has failed on the chain, or time is up.
  private func wait(_ transaction: SignedRecord, _ txID: String, attempt: Int) -> Dialogue<Submission> {
    status(of: txID, transaction) { state in
      switch state {
      case .confirmed: return tell(transaction, txID)
      case .failed(let text): return .done(.failedOnChain(text))
      case .unknown(let text): return .done(.unsettled("it was sent, and its status is not known: \(text)"))
      case .absent, .processed:
        return .pause(.milliseconds(500 * min(attempt, 6))) { hasTime in
          hasTime
            ? wait(transaction, txID, attempt: attempt + 1)
            : .done(.unsettled("it was sent, and the network has not confirmed it yet"))
        }
      }
    }
  }

  private func status<Value>(
    of txID: String, _ transaction: SignedRecord, then: @escaping @Sendable (State) -> Dialogue<Value>
  ) -> Dialogue<Value> {
    let parameters: [JSONValue] = [[.string(txID)], ["searchTransactionHistory": true]]
    let call = Call.rpc(
      SolanaFacts.node(testnet: transaction.testnet), "getSignatureStatuses", parameters)
    return .ask(call) { answer in then(Self.state(answer)) }
  }

  private static func state(_ answer: Answer) -> State {
    let result: JSONValue
    do throws(DialogueFailure) { result = try answer.result(asking: "its status") } catch {
      return .unknown(error.message)
    }
    guard let status = result["value"]?.array?.first else {
      return .unknown("the status of the transaction is not understood")
    }
    switch status["confirmationStatus"]?.string {
    case "confirmed", "finalized": return status["err"].map { .failed($0.text) } ?? .confirmed
    default: return status.isNull ? .absent : .processed
    }
  }

  /// Tells the API. What it says against it can't undo what is on the chain.
  private func tell(_ transaction: SignedRecord, _ txID: String) -> Dialogue<Submission> {
    .ask(broadcastCall(transaction, txData: txID)) { answer in
      if case .json(let json) = answer { .done(.taken(json)) } else { .done(.there(txID: txID)) }
    }
  }
}
