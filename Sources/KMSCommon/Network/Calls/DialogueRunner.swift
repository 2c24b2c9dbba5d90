internal import KMSChains
internal import KMSProcess
internal import KMSRecords

/// Carries out dialogues: makes the calls that chains describe, and hands the answers in.
///
/// Knows no chain by name. Single-threaded, as the client: completions run inside its `step`.
final class DialogueRunner {
  private let api: TatumAPI
  /// Nodes that the operator named, by chain.
  private let nodes: PublicNodes

  /// Creates a runner.
  init(api: TatumAPI, nodes: PublicNodes = PublicNodes()) {
    self.api = api
    self.nodes = nodes
  }

  /// Runs `dialogue` to its end; at once when it makes no call.
  ///
  /// - Parameters:
  ///   - chain: whose dialogue it is, for the operator's choice of nodes.
  ///   - purpose: what its calls are for.
  ///   - time: how long it may go on waiting; nil for the time of a call.
  func run<Value>(
    _ dialogue: Dialogue<Value>, chain: String, for purpose: Spending.Purpose, time: Duration? = nil,
    completion: @escaping (Result<Value, DialogueFailure>) -> Void
  ) {
    go(dialogue, Errand(chain: chain, purpose: purpose, deadline: .now + (time ?? api.timeout)), completion)
  }

  /// What stays the same from call to call.
  private struct Errand {
    let chain: String
    let purpose: Spending.Purpose
    let deadline: ContinuousClock.Instant
  }

  private func go<Value>(
    _ dialogue: Dialogue<Value>, _ errand: Errand,
    _ completion: @escaping (Result<Value, DialogueFailure>) -> Void
  ) {
    switch dialogue {
    case .done(let value): completion(.success(value))
    case .failed(let failure): completion(.failure(failure.cleaned(api)))
    case .ask(let call, let then):
      make(call, errand) { [self] answer in
        go(.catching { () throws(DialogueFailure) in try then(answer) }, errand, completion)
      }
    case .askAll(let calls, let then):
      makeAll(calls, errand) { [self] answers in
        go(.catching { () throws(DialogueFailure) in try then(answers) }, errand, completion)
      }
    case .pause(let pause, let then):
      guard .now + pause < errand.deadline else {
        return go(.catching { () throws(DialogueFailure) in try then(false) }, errand, completion)
      }
      api.client.schedule(after: pause) { [self] in
        go(.catching { () throws(DialogueFailure) in try then(true) }, errand, completion)
      }
    }
  }

  // MARK: Calls

  private func makeAll(_ calls: [Call], _ errand: Errand, _ completion: @escaping ([Answer]) -> Void) {
    var answers = [Answer?](repeating: nil, count: calls.count)
    var missing = calls.count
    guard missing > 0 else { return completion([]) }
    for (i, call) in calls.enumerated() {
      make(call, errand) { answer in
        answers[i] = answer
        missing -= 1
        if missing == 0 { completion(answers.compactMap { $0 }) }
      }
    }
  }

  private func make(_ call: Call, _ errand: Errand, _ completion: @escaping (Answer) -> Void) {
    let method = HTTPRequest.Method(call.method)
    func end(_ result: Result<JSONValue, APIFailure>) {
      switch result {
      case .success(let json): completion(.json(json))
      case .failure(let failure): completion(.failure(CallFailure(failure)))
      }
    }
    switch call.server {
    case .tatum:
      api.callJSON(
        method, call.target, body: call.body, repeating: call.isRepeatable ? .always : .onlyUnsent,
        headers: call.headers.map { ($0.name, $0.value) }, group: errand.chain,
        cost: Spending.Cost(purpose: errand.purpose, credits: call.credits), completion: end)
    case .publicNode(let defaultURL):
      guard let address = nodes.address(of: errand.chain) ?? WebAddress(defaultURL) else {
        return completion(.failure(.notSent("the address of the node is not a URL")))
      }
      PublicNode(address: address, client: api.client, timeout: api.timeout).callJSON(
        method, call.target, body: call.body, isRepeatable: call.isRepeatable, group: errand.chain,
        completion: end)
    }
  }
}

extension HTTPRequest.Method {
  fileprivate init(_ method: Call.Method) {
    switch method {
    case .get: self = .get
    case .post: self = .post
    case .put: self = .put
    }
  }
}

extension DialogueFailure {
  /// How a program ends because of it.
  var exitStatus: ExitStatus {
    switch kind {
    case .refused: .ok
    case .passing: .temporary
    case .ended(.key): .noPermission
    case .ended(.plan): .unavailable
    }
  }

  /// With text of servers as it may go into logs and records.
  fileprivate func cleaned(_ api: TatumAPI) -> DialogueFailure { DialogueFailure(kind, api.clean(message)) }
}

extension CallFailure {
  /// Whether the API takes no more calls in this run.
  var endsRun: Bool { if case .ended = self { true } else { false } }

  /// What a failure of the API, or of a node, means to the chain that described the call.
  init(_ failure: APIFailure) {
    switch failure {
    case .unreachable, .notSent: self = .notSent(failure.message)
    case .lost, .unsettled: self = .lost(failure.message)
    case .unauthorized, .subscriptionExpired: self = .ended(.key, failure.message)
    case .outOfCredits: self = .ended(.plan, failure.message)
    case .unknownRoute, .tooLarge: self = .notSent(failure.message)
    case .invalid: self = .invalid(failure.message)
    case .refused(let status, let code, let words):
      self = .refused(status: status, code: code, words: words)
    case .tooManyRequests, .serverError: self = .unavailable(failure.message)
    case .unexpected, .failedOnChain: self = .notUnderstood(failure.message)
    }
  }
}
