internal import KMSPrimitives
public import KMSProcess
internal import KMSRecords
public import Logging

/// Asks the API the question of every poll, one signature ID of each chain, and tells what came of it.
public struct APICheckup {
  /// What came of a chain's question.
  public enum Answer: Sendable, Hashable {
    /// So many transactions are pending.
    case pending(Int)
    /// The API gave none: why, for people, and how a program that needs it would end.
    case failed(String, ExitStatus, isOfAll: Bool)
  }

  /// The answers by chain, in the order of the question.
  public let answers: [(chain: String, answer: Answer)]
  /// The API's time by its header `Date`, in seconds since 1970, and ours when it came; nil when no answer had one.
  public let clocks: (theirs: Int64, ours: Int64)?

  /// Asks; each question costs one credit.
  ///
  /// - Parameters:
  ///   - questions: chains, and of each a signature ID to ask for.
  ///   - timeout: for one question, with what is tried again.
  public init(
    base: WebAddress, key: APIKey, questions: [(chain: String, signatureID: String)], timeout: Duration,
    logger: Logger
  ) {
    let client = HTTPClient()
    let api = TatumAPI(base: base, key: key, client: client, timeout: timeout, logger: logger)
    var answers: [(chain: String, answer: Answer)] = questions.map {
      ($0.chain, .failed("no answer came", .temporary, isOfAll: false))
    }
    var clocks: (theirs: Int64, ours: Int64)?
    for (place, question) in questions.enumerated() {
      api.askPending(chain: question.chain, signatureIDs: [question.signatureID]) { result in
        switch result {
        case .success(let response):
          let list = (try? JSONValue(parsing: response.body))?.array
          answers[place].answer =
            list.map { .pending($0.count) }
            ?? .failed("the answer is not a list", .unavailable, isOfAll: false)
          if let date = response.header("date"), let theirs = RetryAfter.unixTime(httpDate: date) {
            clocks = clocks ?? (theirs, Timestamp.unixTime())
          }
        case .failure(let failure):
          answers[place].answer = .failed(failure.message, failure.exitStatus, isOfAll: failure.endsRun)
        }
      }
    }
    client.run()
    self.answers = answers
    self.clocks = clocks
  }
}
