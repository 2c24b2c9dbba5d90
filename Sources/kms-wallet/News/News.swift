import ArgumentParser
import Glibc
import KMSChains
import KMSPrimitives
import KMSProcess
import KMSRecords
import KMSVault

/// What comes out of the daemon: results on standard output, messages on standard error, of both only what is new.
///
/// A process of its own, without any key: what it reads was written by servers, in part. It takes results on descriptor 0 and
/// messages on descriptor 3, among them those of the script: `@poll N began`, `@poll N ended`, `@log LEVEL TEXT`. It ends
/// when both have ended. When a poll begins or ends it writes a line of numbers on descriptor 4, for `LifeSigns`.
struct News: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "news", abstract: "Pass on what is new of the daemon's results and messages.",
    shouldDisplay: false)

  @Option var output: ResultForm?
  @Option var statusFile: String?
  @Option var metricsFile: String?
  @Flag var testnet = false
  /// Seconds from poll to poll; 0 for a single one.
  @Option var period = 0
  @OptionGroup var log: LogOptions

  func run() throws {
    try Program.run(TatumKMS.name) {
      for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { signal(number, SIG_IGN) }
      var confinement = Confinement()
      confinement.sendsSignals = true
      confinement.writable =
        (statusFile.map { [VaultOptions.folder(of: $0)] } ?? [])
        + (metricsFile.map { [PrivateFile.folder(of: $0)] } ?? [])
      confinement.apply(logger: log.logger(for: TatumKMS.name))
      var desk = NewsDesk(
        form: output ?? (ResultTerminal.isTerminal ? .text : .json), log: log,
        statusFile: statusFile.map { StatusFile($0) }, period: period)
      desk.metrics = metricsFile.map { ($0, testnet) }
      return desk.run()
    }
  }
}

/// Does what `News` says.
struct NewsDesk {
  private let form: ResultForm
  private let log: LogOptions
  private var changes = Changes()
  private var results = PatientOutput(STDOUT_FILENO)
  private var messages = PatientOutput(STDERR_FILENO)
  private var leftOut = 0
  private var isStallSaid = false
  private let statusFile: StatusFile?
  private var board: StatusBoard
  private var tally = Tally()
  /// The file in which numbers are, and whether they are those of testnets.
  var metrics: (file: String, testnet: Bool)?

  /// Results that wait for a reader, in bytes, before the pipeline has to wait, too.
  private static let maximumResults = 8 << 20
  /// Messages that wait, before they are left out.
  private static let maximumMessages = 1 << 20
  private static let secondsBeforeWord = 10
  private static let secondsAtEnd = 5

  init(form: ResultForm, log: LogOptions, statusFile: StatusFile?, period: Int) {
    self.form = form
    self.log = log
    self.statusFile = statusFile
    board = StatusBoard(period: period, now: Timestamp.now(), last: statusFile?.read())
    writeStatus()
  }

  /// Runs to the end of both inputs.
  mutating func run() -> ExitStatus {
    var inputs = [LineInput(0), LineInput(3)]
    while inputs.contains(where: { !$0.isAtEnd }) {
      let takesResults = results.count < Self.maximumResults
      var polled = inputs.enumerated().map { i, input in
        pollfd(
          fd: input.isAtEnd || i == 0 && !takesResults ? -1 : input.descriptor, events: Int16(POLLIN),
          revents: 0)
      }
      let hasWaiting = results.count > 0 || messages.count > 0
      let count = System.poll(&polled, milliseconds: hasWaiting ? 200 : -1)
      if count > 0 {
        for i in [0, 1] where polled[i].fd >= 0 && polled[i].revents != 0 {
          for line in inputs[i].read() { i == 0 ? takeResult(line) : takeMessage(line) }
        }
      }
      flush()
      if results.isGone, !inputs[0].isAtEnd {
        say("error", "nobody reads the results on standard output any more")
        inputs[0].close()
        // The key holder, which started us: nothing more may be signed whose result nobody sees.
        if getppid() != 1 { kill(getppid(), SIGTERM) }
      }
    }
    return finish()
  }

  private mutating func flush() {
    results.flush()
    messages.flush()
    if leftOut > 0, messages.count == 0 {
      let count = leftOut
      leftOut = 0
      say("warning", "\(count) messages were left out: standard error was not read")
    }
    if let since = results.stalledSince, !isStallSaid,
      since.duration(to: .now) > .seconds(Self.secondsBeforeWord)
    {
      isStallSaid = true
      say(
        "warning",
        "standard output is not read: results wait, and signing stops when \(Self.maximumResults >> 20) MiB wait"
      )
    } else if isStallSaid, results.stalledSince == nil {
      isStallSaid = false
      say("info", "standard output is read again")
    }
  }

  private mutating func writeStatus() {
    note(statusFile?.write(board.json), of: "the file for tatum-kms status")
    guard let metrics else { return }
    let text = MetricsText(tally, open: Array(board.open.values), testnet: metrics.testnet).text
    // For a collector that is another user.
    note(WholeFile.replace(metrics.file, with: Array(text.utf8), mode: 0o644), of: "the file of metrics")
  }

  /// Says once what is wrong with a file.
  private mutating func note(_ problem: String?, of file: String) {
    guard let problem, changes.isNew(file, state: problem, ending: nil) else { return }
    say("warning", "\(file) can't be written: \(problem)")
  }

  /// Where the key holder hears that polls go on. Nobody waits for it.
  private static let signs: Int32 = 4

