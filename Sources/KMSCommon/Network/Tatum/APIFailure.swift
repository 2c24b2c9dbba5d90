internal import KMSChains
internal import KMSProcess

/// Why a call gave nothing to work with. Texts are cleaned.
///
/// Errors of the API itself are told apart from the network's own words here, before any chain is asked what they mean
/// (decision 22). The documented texts and codes are read by `APIAnswer`.
enum APIFailure: Error, Hashable, Sendable {
  /// Nothing was sent: the API can't be reached.
  case unreachable(String)
  /// Nothing was sent to the network, for a reason that says nothing about the connection to the API: a node of
  /// somebody else, or an answer that had to come first.
  case notSent(String)
  /// It was sent; whether it was acted on is not known.
  case lost(String)
  /// The network has it, or may have it, and what becomes of it is not known yet.
  case unsettled(String)
  /// The key is not accepted: 401, or 403 `Forbidden`. Ends the run.
  case unauthorized(String)
  /// The plan's credits are used up: 402, or any refusal that says so. Ends the run.
  case outOfCredits(String)
  /// The subscription behind the key has expired. Ends the run.
  case subscriptionExpired(String)
  /// 404 or 405 of the API's router: there is no such address. The text names it.
  case unknownRoute(String)
  /// 413: the request is longer than the API or a gateway before it takes.
  case tooLarge(String)
  /// 429, after all that was tried.
  case tooManyRequests(String)
  /// 5xx or a body that is no answer of the API, after all that was tried; whether it was acted on is not known.
  case serverError(status: Int, text: String)
  /// The API does not accept the request as it is (400, validation); nothing was passed on to a node.
  case invalid(String)
  /// A refusal in the words of the network's own software, or of the API about the matter itself, which `code`
  /// (Tatum's `errorCode`) then names.
  case refused(status: Int, code: String?, words: NetworkWords)
  /// An answer that is not understood, such as a redirect or a 200 that is not JSON.
  case unexpected(String)
  /// The network has the transaction in a block, and it failed there: that is final.
  case failedOnChain(String)

  /// A refusal with a text of our own.
  static func refused(status: Int, code: String?, text: String) -> APIFailure {
    .refused(status: status, code: code, words: NetworkWords(text))
  }

  /// What happened, for people.
  var message: String {
    switch self {
    case .unreachable(let text): "the API can't be reached: \(text)"
    case .notSent(let text), .unsettled(let text): text
    case .lost(let text): "the API's answer did not arrive: \(text)"
    case .unauthorized(let text):
      "the API does not accept the API key: \(text); check TATUM_API_KEY at https://dashboard.tatum.io"
    case .outOfCredits(let text):
      "the credits of the API key are used up: \(text); wait for the next period or change the plan at https://dashboard.tatum.io"
    case .subscriptionExpired(let text):
      "the subscription of the API key has expired: \(text); renew it at https://dashboard.tatum.io"
    case .unknownRoute(let text): "the API has no such address: \(text); check --api-url and TATUM_API_URL"
    case .tooLarge(let text): "the request is too long for the API (HTTP 413): \(text)"
    case .tooManyRequests(let text): "the API asks for fewer requests (HTTP 429): \(text)"
    case .serverError(let status, let text): "the API failed (HTTP \(status)): \(text)"
    case .invalid(let text): "the API does not accept the request: \(text)"
    case .refused(let status, let code, let words):
      "refused (HTTP \(status)\(code.map { ", \($0)" } ?? "")): \(ServerText.short(words.text))"
    case .unexpected(let text): "the API answered something else: \(text)"
    case .failedOnChain(let text): "it failed on the chain: \(text)"
    }
  }

  /// Whether nothing more should be asked or sent in this run: a person has to act first (decision 23).
  var endsRun: Bool {
    switch self {
    case .unauthorized, .outOfCredits, .subscriptionExpired: true
    default: false
    }
  }

  /// How a program ends that could not go on because of it.
  var exitStatus: ExitStatus {
    switch self {
    case .unauthorized, .subscriptionExpired: .noPermission
    case .unreachable, .outOfCredits, .unknownRoute, .tooLarge, .invalid, .refused, .unexpected,
      .failedOnChain:
      .unavailable
    case .notSent, .lost, .unsettled, .tooManyRequests, .serverError: .temporary
    }
  }

  /// Whether the call may work later, with nothing changed in the transaction. What is not understood may.
  var isPassing: Bool {
    switch self {
    case .invalid, .failedOnChain: false
    case .refused(_, _, let words): FactAnswers.verdict(of: words) != .refused
    default: true
    }
  }
}
