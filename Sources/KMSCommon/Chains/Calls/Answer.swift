public import KMSRecords

/// What a call came to.
public enum Answer: Hashable, Sendable {
  /// An HTTP status from 200 to 299 and a body that is JSON.
  case json(JSONValue)
  /// No such answer.
  case failure(CallFailure)

  /// The JSON.
  ///
  /// - Parameter what: names the question in messages, such as `gas price`.
  /// - Throws: what the failure means for a question (`CallFailure.asFact`).
  public func json(asking what: String) throws(DialogueFailure) -> JSONValue {
    switch self {
    case .json(let value): return value
    case .failure(let failure): throw failure.asFact(asking: what)
    }
  }

  /// What `read` makes of the JSON.
  ///
  /// - Throws: as `json(asking:)`; `passing` when `read` gives nil: what is not understood is no verdict.
  public func read<Value>(asking what: String, _ read: (JSONValue) -> Value?) throws(DialogueFailure) -> Value
  {
    guard let value = read(try json(asking: what)) else { throw .notUnderstood(asking: what) }
    return value
  }
}

/// Why a call gave no answer to read. Texts are clean: short, without control characters, without the key.
public enum CallFailure: Error, Hashable, Sendable {
  /// It never left this machine, or reached nobody: the server has seen nothing of it.
  case notSent(String)
  /// It was sent, at least in part, and no whole answer came: whether it was acted on is not known.
  case lost(String)
  /// HTTP 4xx that judges this very request; `code` is Tatum's `errorCode`.
  case refused(status: Int, code: String?, text: String)
  /// The server can't answer now (429, 5xx, a gateway, a node that can't be reached): whether it was acted on is not
  /// known, unless the call was a question.
  case unavailable(String)
  /// An answer that the description does not foresee.
  case notUnderstood(String)
  /// The API takes no more calls in this run: the key is refused, its credits are used up, the subscription is over.
  case ended(String)

  /// What happened, for people.
  public var message: String {
    switch self {
    case .notSent(let text), .lost(let text), .unavailable(let text), .notUnderstood(let text),
      .ended(let text):
      text
    case .refused(let status, _, let text): "refused (HTTP \(status)): \(text)"
    }
  }

  /// What the failure of a question means for who asked: a refusal may be no; all else passes (decision 22).
  public func asFact(asking what: String) -> DialogueFailure {
    switch self {
    case .refused: DialogueFailure(.refused, "\(what): \(message)")
    case .notSent, .lost, .unavailable, .notUnderstood: DialogueFailure(.passing, "\(what): \(message)")
    case .ended: DialogueFailure(.ended, "\(what): \(message)")
    }
  }
}

/// How a dialogue failed.
public struct DialogueFailure: Error, Hashable, Sendable {
  /// What that means for who started it.
  public enum Kind: Hashable, Sendable {
    /// A known verdict: no, and no again when it is asked again with nothing changed.
    case refused
    /// Trouble that may pass, and everything that is not understood: to be tried again later.
    case passing
    /// The API takes no more calls in this run.
    case ended
  }

  /// What the failure means.
  public let kind: Kind
  /// What was asked and what came back, for people.
  public let message: String

  /// Creates a failure.
  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// An answer that is not what was asked for.
  public static func notUnderstood(asking what: String) -> DialogueFailure {
    DialogueFailure(.passing, "\(what): the answer is not understood")
  }
}
