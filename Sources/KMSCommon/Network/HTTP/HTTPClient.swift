internal import CCurl
internal import Glibc
internal import KMSPrimitives
public import KMSProcess
internal import KMSRecords

/// HTTP over libcurl: many calls at once on one thread, over one connection per host where it speaks HTTP/2.
///
/// Certificates are always checked, redirects never followed, cookies never kept, and no body is uncompressed.
/// Proxies and certificates are what somebody chose for these programs (`TATUM_PROXY`, `TATUM_CA_FILE`): variables that
/// other programs read, too (`https_proxy`, `SSL_CERT_FILE`), may be anybody's.
///
/// Not thread-safe: `submit` and `step` belong to one thread, and completions run inside `step`.
public final class HTTPClient {
  /// What all calls of a client share.
  public struct Settings: Sendable {
    /// How many calls of one group are under way at most; others of that group wait their turn.
    public var concurrency = 24
    /// How many calls are under way at most, those of all groups together.
    public var maximumTotal = 256
    /// A call that is under way for longer makes room for another one of its group; nil if none does.
    public var patience: Duration?
    /// The time to connect, TLS included.
    public var connectTimeout = Duration.seconds(10)
    /// The `User-Agent` header.
    public var userAgent = "tatum-kms/\(KMSVersion.current)"
    /// Certificates to trust instead of the system's, in PEM.
    public var certificateFile: String?
    /// The certificate that shows who we are, and its key, in PEM.
    public var clientCertificateFile: String?

    /// The URL of a proxy for https; nil for none.
    public var proxy: String?

    /// The defaults; `certificateFile` and `proxy` are those of `TATUM_CA_FILE` and `TATUM_PROXY`, if set.
    public init() { self.init(variable: System.variable) }

    /// The defaults, with variables of this environment.
    init(variable: (String) -> String?) {
      certificateFile = variable("TATUM_CA_FILE")
      proxy = variable("TATUM_PROXY")
    }
  }

  /// A call on its way through attempts.
  private struct Job {
    let request: HTTPRequest
    let sink: (any BodySink)?
    let completion: (HTTPResult) -> Void
    var attempt = 0
    var started: ContinuousClock.Instant?
    var attemptStarted: ContinuousClock.Instant?
    var hasPlace = true
  }

  /// Who was told with 429 to come later.
  private struct Pausing: Hashable {
    let origin: Substring
    let group: String

    init(_ request: HTTPRequest) {
      origin = HTTPClient.origin(request.url)
      group = request.group
    }
  }

  private let settings: Settings
  /// Loaded by the first call: a stage that has nothing to ask does not pay for it.
  private var session: HTTPSession?
  private let isStopping: () -> Bool
  private let clock = ContinuousClock()

  private var queue: CallQueue<Job>
  private var delayed: [(due: ContinuousClock.Instant, job: Job)] = []
  private var timers: [(due: ContinuousClock.Instant, action: () -> Void)] = []
  private var active: [HTTPTransfer.ID: (transfer: HTTPTransfer, job: Job)] = [:]
  /// Of these, the ones whose body goes to a sink.
  private var streams: [HTTPTransfer.ID: HTTPTransfer] = [:]
  private var streamsWatched: ContinuousClock.Instant?
  /// Something happened that libcurl does not know of, so there may be nothing to wait for.
  private var hasEndedEarly = false
  /// Hosts that answered 429, and until when nothing new of that group is started there.
  private var pauses: [Pausing: ContinuousClock.Instant] = [:]
  /// When the calls under way lose their places, in this order; those that have ended meanwhile included.
  private var leases: [(due: ContinuousClock.Instant, id: HTTPTransfer.ID)] = []

  /// What calls to the Tatum API have cost.
  private(set) var spending = Spending()

  /// Creates a client.
  ///
  /// - Parameter isStopping: once true, nothing is tried again; calls under way are finished.
  public init(
    _ settings: Settings = Settings(), isStopping: @escaping () -> Bool = { StopSignal.isRequested }
  ) {
    self.settings = settings
    self.isStopping = isStopping
    queue = CallQueue(maximumPlaces: settings.concurrency, maximumTotal: settings.maximumTotal)
  }

  /// Loads libcurl now, for who wants to tell its absence from a server's.
  ///
  /// - Throws: `ProgramFailure` (69), saying what to install.
  static func requireLibrary() throws(ProgramFailure) {
    do throws(HTTPFailure) { try LibCurl.require() } catch {
      throw ProgramFailure(.unavailable, error.description)
    }
  }

  deinit {
    for (transfer, _) in active.values { session?.remove(transfer) }
  }

