internal import CCurl
internal import KMSRecords

/// When a call is tried again, and how long to wait before.
public struct RetryPolicy: Sendable, Hashable {
  /// The first attempt included.
  public var maximumAttempts: Int
  /// The time for all attempts and the waits between them.
  public var limit: Duration
  /// Whether to try again after 429, a 5xx status or a time-out, and not only after a connection that failed.
  public var retriesAnswers: Bool

  /// Creates a policy.
  public init(maximumAttempts: Int, limit: Duration, retriesAnswers: Bool) {
    self.maximumAttempts = maximumAttempts
    self.limit = limit
    self.retriesAnswers = retriesAnswers
  }

  /// One attempt.
  public static let never = RetryPolicy(maximumAttempts: 1, limit: .zero, retriesAnswers: false)

  /// As many attempts as `limit` has room for.
  public static func within(_ limit: Duration) -> RetryPolicy {
    RetryPolicy(maximumAttempts: .max, limit: limit, retriesAnswers: true)
  }

  /// The wait before attempt `attempt` + 1, counted from 1: doubling from half a second to eight, of which a random
  /// half is taken off, so that many clients do not come back at the same moment.
  static func backoff(after attempt: Int, random: Double) -> Duration {
    let longest = min(8.0, 0.5 * Double(1 << min(max(attempt, 1) - 1, 8)))
    return .milliseconds(Int64(longest * 1000 * (1 - random / 2)))
  }

  /// Whether and after what wait `result` of attempt `attempt` is tried again.
  func wait(
    after result: HTTPResult, attempt: Int, isRepeatable: Bool, elapsed: Duration, now: Int64, random: Double
  ) -> Duration? {
    guard attempt < maximumAttempts, isWorthRetrying(result, isRepeatable: isRepeatable) else { return nil }
    var wait = Self.backoff(after: attempt, random: random)
    if case .success(let response) = result, let text = response.header("retry-after"),
      let asked = RetryAfter.seconds(text, now: now)
    {
      wait = max(wait, .seconds(asked))
    }
    return elapsed + wait < limit ? wait : nil
  }

  private func isWorthRetrying(_ result: HTTPResult, isRepeatable: Bool) -> Bool {
    switch result {
    case .success(let response):
      guard retriesAnswers else { return false }
      if response.status == 429 { return true }
      // 501 and 505 say that the server will never do it.
      return isRepeatable && response.status >= 500 && response.status != 501 && response.status != 505
    case .failure(let failure):
      switch failure.kind {
      case .notConnected: return true
      case .answerLost: return isRepeatable
      case .timeout: return isRepeatable && retriesAnswers
      case .tls, .tooLarge, .invalid: return false
      }
    }
  }
}

/// The `Retry-After` header (RFC 9110 section 10.2.3).
enum RetryAfter {
  /// The seconds to wait from `now` (Unix time): the number itself, or the distance to an HTTP date; nil when the
  /// text is neither. At most one hour: more is a server that does not want us in this run anyway.
  static func seconds(_ text: String, now: Int64) -> Int64? {
    let text = text.trimmed
    if !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) {
      return min(Int64(text) ?? 3600, 3600)
    }
    return unixTime(httpDate: text).map { min(max(0, $0 - now), 3600) }
  }

  /// RFC 9110 section 5.6.7, the present form and the obsolete ones; libcurl's parser takes some more.
  static func unixTime(httpDate text: String) -> Int64? {
    guard text.utf8.count <= 64, let curl = try? unsafe LibCurl.functions() else { return nil }
    let time = unsafe curl.pointee.getdate(text, nil)
    return time >= 0 ? Int64(time) : nil
  }
}

extension StringProtocol {
  /// Without spaces and tabs at both ends.
  var trimmed: String {
    var slice = self[...]
    while let first = slice.first, first.isWhitespace { slice = slice.dropFirst() }
    while let last = slice.last, last.isWhitespace { slice = slice.dropLast() }
    return String(slice)
  }
}
