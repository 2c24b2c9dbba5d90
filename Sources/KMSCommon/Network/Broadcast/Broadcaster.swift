internal import KMSChains
internal import KMSProcess
internal import KMSRecords
internal import Logging

/// How a transaction's broadcast ended.
enum BroadcastOutcome: Hashable {
  /// The network has it, under this id.
  case sent(txID: String)
  /// It ended with an error; `gap` when what comes after it from the same sender can't get in before it.
  case ended(RecordError, ExitStatus, gap: Bool)

  /// The record's error; nil when it was sent.
  var error: RecordError? { if case .ended(let error, _, _) = self { error } else { nil } }
}

/// Sends one signed transaction and makes sure what became of it.
///
/// Failed is only what the network's own software refuses in words that its chain's table knows, and what a look-up, too,
/// does not find where it may have been sent before (decision 22). Everything else is unknown: kms-sign emits the same
/// bytes again at the next poll, and sending them twice is harmless.
struct Broadcaster {
  let api: TatumAPI
  let runner: DialogueRunner
  let logger: Logger

  typealias Completion = (BroadcastOutcome) -> Void

  /// Sends `transaction`.
  ///
  /// - Parameter isAfterGap: one of the same sender did not get in before it, so a refusal may be that one's fault.
  func send(
    _ transaction: SignedRecord, by broadcast: any Broadcast, isAfterGap: Bool = false,
    completion: @escaping Completion
  ) {
    let errand = Errand(transaction: transaction, broadcast: broadcast, isAfterGap: isAfterGap)
    // What was sent and not heard of is mostly there, and a look-up costs less than to send it, be refused and look it up
    // after all.
    guard transaction.isReused, let txID = transaction.txID else { return submit(errand, completion) }
    lookUp(errand, txID) { presence in
      switch presence {
      case .there: found(errand, txID, completion)
      case .failedOnChain(let text): completion(Self.rejected("it failed on the chain: \(text)", gap: false))
      case .absent, .unknown: submit(errand, completion)
      }
    }
  }

  private struct Errand {
    let transaction: SignedRecord
    let broadcast: any Broadcast
    let isAfterGap: Bool
  }

  private func submit(_ errand: Errand, _ completion: @escaping Completion) {
    if let ended = api.ended { return completion(Self.ended(by: ended)) }
    let dialogue = errand.broadcast.send(errand.transaction)
    runner.run(dialogue, chain: errand.transaction.chain, for: .broadcasts) { result in
      switch result {
      case .success(let submission): judge(errand, submission, completion)
      case .failure(let failure): judge(errand, .unsettled(failure.message), completion)
      }
    }
  }

  private func judge(_ errand: Errand, _ submission: Submission, _ completion: @escaping Completion) {
    switch submission {
    case .taken(let answer): judge(errand, answer, completion)
    case .there(let txID): complete(errand, txID, completion)
    case .refused(let words, let code): judge(errand, words, code: code, completion)
    case .failedOnChain(let text): completion(Self.rejected("it failed on the chain: \(text)", gap: false))
    case .failed(let text): completion(Self.rejected(text))
    case .notSent(let text): completion(.unknown(.apiUnreachable, "\(text); nothing was sent", .unavailable))
    case .invalid(let text): completion(.unknown(.apiError, "\(text); nothing was sent", .unavailable))
    case .unsettled(let text):
      completion(.unknown(.answerLost, "\(text); it may have been sent", .temporary, gap: false))
    case .ended(let text):
      completion(api.ended.map(Self.ended) ?? .unknown(.apiError, "\(text); nothing was sent", .unavailable))
    }
  }

  /// What ends the run ends what was not sent yet.
  static func ended(by failure: APIFailure) -> BroadcastOutcome {
    .unknown(failure.code, "\(failure.message); nothing was sent", failure.exitStatus)
  }

  // MARK: 2xx

  /// The network has it. The id must be ours; marking it complete may have failed (`failed`, `completed`).
  private func judge(_ errand: Errand, _ answer: JSONValue, _ completion: @escaping Completion) {
    let transaction = errand.transaction
    guard let theirs = answer["txId"]?.string, !theirs.isEmpty else {
      return completion(
        .unknown(.answerLost, "the API accepted it but named no transaction id", .ok, gap: false))
    }
    let cleanID = api.clean(theirs)
    if let ours = transaction.txID, !TransactionID.isSame(ours, theirs) {
      logger.critical(
        "the API names another transaction id than the one that was signed; look at the chain before anything else",
        metadata: [
          "chain": "\(transaction.chain)", "id": "\(transaction.id)", "signed": "\(ours)",
          "named": "\(cleanID)",
        ])
      return completion(
        .unknown(.txIDMismatch, "signed was \(ours), but the API says it sent \(cleanID)", .ok))
    }
    let txID = transaction.txID ?? cleanID
    guard answer["failed"]?.bool == true || answer["completed"]?.bool == false else {
      return completion(.sent(txID: txID))
    }
    complete(errand, txID, completion)
  }

  /// A look-up found it: the API is told in the chain's own way, where it has one, or else marks it as complete.
  private func found(_ errand: Errand, _ txID: String, _ completion: @escaping Completion) {
    guard let notice = errand.broadcast.notice(of: errand.transaction, txID) else {
      return complete(errand, txID, completion)
    }
    runner.run(notice, chain: errand.transaction.chain, for: .notices) { result in
      switch result {
      case .success(let submission): judge(errand, submission, completion)
      case .failure: complete(errand, txID, completion)
      }
    }
  }

