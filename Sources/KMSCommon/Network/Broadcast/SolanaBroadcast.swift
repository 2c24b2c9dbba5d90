internal import KMSRecords

/// SOL: the transaction goes to a node, and the API is told its id once the network has it (decision 14).
///
/// The API is told nothing before the transaction is confirmed: a transaction that the network dropped would count as
/// done. What is not confirmed in time is `unknown`, and the same bytes are sent again at the next tick.
struct SolanaBroadcast: BroadcastMethod {
  private static let options: JSONValue = ["encoding": "base64", "preflightCommitment": "confirmed"]
  /// What nodes say to a transaction that they have (solana-transaction-error, AlreadyProcessed).
  private static let alreadyProcessed = "already been processed"
  /// A node's verdicts on a transaction (solana-rpc-client-api, custom_error.rs: the simulation failed, a signature is
  /// wrong, also one that a program checks, their number is wrong, the version is not known; JSON-RPC 2.0: the request
  /// can't be read). Any other error is the node's own trouble: it has judged nothing.
  private static let verdicts: Set<Int64> = [
    -32002, -32003, -32006, -32013, -32015, -32600, -32601, -32602, -32700,
  ]
  /// A node that lags says this of a transaction that others take; of one that is too old, kms-sign tells
  /// (`signed-but-expired`).
  private static let blockhashNotFound = "Blockhash not found"
  private let notice = TatumBroadcast(name: "solana")

  func firstCall(for transaction: SignedRecord) -> BroadcastCall {
    BroadcastCall(
      path: SolanaFacts.node.path(testnet: transaction.testnet),
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
    let node = SolanaFacts.node.path(testnet: transaction.testnet)
    let wait = Confirmation(api: api, node: node, txID: txID, deadline: ContinuousClock.now + api.timeout)
    func tell(_ result: Result<Void, APIFailure>) {
      switch result {
      case .failure(let failure): completion(.failure(failure))
      case .success: notify(transaction, txID, api, completion)
      }
    }
    let parameters: [JSONValue] = [.string(transaction.txData), Self.options]
    // Once: if the answer to a first attempt were lost, the refusal of a second one would not say what became of it.
    api.node(node, "sendTransaction", parameters, repeating: .onlyUnsent) { result in
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
            } else if Self.isVerdict(code, text) {
              completion(.failure(.refused(status: 403, code: nil, text: text)))
            } else {
              completion(.failure(.lost(text)))
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

  private static func isVerdict(_ code: Int64?, _ text: String) -> Bool {
    guard let code, verdicts.contains(code) else { return false }
    return !text.contains(blockhashNotFound)
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
    let node: String
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
      /// In a block that may still be dropped, and with it what became of the transaction there.
      case processed
      case confirmed
    }

    /// How far the transaction has come; or that it failed on the chain.
    func check(_ completion: @escaping (Result<State, APIFailure>) -> Void) {
      let parameters: [JSONValue] = [[.string(txID)], ["searchTransactionHistory": true]]
      api.node(node, "getSignatureStatuses", parameters) { result in
        switch result {
        // Whatever it is, it says nothing of the transaction, which was sent.
        case .failure(.api(let failure)): completion(.failure(.lost("its status: \(failure.message)")))
        case .failure(.node(_, let text)): completion(.failure(.lost("its status: \(text)")))
        case .success(let answer):
          guard let status = answer["value"]?.array?.first else {
            return completion(.failure(.unexpected("the status of the transaction is not understood")))
          }
          switch status["confirmationStatus"]?.string {
          case "confirmed", "finalized":
            guard let error = status["err"] else { return completion(.success(.confirmed)) }
            completion(.failure(.failedOnChain(api.clean(error.text))))
          default: completion(.success(status.isNull ? .absent : .processed))
          }
        }
      }
    }
  }
}