  private func startSession() throws(HTTPFailure) -> HTTPSession {
    if let session { return session }
    let session = try HTTPSession(connections: max(settings.maximumTotal, settings.concurrency))
    self.session = session
    return session
  }

  /// How many calls have not ended.
  public var pending: Int { active.count + delayed.count + timers.count + queue.count }

  /// Hands over a call; `completion` runs once, inside a later `step`, and may submit further calls.
  public func submit(_ request: HTTPRequest, completion: @escaping (HTTPResult) -> Void) {
    submit(request, sink: nil, completion: completion)
  }

  /// The same; the body of a good answer goes to `sink` as it arrives, and is held back while the sink is full.
  /// `request.timeout` is the longest time without a byte then.
  func submit(_ request: HTTPRequest, sink: (any BodySink)?, completion: @escaping (HTTPResult) -> Void) {
    queue.add(Job(request: request, sink: sink, completion: completion), group: request.group)
  }

  /// Gives up the calls that have not begun, and those that wait to be tried again, of those that `shouldGo`: they fail as
  /// not sent, saying `why`.
  func giveUpWaiting(_ why: String, where shouldGo: (HTTPRequest) -> Bool = { _ in true }) {
    let late = delayed.filter { shouldGo($0.job.request) }.map(\.job)
    delayed.removeAll { shouldGo($0.job.request) }
    for job in queue.remove(where: { shouldGo($0.request) }) + late {
      job.completion(.failure(HTTPFailure(.invalid, why)))
    }
  }

  /// Runs `action` inside a later `step`, when `pause` has passed; it counts as pending until then.
  public func schedule(after pause: Duration, _ action: @escaping () -> Void) {
    timers.append((clock.now + pause, action))
  }

  /// For how long calls of `group` have been made without any answer; zero when there is nothing to wait for.
  func silence(of group: String) -> Duration { queue.silence(of: group) }

  /// Runs until all calls have ended, those that completions submit included.
  public func run() {
    while pending > 0 { step() }
  }

  /// Makes one call and waits for its end; others that were submitted go on meanwhile.
  public func perform(_ request: HTTPRequest) -> HTTPResult {
    var result: HTTPResult?
    submit(request) { result = $0 }
    while true {
      if let result { return result }
      step()
    }
  }

  /// Waits until something happens to a call, `descriptor` becomes readable or `output` writable, a stop is requested, or
  /// `limit` has passed; runs the completions of calls that ended.
  public func step(
    watching descriptor: Int32? = nil, writing output: Int32? = nil, limit: Duration = .seconds(60)
  ) {
    startWhatIsDue()
    if hasEndedEarly {
      hasEndedEarly = false
      return
    }
    guard let session else {
      // No call yet. Without anything to watch there may be something to do at once.
      guard pending > 0 || descriptor != nil || output != nil else { return }
      return wait(watching: descriptor, writing: output, limit: min(limit, timeUntilDue() ?? limit))
    }
    for transfer in streams.values { transfer.resumeIfPossible() }
    session.perform()
    // Whoever reads a body as it comes has something to do now.
    if finishWhatEnded() || watchStreams() { return }
    wait(watching: descriptor, writing: output, limit: min(limit, timeUntilDue() ?? limit))
    session.perform()
    _ = finishWhatEnded()
  }

  // MARK: Parts of a step

  /// Ends the bodies for sinks of which no byte comes any more; true when something happened to one.
  private func watchStreams() -> Bool {
    guard !streams.isEmpty, let session else { return false }
    let now = clock.now
    let passed = streamsWatched?.duration(to: now) ?? .zero
    streamsWatched = now
    var hasMoved = false
    for (id, transfer) in streams {
      hasMoved = hasMoved || transfer.hasMoved
      guard transfer.tick(passed), let (_, job) = active.removeValue(forKey: id) else { continue }
      streams[id] = nil
      session.remove(transfer)
      finish(job, .failure(HTTPFailure(.timeout, "no answer, or no more of it, in time")))
      hasMoved = true
    }
    return hasMoved
  }

  private func wait(watching descriptor: Int32?, writing output: Int32?, limit: Duration) {
    var watched: [(descriptor: Int32, isOutput: Bool)] = []
    if let descriptor { watched.append((descriptor, false)) }
    if let output { watched.append((output, true)) }
    // Once a stop was requested its descriptor stays readable, and watching it would make this spin.
    if StopSignal.fileDescriptor >= 0, !StopSignal.isRequested {
      watched.append((StopSignal.fileDescriptor, false))
    }
    let milliseconds = Int32(limit <= .zero ? 0 : min(limit.wholeMilliseconds, 60_000))
    guard let session else {
      var descriptors = watched.map {
        pollfd(fd: $0.descriptor, events: Int16($0.isOutput ? POLLOUT : POLLIN), revents: 0)
      }
      _ = System.poll(&descriptors, milliseconds: milliseconds)
      return
    }
    session.wait(for: watched, milliseconds: milliseconds)
  }

