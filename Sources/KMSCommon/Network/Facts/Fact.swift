internal import KMSProcess
internal import KMSRecords

/// What a need came to.
enum Fact: Sendable {
  /// Members of `context`.
  case members([(name: String, value: JSONValue)])
  /// One item for the array `name` of `context`; nil where the network does not know it.
  case item(array: String, value: JSONValue?)
}

/// Why a fact could not be had.
struct FactFailure: Error, Hashable, Sendable {
  enum Kind: Hashable, Sendable {
    /// The network or the API gave a definite no: this transaction can't be prepared as it is.
    case refused
    /// Trouble that passes; the same question may be answered at the next tick. Holds how the program ends.
    case passing(ExitStatus)
    /// This build does not know how to get such a fact for this chain.
    case unsupported
  }

  let kind: Kind
  /// What was asked and what came back, for people.
  let message: String

  init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// From a failed call; `what` names the question.
  init(_ failure: APIFailure, asking what: String) {
    kind = failure.isPassing ? .passing(failure.exitStatus) : .refused
    message = "\(what): \(failure.message)"
  }

  /// An answer that is not what was asked for.
  static func unexpected(asking what: String) -> FactFailure {
    FactFailure(.passing(.unavailable), "\(what): the answer is not understood")
  }
}

/// Called once with what a need came to.
typealias FactCompletion = (Result<Fact, FactFailure>) -> Void

/// How the facts of one family of chains are found.
protocol FactSource {
  /// Finds `need`; nil when it is not one of this family's.
  func find(_ need: Need, completion: @escaping FactCompletion) -> Bool
}