  /// Marks as complete what the network has; without that it would stay pending and come back at every poll.
  private func complete(_ errand: Errand, _ txID: String, _ completion: @escaping Completion) {
    let transaction = errand.transaction
    let metadata: Logger.Metadata = [
      "chain": "\(transaction.chain)", "id": "\(transaction.id)", "txId": "\(txID)",
    ]
    api.complete(id: transaction.id, transactionID: txID, group: transaction.chain) { result in
      switch result {
      case .success: logger.notice("sent before, now marked as complete", metadata: metadata)
      case .failure(let failure):
        logger.error(
          "sent, but not marked as complete, so it is looked up again at the next poll: \(failure.message)",
          metadata: metadata)
      }
      completion(.sent(txID: txID))
    }
  }

  // MARK: Refusals

  private func judge(
    _ errand: Errand, _ words: NetworkWords, code: String?, _ completion: @escaping Completion
  ) {
    let text = api.clean(words.text)
    switch errand.broadcast.answers.verdict(of: words, code: code) {
    case .trouble:
      completion(
        .unknown(
          .answerLost, "the answer does not say what became of it, so it will be sent again: \(text)", .ok))
    case .held:
      completion(
        .unknown(
          .heldByNetwork,
          "not applied yet, but the network may still do it; the same bytes will be sent again: \(text)", .ok)
      )
    case .accepted, .alreadyThere: settle(errand, text, isVerdict: false, isUsed: true, completion)
    case .perhapsThere: settle(errand, text, isVerdict: !errand.isAfterGap, isUsed: true, completion)
    case .outOfTurn:
      settle(errand, text, isVerdict: true, isUsed: true, inTurn: false, completion)
    case .refused where errand.isAfterGap:
      completion(Self.held("refused, but an earlier one did not get in, which may be why: \(text)"))
    case .refused where !errand.transaction.isReused: completion(Self.rejected(text))
    case .refused: settle(errand, text, isVerdict: true, isUsed: false, completion)
    }
  }

  /// Looks up what was refused and may be there.
  ///
  /// - Parameters:
  ///   - isVerdict: the refusal is one, if the transaction is not there.
  ///   - isUsed: its nonce or inputs are used, so that it leaves no gap.
  ///   - inTurn: false where an earlier one may be still to come, which makes the refusal no verdict; the account tells.
  private func settle(
    _ errand: Errand, _ text: String, isVerdict: Bool, isUsed: Bool, inTurn: Bool = true,
    _ completion: @escaping Completion
  ) {
    guard let txID = errand.transaction.txID else {
      return completion(.unknown(.answerLost, "refused, but it may be there: \(text)", .ok))
    }
    lookUp(errand, txID) { presence in
      switch presence {
      case .there: found(errand, txID, completion)
      case .failedOnChain(let why): completion(Self.rejected("it failed on the chain: \(why)", gap: false))
      case .absent where isVerdict && !inTurn: askTurn(errand, text, completion)
      case .absent where isVerdict: completion(Self.rejected(text, gap: !isUsed))
      case .absent:
        completion(
          .unknown(.answerLost, "refused, and a look-up does not find it yet: \(text)", .ok, gap: !isUsed))
      case .unknown(let why):
        completion(
          .unknown(
            .answerLost, "refused, but it may be there, and a look-up does not tell (\(why)): \(text)", .ok,
            gap: !isUsed))
      }
    }
  }

  /// Asks whether what is out of turn comes too early: an earlier one of the sender may be listed at the next poll only.
  private func askTurn(_ errand: Errand, _ text: String, _ completion: @escaping Completion) {
    guard let dialogue = errand.broadcast.awaitsEarlier(errand.transaction) else {
      return completion(Self.rejected(text, gap: false))
    }
    runner.run(dialogue, chain: errand.transaction.chain, for: .lookUps) { result in
      switch result {
      case .success(true):
        completion(
          .unknown(
            .heldByNetwork,
            "refused, because the network still waits for an earlier one of the sender; the same bytes will be sent again: "
              + text, .ok))
      case .success(false): completion(Self.rejected(text, gap: false))
      case .failure(let failure):
        completion(
          .unknown(
            .answerLost, "refused, but an earlier one may be still to come (\(failure.message)): \(text)", .ok
          )
        )
      }
    }
  }

  private func lookUp(_ errand: Errand, _ txID: String, completion: @escaping (LookUp) -> Void) {
    let dialogue = errand.broadcast.lookUp(errand.transaction, txID)
    runner.run(dialogue, chain: errand.transaction.chain, for: .lookUps) { result in
      switch result {
      case .success(let presence): completion(presence)
      case .failure(let failure): completion(.unknown(failure.message))
      }
    }
  }

  private static func rejected(_ text: String, gap: Bool = true) -> BroadcastOutcome {
    .ended(RecordError(.broadcast, .failed, .broadcastRejected, text), .ok, gap: gap)
  }

  /// What is not sent because of an earlier one.
  static func held(_ text: String) -> BroadcastOutcome { .unknown(.heldForEarlier, text, .ok) }
}

extension BroadcastOutcome {
  static func unknown(_ code: ErrorCode, _ text: String, _ status: ExitStatus, gap: Bool = true)
    -> BroadcastOutcome
  {
    .ended(RecordError(.broadcast, .unknown, code, text), status, gap: gap)
  }
}

extension APIFailure {
  /// The code of records that could not be sent because of it.
  fileprivate var code: ErrorCode { if case .outOfCredits = self { .outOfCredits } else { .apiError } }
}
