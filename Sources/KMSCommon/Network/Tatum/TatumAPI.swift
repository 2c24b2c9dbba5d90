internal import KMSProcess
internal import KMSRecords
public import Logging

/// The Tatum API: one base URL, one key, one client for everything, so that all calls go the same way.
///
/// Single-threaded, as its client.
public final class TatumAPI {
  let base: WebAddress
  let client: HTTPClient
  let logger: Logger
  /// The time for one call with everything that is tried again.
  let timeout: Duration
  private let key: APIKey
  private var hasNotedVersion = false

  /// Creates a connection; nothing is sent yet.
  public init(base: WebAddress, key: APIKey, client: HTTPClient, timeout: Duration, logger: Logger) {
    self.base = base
    self.key = key
    self.client = client
    self.timeout = timeout
    self.logger = logger
  }

  /// How a call may be repeated.
  enum Repeating {
    /// Asks a question, or says what is as true the second time.
    case always
    /// Moves money: sent again only when certain that nothing arrived.
    case onlyUnsent
  }

  /// Makes a call. `path` starts with `/v3` and is percent-encoded already; a body is sent as JSON; calls of other groups
  /// do not wait for it (`HTTPRequest.group`).
  func call(
    _ method: HTTPRequest.Method, _ path: String, body: [UInt8] = [], repeating: Repeating = .always,
    headers: [(name: String, value: String)] = [], maximumResponse: Int = 4 << 20, group: String = "",
    completion: @escaping (Result<HTTPResponse, APIFailure>) -> Void
  ) {
    var lines: [(name: String, value: HTTPRequest.HeaderValue)] = [
      ("x-api-key", .secret(key.secret)), ("Accept", .plain("application/json")),
    ]
    if !body.isEmpty { lines.append(("Content-Type", .plain("application/json"))) }
    for header in headers { lines.append((header.name, .plain(header.value))) }
    // A question that hangs should leave time to ask again; an answer about money is worth waiting for.
    let attempt = repeating == .always ? max(min(timeout, .seconds(2)), timeout * 0.4) : timeout
    var request = HTTPRequest(
      method, base.below(path), headers: lines, body: body, isRepeatable: repeating == .always,
      timeout: attempt, retry: .within(timeout), maximumResponse: maximumResponse)
    request.group = group
    client.submit(request) { [self] result in completion(judge(result)) }
  }

  /// As `call`, for answers that are JSON.
  func callJSON(
    _ method: HTTPRequest.Method, _ path: String, body: JSONValue? = nil, repeating: Repeating = .always,
    headers: [(name: String, value: String)] = [], maximumResponse: Int = 4 << 20, group: String = "",
    completion: @escaping (Result<JSONValue, APIFailure>) -> Void
  ) {
    call(
      method, path, body: body?.encoded() ?? [], repeating: repeating, headers: headers,
      maximumResponse: maximumResponse, group: group
    ) { result in
      completion(
        result.flatMap { response in
          guard let json = try? JSONValue(parsing: response.body) else {
            return .failure(.unexpected("the answer is not JSON"))
          }
          return .success(json)
        })
    }
  }

  private func judge(_ result: HTTPResult) -> Result<HTTPResponse, APIFailure> {
    switch result {
    case .failure(let failure):
      let words = clean(failure.description)
      return .failure(failure.nothingWasSent ? .unreachable(words) : .lost(words))
    case .success(let response):
      if let notice = response.header("x-ttm-kms-latest-version") { note(version: notice) }
      if response.isSuccess { return .success(response) }
      return .failure(APIFailure(response, clean: clean))
    }
  }

  private func note(version text: String) {
    guard !hasNotedVersion, let notice = VersionNotice(clean(text)) else { return }
    hasNotedVersion = true
    logger.log(
      level: notice.isError ? .error : .warning,
      "Tatum announces version \(notice.version): \(notice.message)",
      metadata: ["compatible": "\(KMSVersion.compatible)"])
  }

  /// Text of a server as it may go into logs and records: without the key, without control characters, short.
  func clean(_ text: String) -> String { ServerText.clean(key.scrubbed(text)) }
}

/// Why a call of the API gave nothing to work with. Texts are cleaned.
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
  /// 401: the key is not accepted.
  case unauthorized(String)
  /// 402: the plan's credits are used up.
  case outOfCredits(String)
  /// Another 4xx: the request is refused. `code` is Tatum's `errorCode`.
  case refused(status: Int, code: String?, text: String)
  /// 429, after all that was tried.
  case tooManyRequests(String)
  /// 5xx, after all that was tried; whether it was acted on is not known.
  case serverError(status: Int, text: String)
  /// An answer that is not understood, such as a redirect or a 200 that is not JSON.
  case unexpected(String)
  /// The network has the transaction in a block, and it failed there: that is final.
  case failedOnChain(String)

  init(_ response: HTTPResponse, clean: (String) -> String) {
    let json = try? JSONValue(parsing: response.body.prefix(1 << 20))
    let words = clean(ServerText.summary(of: json, status: response.status, body: response.body))
    switch response.status {
    case 401: self = .unauthorized(words)
    case 402: self = .outOfCredits(words)
    case 429: self = .tooManyRequests(words)
    case 400..<500:
      self = .refused(status: response.status, code: json?["errorCode"]?.string.map(clean), text: words)
    case 500..<600: self = .serverError(status: response.status, text: words)
    default: self = .unexpected("HTTP status \(response.status), which is no answer of this API")
    }
  }

  /// What happened, for people.
  var message: String {
    switch self {
    case .unreachable(let text): "the API can't be reached: \(text)"
    case .notSent(let text), .unsettled(let text): text
    case .lost(let text): "the API's answer did not arrive: \(text)"
    case .unauthorized(let text): "the API does not accept the API key: \(text)"
    case .outOfCredits(let text): "the credits of the API key are used up: \(text)"
    case .refused(let status, _, let text): "the API refuses it (HTTP \(status)): \(text)"
    case .tooManyRequests(let text): "the API asks for fewer requests (HTTP 429): \(text)"
    case .serverError(let status, let text): "the API failed (HTTP \(status)): \(text)"
    case .unexpected(let text): "the API answered something else: \(text)"
    case .failedOnChain(let text): "it failed on the chain: \(text)"
    }
  }

  /// How a program ends that could not go on because of it.
  var exitStatus: ExitStatus {
    switch self {
    case .unauthorized: .noPermission
    case .unreachable, .outOfCredits, .refused, .unexpected, .failedOnChain: .unavailable
    case .notSent, .lost, .unsettled, .tooManyRequests, .serverError: .temporary
    }
  }

  /// Whether the same call can be expected to work later, with nothing changed on this side.
  var isPassing: Bool {
    switch self {
    case .unreachable, .notSent, .lost, .unsettled, .tooManyRequests, .serverError, .unauthorized,
      .outOfCredits:
      true
    case .refused, .unexpected, .failedOnChain: false
    }
  }
}