  private func timeUntilDue() -> Duration? {
    let now = clock.now
    var due = delayed.map(\.due) + timers.map(\.due)
    if !streams.isEmpty { due.append(now + .milliseconds(250)) }
    if queue.count > 0 {
      due += pauses.values
      if let lease = leases.first { due.append(lease.due) }
    }
    return due.min().map { now.duration(to: $0) }
  }

  private func startWhatIsDue() {
    let now = clock.now
    pauses = pauses.filter { $0.value > now }
    let (due, later) = (delayed.filter { $0.due <= now }, delayed.filter { $0.due > now })
    delayed = later
    for (_, job) in due { queue.add(job, group: job.request.group, retried: true) }
    let actions = timers.filter { $0.due <= now }.map(\.action)
    timers.removeAll { $0.due <= now }
    for action in actions {
      hasEndedEarly = true
      action()
    }
    endLeases(now)
    while let job = queue.takeNext(at: now, where: { pauses.isEmpty || pauses[Pausing($0.request)] == nil }) {
      start(job)
    }
  }

  /// Takes the places of calls that are under way for too long.
  private func endLeases(_ now: ContinuousClock.Instant) {
    let due = leases.prefix { $0.due <= now }
    guard !due.isEmpty else { return }
    leases.removeFirst(due.count)
    for (_, id) in due {
      guard let job = active[id]?.job, job.hasPlace, let patience = settings.patience,
        let started = job.attemptStarted, started.duration(to: now) >= patience
      else { continue }  // a later call got the same id
      active[id]?.job.hasPlace = false
      queue.release(group: job.request.group)
    }
  }

  private func start(_ job: Job) {
    var job = job
    let now = clock.now
    job.attempt += 1
    job.hasPlace = true
    job.attemptStarted = now
    if job.started == nil { job.started = now }
    do throws(HTTPFailure) {
      let session = try startSession()
      job.sink?.start()
      let transfer = try HTTPTransfer(job.request, sink: job.sink, session: session, settings: settings)
      try session.add(transfer)
      active[transfer.id] = (transfer, job)
      if job.sink != nil {
        streams[transfer.id] = transfer
        streamsWatched = now
      }
      if let patience = settings.patience { leases.append((now + patience, transfer.id)) }
    } catch {
      hasEndedEarly = true
      queue.end(group: job.request.group, .unanswered, hadPlace: true)
      job.completion(.failure(error))
    }
  }

  /// Takes the calls that ended off libcurl's hands; true when there was one.
  private func finishWhatEnded() -> Bool {
    guard let session else { return false }
    var ended: [(job: Job, result: HTTPResult)] = []
    while let (id, code) = session.nextEnded() {
      guard let (transfer, job) = active.removeValue(forKey: id) else { continue }
      streams[id] = nil
      ended.append((job, transfer.result(code)))
      session.remove(transfer)
    }
    for (job, result) in ended { finish(job, result) }
    return !ended.isEmpty
  }

  private func finish(_ job: Job, _ result: HTTPResult) {
    let now = clock.now
    let end: CallEnd =
      if case .success(let response) = result { response.status == 429 ? .refusedForNow : .answered } else {
        .unanswered
      }
    queue.end(group: job.request.group, end, hadPlace: job.hasPlace, at: now)
    if let cost = job.request.cost, end != .refusedForNow, !result.nothingWasSent {
      spending.add(cost, chain: job.request.group)
    }
    let wait =
      isStopping()
      ? nil
      : job.request.retry.wait(
        after: result, attempt: job.attempt, isRepeatable: job.request.isRepeatable,
        elapsed: job.started.map { $0.duration(to: now) } ?? .zero, now: Timestamp.unixTime(),
        random: .random(in: 0..<1))
    guard let wait else { return job.completion(result) }
    if case .success(let response) = result, response.status == 429 {
      pauses[Pausing(job.request)] = now + wait
    }
    delayed.append((now + wait, job))
  }

  /// Scheme, host and port of a URL.
  private static func origin(_ url: String) -> Substring {
    guard let scheme = url.firstIndex(of: ":") else { return url[...] }
    let rest = url[scheme...].drop { $0 == ":" || $0 == "/" }
    return url[..<(rest.firstIndex { $0 == "/" || $0 == "?" } ?? url.endIndex)]
  }
}

extension HTTPResult {
  /// Whether it is certain that the server has seen nothing of the request.
  fileprivate var nothingWasSent: Bool {
    if case .failure(let failure) = self { failure.nothingWasSent } else { false }
  }
}
