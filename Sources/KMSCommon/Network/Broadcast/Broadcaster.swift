internal import KMSChains
internal import KMSRecords
internal import Logging

/// How a transaction's broadcast ended.
enum BroadcastOutcome: Hashable {
  /// The network has it, under this id.
  case sent(txID: String)
  /// It ended with an error.
  case ended(RecordError)
}

/// Sends one signed transaction and makes sure what became of it.
struct Broadcaster {
  let api: TatumAPI
  let logger: Logger

  /// Sends `transaction`; `completion` also gets the failure of the API behind the outcome, if there was one.
  func send(
    _ transaction: SignedRecord, by method: any BroadcastMethod,
    completion: @escaping (BroadcastOutcome, APIFailure?) -> Void
  ) {
    method.send(transaction, api: api) { result in
      switch result {
      case .success(let answer): judge(transaction, answer) { completion($0, nil) }
      case .failure(.refused(_, let code, let words)):
        judge(transaction, refusal: ServerText.short(words.text), code: code) { completion($0, nil) }
      case .failure(.failedOnChain(let text)):
        completion(.ended(Self.error(.failedOnChain(text))), nil)
      case .failure(let failure): completion(.ended(Self.error(failure)), failure)
      }
    }
  }

  /// 2xx: the network has it. The id must be ours; marking it complete may have failed (`failed`, `completed`).
  private func judge(
    _ transaction: SignedRecord, _ answer: JSONValue, completion: @escaping (BroadcastOutcome) -> Void
  ) {
    guard let theirs = answer["txId"]?.string, !theirs.isEmpty else {
      return completion(
        .ended(
          RecordError(.broadcast, .unknown, .answerLost, "the API accepted it but named no transaction id")))
    }
    let cleanID = api.clean(theirs)
    if let ours = transaction.txID, !Self.isSame(ours, theirs) {
      logger.critical(
        "the API names another transaction id than the one that was signed; look at the chain before anything else",
        metadata: [
          "chain": "\(transaction.chain)", "id": "\(transaction.id)", "signed": "\(ours)",
          "named": "\(cleanID)",
        ])
      return completion(
        .ended(
          RecordError(
            .broadcast, .unknown, .txIDMismatch, "signed was \(ours), but the API says it sent \(cleanID)")))
    }
    let txID = transaction.txID ?? cleanID
    guard answer["failed"]?.bool == true || answer["completed"]?.bool == false else {
      return completion(.sent(txID: txID))
    }
    complete(transaction, txID, completion)
  }

  /// Marks as complete what the network has; without that it would stay pending and come back at every tick.
  private func complete(
    _ transaction: SignedRecord, _ txID: String, _ completion: @escaping (BroadcastOutcome) -> Void
  ) {
    let metadata: Logger.Metadata = [
      "chain": "\(transaction.chain)", "id": "\(transaction.id)", "txId": "\(txID)",
    ]
    api.complete(id: transaction.id, transactionID: txID) { result in
      switch result {
      case .success: logger.notice("sent before, now marked as complete", metadata: metadata)
      case .failure(let failure):
        logger.error(
          "sent, but not marked as complete, so the same bytes will be sent again: \(failure.message)",
          metadata: metadata)
      }
      completion(.sent(txID: txID))
    }
  }

  private func judge(
    _ transaction: SignedRecord, refusal text: String, code: String?,
    completion: @escaping (BroadcastOutcome) -> Void
  ) {
    let rejected = BroadcastOutcome.ended(RecordError(.broadcast, .failed, .broadcastRejected, text))
    guard let txID = transaction.txID else { return completion(rejected) }
    let refusal = Refusal(text)
    switch refusal {
    case .alreadyThere: complete(transaction, txID, completion)
    case .held:
      completion(
        .ended(
          RecordError(
            .broadcast, .unknown, .heldByNetwork,
            "not applied yet, but the network may still do it; the same bytes will be sent again: \(text)")))
    case .rejected where !transaction.isReused: completion(rejected)
    case .perhapsThere, .rejected:
      lookUp(transaction, txID) { isThere in
        switch isThere {
        case true?: complete(transaction, txID, completion)
        case false?: completion(rejected)
        case nil:
          completion(
            .ended(
              RecordError(
                .broadcast, .unknown, .answerLost,
                "refused, but it may have been sent before, and the API could not say: \(text)")))
        }
      }
    }
  }

  /// Asks whether the network knows the transaction; nil when that can't be found out.
  private func lookUp(_ transaction: SignedRecord, _ txID: String, completion: @escaping (Bool?) -> Void) {
    guard let name = BroadcastMethods.names[transaction.chain] else { return completion(nil) }
    api.callJSON(.get, "/v3/\(name)/transaction/\(WebAddress.encode(txID))") { result in
      switch result {
      case .success(let answer): completion(!(answer.object?.members.isEmpty ?? true))
      case .failure(.refused(_, let code, let words)) where Presence.isAbsence(code, words): completion(false)
      case .failure: completion(nil)
      }
    }
  }

  /// The error of a transaction about which the API said nothing. None of these is `failed`: kms-sign emits the same
  /// bytes again at the next tick, and sending them twice is harmless. Only what the network itself has failed is.
  static func error(_ failure: APIFailure) -> RecordError {
    switch failure {
    case .unreachable, .notSent:
      RecordError(.broadcast, .unknown, .apiUnreachable, "\(failure.message); nothing was sent")
    case .unauthorized, .outOfCredits, .subscriptionExpired, .tooManyRequests, .unknownRoute, .tooLarge,
      .invalid:
      RecordError(.broadcast, .unknown, .apiError, "\(failure.message); nothing was sent")
    case .lost, .serverError, .unexpected, .refused:
      RecordError(.broadcast, .unknown, .answerLost, "\(failure.message); it may have been sent")
    case .failedOnChain: RecordError(.broadcast, .failed, .broadcastRejected, failure.message)
    case .unsettled:
      RecordError(.broadcast, .unknown, .answerLost, failure.message)
    }
  }

  /// Whether two texts name the same transaction: hexadecimal ids regardless of case and `0x`, others exactly.
  static func isSame(_ a: String, _ b: String) -> Bool {
    if a == b { return true }
    guard let left = hexDigits(a), let right = hexDigits(b) else { return false }
    return left == right
  }

  private static func hexDigits(_ text: String) -> String? {
    let text = text.lowercased()
    let digits = text.hasPrefix("0x") ? text.dropFirst(2) : text[...]
    let isHex = digits.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    return digits.utf8.count == 64 && isHex ? String(digits) : nil
  }
}
