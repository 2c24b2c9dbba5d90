public import KMSRecords

/// How one chain's signed transactions reach its network: what is sent and asked, in which order, and what the answers
/// mean. Pure: it describes calls and reads answers, kms-broadcast makes them.
public protocol Broadcast: Sendable {
  /// The chain's name in the API's paths, such as `/v3/{name}/broadcast`.
  var name: String { get }

  /// Whether withdrawals of virtual accounts have an endpoint of their own; elsewhere `withdrawalId` is ignored.
  var hasWithdrawals: Bool { get }

  /// How the transactions of one sender follow each other.
  var order: SendingOrder { get }

  /// Whether pending transactions carry their number in their sender's sequence, given to them before they were signed: then
  /// one that was not signed leaves a gap, too.
  var isNumberedBefore: Bool { get }

  /// What the network's refusals mean.
  var answers: AnswerTable { get }

  /// What the broadcast endpoint and a look-up cost in credits, as the API's description says.
  var credits: BroadcastCredits { get }

  /// The call that `send` begins with; what `--dry-run` shows.
  func firstCall(for transaction: SignedRecord) -> Call

  /// Sends the transaction and waits for what settles it.
  func send(_ transaction: SignedRecord) -> Dialogue<Submission>

  /// Asks whether the network has the transaction under `txID`.
  func lookUp(_ transaction: SignedRecord, _ txID: String) -> Dialogue<LookUp>

  /// Asks whether the sender has used fewer numbers than come before this transaction's, after an answer that says that it is
  /// out of turn: then it may get in later, and the refusal is no verdict. Nil where no answer says so.
  func awaitsEarlier(_ transaction: SignedRecord) -> Dialogue<Bool>?

  /// Tells the API of a transaction that a look-up has found; nil where it is marked as complete instead.
  func notice(of transaction: SignedRecord, _ txID: String) -> Dialogue<Submission>?

  /// Gives back what was lent for a record of which nothing is sent in this run; the answers change nothing. What recorded
  /// bytes use stays lent, because they come again.
  func release(unsent record: Record) -> [Call]
}

/// What calls of a chain cost in credits (docs/api.md, "Credits").
public struct BroadcastCredits: Hashable, Sendable {
  /// `POST /v3/{name}/broadcast`.
  public let broadcast: Int
  /// `GET /v3/{name}/transaction/{hash}`.
  public let lookUp: Int

  /// Creates prices; those of most chains unless told otherwise.
  public init(broadcast: Int = 2, lookUp: Int = 1) {
    self.broadcast = broadcast
    self.lookUp = lookUp
  }
}

/// How transactions of one sender follow each other.
public enum SendingOrder: Hashable, Sendable {
  /// Nodes queue by nonce what comes before its turn, so several go out at once. After one that did not get in, the
  /// later ones are not sent: they could only wait in the node's queue, where it drops them at will.
  case queuedByNonce(atOnce: Int)
  /// Numbered, and nodes refuse or forget what comes before its turn: one after the other, and none after one that did
  /// not get in, because the refusal of its successor would be no verdict.
  case inSequence
  /// One may spend what the one before it leaves: one after the other. After one that did not get in, "inputs are
  /// missing" is no verdict.
  case chained
  /// The network ties them together in no way, but one may make what the next one needs, such as an account: one after
  /// the other, whatever became of those before.
  case oneByOne
}

/// What sending came to.
public enum Submission: Hashable, Sendable {
  /// The API took it; its answer.
  case taken(JSONValue)
  /// It was refused in these words, and the chain's table says what they mean; `code` is Tatum's `errorCode`.
  case refused(NetworkWords, code: String?)
  /// The network has it for good under this id, and the API does not know yet.
  case there(txID: String)
  /// The network has it in a block, and it failed there: that is final.
  case failedOnChain(String)
  /// It is not on the chain and never will be: the record lacks what sending needs, or the chain's dialogue made sure
  /// that a refusal is final.
  case failed(String)
  /// Nothing was sent in this run.
  case notSent(String)
  /// The API does not accept the call as it is; nothing was sent.
  case invalid(String)
  /// The network may have it.
  case unsettled(String)
  /// The API takes no more calls in this run; nothing was sent.
  case ended(String)

  /// What the failure of the call that sends the transaction means.
  public init(_ failure: CallFailure) {
    switch failure {
    case .refused(_, let code, let words): self = .refused(words, code: code)
    case .invalid: self = .invalid(failure.message)
    case .notSent: self = .notSent(failure.message)
    case .lost, .unavailable, .notUnderstood: self = .unsettled(failure.message)
    case .ended: self = .ended(failure.message)
    }
  }

  /// What the failure of a call means that comes before the transaction is sent.
  ///
  /// - Parameter what: names the call, such as `the envelope`.
  public init(before what: String, _ failure: CallFailure) {
    if case .ended = failure {
      self = .ended(failure.message)
    } else {
      self = .notSent("\(what): \(failure.message)")
    }
  }
}

/// What a look-up came to.
public enum LookUp: Hashable, Sendable {
  /// The network has it.
  case there
  /// The network does not have it, in words that mean it.
  case absent
  /// The network has it in a block, and it failed there for good.
  case failedOnChain(String)
  /// The answer proves neither.
  case unknown(String)
}

extension AnswerTable {
  /// What a refusal means, with Tatum's `errorCode`: its own codes say that it does not wait for this transaction any
  /// more, perhaps because it has it, and nothing about the network.
  public func verdict(of words: NetworkWords, code: String?) -> Verdict {
    switch code {
    case "withdrawal.unexpected.state", "kms.missing": .alreadyThere
    default: verdict(of: words)
    }
  }
}
