internal import KMSChains
internal import KMSRecords

/// One transaction at an access node, from submission to seal.
///
/// A transaction uses up the sequence number of its proposal key when it is executed, whether it succeeds or fails, and
/// can enter a block for 600 blocks after its reference block only (Flow documentation, "Transactions"). So a payload is
/// executed once at most, however often and with whatever signatures it is submitted.
struct FlowSubmission {
  let node: PublicNode
  let client: HTTPClient
  let transaction: FlowTransaction
  /// Whether the payload may have been submitted by an earlier run.
  let isReused: Bool
  let deadline: ContinuousClock.Instant

  typealias Completion = (Result<Void, APIFailure>) -> Void

  /// Submits and waits until the transaction is sealed. A second submission of the same transaction changes nothing.
  ///
  /// `refused` only when the transaction was not executed and can't be any more.
  func run(_ completion: @escaping Completion) {
    node.callJSON(.post, "/v1/transactions", body: transaction.json) { result in
      switch result {
      case .success(let answer):
        guard answer["id"]?.string?.lowercased() == transaction.id else {
          return completion(.failure(.unsettled("the access node names another transaction id")))
        }
        wait(attempt: 1, completion)
      case .failure(.refused(let status, let code, let words)):
        // A node that knows the transaction may refuse it, too; its memory decides.
        check { known in
          if case .success(.some) = known { return wait(attempt: 1, completion) }
          fail(.refused(status: status, code: code, words: words), words.text, completion)
        }
      case .failure(let failure): completion(.failure(Self.ofNode(failure)))
      }
    }
  }

  // MARK: Waiting

  private func wait(attempt: Int, _ completion: @escaping Completion) {
    check { result in
      switch result {
      case .success(.sealed): completion(.success(()))
      case .success(.failed(let text)):
        completion(.failure(.refused(status: 403, code: nil, text: "it failed on the chain: \(text)")))
      case .success(.expired):
        fail(.refused(status: 403, code: nil, text: "it expired"), "expired", completion)
      case .success(.overtaken(let text)):
        completion(
          .failure(.unsettled("an earlier submission of the same payload may have been executed: \(text)")))
      case .success(.waiting), .success(nil), .failure:
        let pause = Duration.milliseconds(500 * Int64(min(attempt, 6)))
        guard ContinuousClock.now + pause < deadline else {
          return completion(.failure(.unsettled("the network has not sealed it yet")))
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
    case expired
    /// Its sequence number was used before.
    case overtaken(String)
  }

  /// Asks for the result; nil when the node does not know the transaction.
  private func check(_ completion: @escaping (Result<Outcome?, APIFailure>) -> Void) {
    node.callJSON(.get, "/v1/transaction_results/\(transaction.id)") { result in
      switch result {
      case .failure(.refused(404, _, _)): completion(.success(nil))
      case .failure(let failure): completion(.failure(failure))
      case .success(let answer): completion(.success(Self.outcome(answer)))
      }
    }
  }

  /// Reads a transaction result (onflow/flow, `openapi/access.yaml`); nil for a status that names none.
  private static func outcome(_ answer: JSONValue) -> Outcome? {
    let error = ServerText.clean(answer["error_message"]?.string ?? "")
    switch answer["status"]?.string {
    case "Pending", "Finalized", "Executed": return .waiting
    case "Expired": return .expired
    // 1007: invalid proposal key sequence number (onflow/flow-go, fvm/errors/codes.go).
    case "Sealed" where error.contains("[Error Code: 1007]"): return .overtaken(error)
    case "Sealed" where !error.isEmpty || answer["status_code"]?.uint64 ?? 0 != 0: return .failed(error)
    case "Sealed": return .sealed
    default: return nil
    }
  }

  // MARK: Failing

  /// Ends with `failure` when the payload was not executed by an earlier run either. A node that refuses it does not prove
  /// that: under other signatures of the API it had another id. Its sequence number tells, once it can't enter a block
  /// any more.
  private func fail(_ failure: APIFailure, _ text: String, _ completion: @escaping Completion) {
    guard isReused else { return completion(.failure(failure)) }
    guard text.contains("expired") else {
      return completion(.failure(.unsettled("it may have been sent before, and is refused now: \(text)")))
    }
    node.flowKeys(of: transaction.proposer) { result in
      let key = (try? result.get())?.first { $0.id == transaction.proposerKeyID }
      guard key?.sequenceNumber == transaction.sequenceNumber else {
        return completion(
          .failure(
            .unsettled("it expired, and its sequence number was used, perhaps by an earlier submission")))
      }
      completion(.failure(failure))
    }
  }

  /// What is wrong with the node is not wrong with the API.
  private static func ofNode(_ failure: APIFailure) -> APIFailure {
    switch failure {
    case .unreachable(let text), .unauthorized(let text), .outOfCredits(let text), .tooManyRequests(let text):
      .notSent("the access node does not take it: \(text)")
    case .lost(let text):
      .unsettled("the access node may have it, but its answer did not arrive: \(text)")
    case .serverError(let status, let text):
      .unsettled("the access node failed (HTTP \(status)), it may have the transaction: \(text)")
    case .unexpected(let text): .unsettled("the access node answered something else: \(text)")
    default: failure
    }
  }
}
