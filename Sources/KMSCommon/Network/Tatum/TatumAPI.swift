internal import KMSChains
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
  /// Why the API takes no more calls in this run: used-up credits, a refused key, a subscription that is over (decision
  /// 23). Nothing is sent to it any more then.
  private(set) var ended: APIFailure?

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

  /// Says on standard error what the run has cost (`--show-spent`), or in the log.
  public func saySpending(inFull: Bool) {
    let spending = client.spending
    if inFull {
      for line in spending.table { StandardError.writeLine(line) }
    } else if !spending.isEmpty {
      let total = spending.total
      logger.debug(
        "credits of this run: \(spending.summary)",
        metadata: ["calls": "\(total.calls)", "credits": "\(total.credits)"])
    }
  }

  /// Makes a call. `path` starts with `/v3` and is percent-encoded already; a body is sent as JSON; calls of other groups
  /// do not wait for it (`HTTPRequest.group`).
  func call(
    _ method: HTTPRequest.Method, _ path: String, body: [UInt8] = [], repeating: Repeating = .always,
    headers: [(name: String, value: String)] = [], maximumResponse: Int = 4 << 20, group: String = "",
    cost: Spending.Cost, sink: (any BodySink)? = nil,
    completion: @escaping (Result<HTTPResponse, APIFailure>) -> Void
  ) {
    if let ended { return client.schedule(after: .zero) { completion(.failure(ended)) } }
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
    request.cost = cost
    let url = ServerText.short("\(method.rawValue) \(base.below(path))")
    client.submit(request, sink: sink) { [self] result in completion(judge(result, url: url)) }
  }

  /// As `call`, for answers that are JSON.
  func callJSON(
    _ method: HTTPRequest.Method, _ path: String, body: JSONValue? = nil, repeating: Repeating = .always,
    headers: [(name: String, value: String)] = [], maximumResponse: Int = 4 << 20, group: String = "",
    cost: Spending.Cost, completion: @escaping (Result<JSONValue, APIFailure>) -> Void
  ) {
    call(
      method, path, body: body?.encoded() ?? [], repeating: repeating, headers: headers,
      maximumResponse: maximumResponse, group: group, cost: cost
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

  private func judge(_ result: HTTPResult, url: String) -> Result<HTTPResponse, APIFailure> {
    switch result {
    case .failure(let failure):
      if let ended, failure.nothingWasSent { return .failure(ended) }
      let words = clean(failure.description)
      return .failure(failure.nothingWasSent ? .unreachable(words) : .lost(words))
    case .success(let response):
      if let notice = response.header("x-ttm-kms-latest-version") { note(version: notice) }
      if response.isSuccess { return .success(response) }
      let failure = APIAnswer(response, clean: { CleanText.line(key.scrubbed($0)) }).failure(url: url)
      if failure.endsRun { end(failure) }
      return .failure(failure)
    }
  }

  /// Takes back what has not been sent yet.
  private func end(_ failure: APIFailure) {
    guard ended == nil else { return }
    ended = failure
    let start = base.below("/")
    client.giveUpWaiting(failure.message) { $0.url.hasPrefix(start) }
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
