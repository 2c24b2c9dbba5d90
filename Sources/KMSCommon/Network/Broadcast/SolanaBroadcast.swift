internal import KMSRecords

/// SOL: the transaction goes to a node, and the API is told its id once the network has it (decision 14).
///
/// The API is told nothing before the transaction is confirmed: a transaction that the network dropped would count as
/// done. What is not confirmed in time is `unknown`, and the same bytes are sent again at the next tick.
struct SolanaBroadcast: BroadcastMethod {
  private static let options: JSONValue = ["encoding": "base64", "preflightCommitment": "confirmed"]
  /// What nodes say to a transaction that they have (solana-transaction-error, AlreadyProcessed).
  private static let alreadyProcessed = "already been processed"
  /// The node can't judge transactions now (solana-rpc-client-api, NODE_UNHEALTHY): the same bytes go out again.
  private static let nodeIsBehind: Int64 = -32005
  private let notice = TatumBroadcast(name: "solana")

  func firstCall(for transaction: SignedRecord) -> BroadcastCall {
    BroadcastCall(
      path: SolanaFacts.node,
      body: [
        "jsonrpc": "2.0", "id": 1, "method": "sendTransaction",
        "params": [.string(transaction.txData), Self.options],
      ])
  }

  func send(
    _ transaction: SignedRecord, api: TatumAPI, completion: @escaping (Result<JSONValue, APIFailure>) -> Void
  ) {
    guard let txID = transaction.txID else {
      return completion(.failure(.refused(status: 400, code: nil, text: "member signed.txId is missing")))
    }
    let wait = Confirmation(api: api, txID: txID, deadline: ContinuousClock.now + api.timeout)
    func tell(_ result: Result<Void, APIFailure>) {
      switch result {
      case .failure(let failure): completion(.failure(failure))
      case .success: notify(transaction, txID, api, completion)
      }
    }
    let parameters: [JSONValue] = [.string(transaction.txData), Self.options]
    api.node(SolanaFacts.node, "sendTransaction", parameters) { result in
      switch result {
      case .failure(.api(let failure)): completion(.failure(failure))
      case .failure(.node(let code, let text)):
        // A node also refuses what it has processed before, in words that differ; its memory decides.
        wait.check { state in
          switch state {
          case .success(.confirmed): tell(.success(()))
          case .success(.processed): wait.run(attempt: 1, tell)
          case .success(.absent):
            if text.contains(Self.alreadyProcessed) {
              wait.run(attempt: 1, tell)
            } else if code == Self.nodeIsBehind {
              completion(.failure(.lost(text)))
            } else {
              completion(.failure(.refused(status: 403, code: nil, text: text)))
            }
          case .failure(let failure): completion(.failure(failure))
          }
        }
      case .success(let answer):
        guard answer.string == txID else { return completion(.success(["txId": answer])) }
        wait.run(attempt: 1, tell)
      }
    }
  }

  /// Tells the API. What it says against it can't undo what is on the chain: then the entry is marked by itself.
  private func notify(
    _ transaction: SignedRecord, _ txID: String, _ api: TatumAPI,
    _ completion: @escaping (Result<JSONValue, APIFailure>) -> Void
  ) {
    let body: JSONValue = ["txData": .string(txID), "signatureId": .string(transaction.id)]
    api.callJSON(.post, "/v3/\(notice.name)/broadcast", body: body) { result in
      if case .failure(.refused) = result {
        completion(.success(["txId": .string(txID), "failed": true]))
      } else {
        completion(result)
      }
    }
  }

  /// Waiting for the network to confirm.
  private struct Confirmation {
    let api: TatumAPI
    let txID: String
    let deadline: ContinuousClock.Instant

    /// Asks until the transaction is confirmed, has failed on the chain, or time is up.
    func run(attempt: Int, _ completion: @escaping (Result<Void, APIFailure>) -> Void) {
      check { result in
        switch result {
        case .success(.confirmed): completion(.success(()))
        case .failure(let failure): completion(.failure(failure))
        case .success(.absent), .success(.processed):
          let pause = Duration.milliseconds(500 * Int64(min(attempt, 6)))
          guard ContinuousClock.now + pause < deadline else {
            return completion(.failure(.lost("the network has not confirmed it yet")))
          }
          api.client.schedule(after: pause) { run(attempt: attempt + 1, completion) }
        }
      }
    }

    /// What the network knows of a transaction.
    enum State {
      case absent
      /// In a block that may still be dropped.
      case processed
      case confirmed
    }

    /// How far the transaction has come; one that failed on the chain is `refused`.
    func check(_ completion: @escaping (Result<State, APIFailure>) -> Void) {
      let parameters: [JSONValue] = [[.string(txID)], ["searchTransactionHistory": true]]
      api.node(SolanaFacts.node, "getSignatureStatuses", parameters) { result in
        switch result {
        case .failure(.api(let failure)): completion(.failure(failure))
        case .failure(.node(_, let text)): completion(.failure(.lost("its status can't be asked: \(text)")))
        case .success(let answer):
          guard let status = answer["value"]?.array?.first else {
            return completion(.failure(.unexpected("the status of the transaction is not understood")))
          }
          if let error = status["err"] {
            let text = api.clean("it failed on the chain: \(error.text)")
            return completion(.failure(.refused(status: 403, code: nil, text: text)))
          }
          switch status["confirmationStatus"]?.string {
          case "confirmed", "finalized": completion(.success(.confirmed))
          default: completion(.success(status.isNull ? .absent : .processed))
          }
        }
      }
    }
  }
}
