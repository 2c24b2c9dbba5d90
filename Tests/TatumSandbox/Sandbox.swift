import KMSRecords
import Synchronization
import TatumDescription

/// The server's behaviour: one state behind one lock, and the order in which a request meets it.
final class Sandbox: Sendable {
  private let apiKey: String
  private let latestVersion: String?
  private let initialState: JSONValue
  private let description: APIDescription
  private let state: Mutex<SandboxState>
  /// What closes the connections whose requests are not answered.
  private let hanging = Mutex<[@Sendable () -> Void]>([])

  init(apiKey: String, latestVersion: String?, initialState: JSONValue, description: APIDescription) {
    self.description = description
    self.apiKey = apiKey
    self.latestVersion = latestVersion
    self.initialState = initialState
    state = Mutex(SandboxState())
  }

  /// Goes back to the state given at start.
  func reset() throws(ControlError) {
    var fresh = SandboxState()
    try fresh.merge(initialState)
    state.withLock { state in
      fresh.traffic = state.traffic.afterReset
      state = fresh
    }
  }

  // MARK: Connections

  func connectionOpened() { state.withLock { $0.traffic.connectionOpened() } }

  func connectionClosed() { state.withLock { $0.traffic.openConnections -= 1 } }

  func requestBegan() { state.withLock { $0.traffic.requestBegan() } }

  func requestFinished() { state.withLock { $0.traffic.requestsInFlight -= 1 } }

  /// Whether the connection is to be dropped before the body of this request is read.
  func resetsBeforeReading(_ request: Request) -> Bool {
    let route = Route(request, apiKey: apiKey, description: description)
    guard !route.isControl else { return false }
    return state.withLock { state in
      guard
        state.faults.take(
          [.resetBefore], path: request.path, chain: route.chain, purpose: route.purpose(of: request)) != nil
      else {
        return false
      }
      state.log.add(LogEntry(request, route: route, apiKey: apiKey, status: 0, fault: "reset-before"))
      return true
    }
  }

  /// Notes a connection on which a request hangs.
  func hangs(close: @escaping @Sendable () -> Void) { hanging.withLock { $0.append(close) } }

  /// Closes the connections on which requests hang.
  private func hangUp() {
    let all = hanging.withLock { hanging in
      defer { hanging.removeAll() }
      return hanging
    }
    for close in all { close() }
  }

  // MARK: Requests

  /// Answers one request.
  func answer(_ request: Request) -> (reply: Reply, delivery: Delivery) {
    let route = Route(request, apiKey: apiKey, description: description)
    if case .control(let name) = route.target {
      return (control(name, request), Delivery())
    }
    return state.withLock { state in
      var applied: [String] = []
      var delivery = Delivery()
      let path = request.path
      let purpose = route.purpose(of: request)
      if let fault = state.faults.take([.latency], path: path, chain: route.chain, purpose: purpose) {
        delivery.delayMilliseconds = fault.milliseconds
        applied.append(fault.kind.rawValue)
      }
      var reply: Reply
      if let refusal = refuse(request, route) {
        reply = refusal
      } else if let fault = state.faults.take(
        [.status, .hang], path: path, chain: route.chain, purpose: purpose)
      {
        reply = fault.statusReply(route.chain)
        if fault.kind == .hang { delivery.manner = .never }
        applied.append(fault.kind.rawValue)
      } else {
        reply = state.perform(route, request, &applied)
        spoil(&reply, &delivery, state: &state, path: path, chain: route.chain, purpose: purpose, &applied)
      }
      if case .poll = route.target, let latestVersion {
        reply.headers.append(("x-ttm-kms-latest-version", latestVersion))
      }
      if ![401, 404, 429].contains(reply.status) || route.purpose(of: request) == .lookup {
        state.credits.add(route, request)
      }
      state.log.add(
        LogEntry(
          request, route: route, apiKey: apiKey, status: reply.status, fault: applied.joined(separator: ",")))
      return (reply, delivery)
    }
  }

  /// What the API says to a request before it does anything: there is no such request, the key is none, or a member is
  /// not as described.
  private func refuse(_ request: Request, _ route: Route) -> Reply? {
    guard route.needsKey else { return nil }
    guard let match = route.match else { return .noRoute(request) }
    guard request.header("x-api-key") == apiKey || match.key == apiKey,
      match.key == nil || match.key == apiKey
    else {
      return .failure(401, "subscription.invalid", "Unable to find valid subscription for '…'")
    }
    var problems = description.problems(of: match, query: request.query, headers: request.headers)
    // What a poll usually looks like is checked faster elsewhere, and there may be 25,000 ids.
    if problems.isEmpty, !SignatureIDList.isCompact(request.body) {
      problems = description.problems(ofBody: request.body, match.operation)
    }
    return problems.isEmpty ? nil : .invalid(problems)
  }

  /// Applies the faults that act on an answer whose request was carried out.
  private func spoil(
    _ reply: inout Reply, _ delivery: inout Delivery, state: inout SandboxState, path: String, chain: String?,
    purpose: Purpose?, _ applied: inout [String]
  ) {
    guard let fault = state.faults.take(Fault.Kind.onAnswers, path: path, chain: chain, purpose: purpose)
    else { return }
    applied.append(fault.kind.rawValue)
    switch fault.kind {
    case .statusAfter: reply = fault.statusReply(chain)
    case .hangAfter: delivery.manner = .never
    case .resetAfter: delivery.manner = .none(reset: true)
    case .lostAnswer: delivery.manner = .none(reset: false)
    case .cutOff: delivery.manner = .cutOff
    case .truncatedJSON: reply.body = Array(reply.body.prefix(max(1, reply.body.count / 2)))
    case .wrongJSON: reply.body = Array((fault.body ?? #"{"unexpected":[true]}"#).utf8)
    case .drip: delivery.manner = .drip(bytes: fault.bytes, milliseconds: fault.milliseconds)
    default: break
    }
  }

  /// Carries out a request to /sandbox/…; these need no key and no fault touches them.
  private func control(_ name: [String], _ request: Request) -> Reply {
    do throws(ControlError) {
      if request.method == "POST" && name == ["reset"] {
        try reset()
        return .empty(204)
      }
      if request.method == "POST" && name == ["hang-up"] {
        hangUp()
        return .empty(204)
      }
      return try state.withLock { state throws(ControlError) in try state.control(name, request) }
    } catch {
      return .failure(400, "sandbox.request.invalid", error.description)
    }
  }
}

/// Why a request to /sandbox/… or a state file is not understood.
struct ControlError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