  private func writeSign() {
    let line = Array((board.summary + "\n").utf8)
    unsafe line.withUnsafeBytes { _ = unsafe write(Self.signs, $0.baseAddress, $0.count) }
  }

  private mutating func finish() -> ExitStatus {
    board.stop(now: Timestamp.now())
    writeStatus()
    let start = ContinuousClock.now
    while results.count > 0 || messages.count > 0, start.duration(to: .now) < .seconds(Self.secondsAtEnd) {
      usleep(50_000)
      results.flush()
      messages.flush()
    }
    return results.count > 0 || results.isGone ? .io : .ok
  }

  // MARK: Results

  private static let resultKey = "result "

  private mutating func takeResult(_ line: [UInt8]) {
    guard let record = try? Record(parsing: line[...], chains: ChainRegistry.names) else {
      return results.add(String(decoding: line, as: UTF8.self))
    }
    let result = ResultLine(record)
    let isOpen = result.outcome == "denied" || result.outcome == "unknown"
    let ending =
      isOpen ? "\(result.chain) \(result.id) is not pending any more, which was \(result.state)" : nil
    let isNew = changes.isNew(
      Self.resultKey + record.id, state: result.state, ending: ending, pollsForEnding: 1)
    board.take(result, isNew: isNew, now: Timestamp.now())
    guard isNew else { return }
    tally.add(result)
    switch form {
    case .json: results.add(String(decoding: line, as: UTF8.self))
    case .text:
      results.add(
        result.text(
          time: ResultTerminal.clock(), width: ResultTerminal.width, isColored: ResultTerminal.isColored))
    }
  }

  // MARK: Messages

  private mutating func takeMessage(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    if text.utf8.first == UInt8(ascii: "@"), takeOrder(text) { return }
    let line = LogLine(text)
    if let level = line.level { tally.addMessage(level: level) }
    // The line of the result says it.
    if form == .text, !log.verbose, line.isOfTransaction, line.program != "kms-fetch" { return }
    if form == .text, !log.verbose, line.content.hasPrefix("info kms-sign done") { return }
    if line.level == "warning" || line.level == "error", !line.isOfTransaction {
      board.add(trouble: line.content, now: Timestamp.now())
    }
    if line.level != "debug" {
      guard changes.isNew("line \(line.content)", state: "", ending: line.isTrouble ? line.content : nil)
      else { return }
    }
    add(line.text, level: line.level)
  }

  /// Takes a line of the script; false when it is none.
  private mutating func takeOrder(_ text: String) -> Bool {
    let words = text.split(separator: " ", maxSplits: 2).map(String.init)
    switch (words.first, words.count) {
    case ("@log", 3):
      // Trouble that goes on is said once.
      let isTrouble = words[1] == "error" || words[1] == "warning"
      if isTrouble { board.add(trouble: words[2], now: Timestamp.now()) }
      guard !isTrouble || changes.isNew("said \(words[2])", state: "", ending: words[2]) else { return true }
      say(words[1], words[2])
      return true
    case ("@poll", 3):
      guard let poll = Int(words[1]) else { return false }
      if words[2] == "began" {
        changes.begin(poll)
        board.begin(poll, now: Timestamp.now())
        tally.begin(poll)
        writeSign()
      }
      if words[2] == "ended" {
        board.end(poll, now: Timestamp.now())
        tally.end(poll)
        defer {
          writeStatus()
          writeSign()
        }
        for entry in changes.end(poll) {
          if entry.key.hasPrefix(Self.resultKey) {
            board.close(String(entry.key.dropFirst(Self.resultKey.count)))
          }
          if let ending = entry.ending { board.remove(trouble: ending) }
          guard entry.isWorthAWord, let ending = entry.ending else { continue }
          say("info", entry.pollsForEnding == 1 ? ending : "no longer, after \(entry.polls) polls: \(ending)")
        }
      }
      return true
    default: return false
    }
  }

  /// Says something of the supervisor's own.
  private mutating func say(_ level: String, _ text: String) {
    if log.quiet, level != "error" { return }
    switch log.logFormat {
    case .json: add(LineLogHandler.json(level: level, program: "tatum-kms", message: text), level: level)
    case .text: add("\(Timestamp.now()) \(level) tatum-kms \(text)", level: level)
    }
  }

  private mutating func add(_ line: String, level: String?) {
    guard messages.count < Self.maximumMessages else {
      leftOut += 1
      return
    }
    messages.add(SystemdJournal.prefix(level) + line)
  }
}

/// A descriptor read line by line.
private struct LineInput {
  let descriptor: Int32
  private(set) var isAtEnd = false
  private var buffer: [UInt8] = []

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// The whole lines that have come; at the end also the rest.
  mutating func read() -> [[UInt8]] {
    var chunk = [UInt8](repeating: 0, count: 65536)
    let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
    if count < 0, errno == EINTR || errno == EAGAIN { return [] }
    if count <= 0 {
      close()
      defer { buffer = [] }
      return buffer.isEmpty ? [] : [buffer]
    }
    var lines: [[UInt8]] = []
    var rest = chunk[..<count]
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      lines.append(buffer + rest[..<end])
      buffer.removeAll(keepingCapacity: true)
      rest = rest[(end + 1)...]
    }
    buffer += rest
    if buffer.capacity > 1 << 20, buffer.count < 1 << 16 { buffer = Array(buffer) }
    return lines
  }

  mutating func close() {
    if !isAtEnd { Glibc.close(descriptor) }
    isAtEnd = true
  }
}
