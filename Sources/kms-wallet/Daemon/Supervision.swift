import Glibc
import KMSCrypto
import KMSProcess
import KMSRecords
import KMSVault

/// Runs the script that runs the pipeline, and hands out keys as long as it does.
///
/// The script's standard output (results) and standard error (logs of all programs) go through a process of their own, which
/// has no keys and passes on what is new (`News`).
struct Supervision {
  private let plan: DaemonPlan
  private let script: String
  private let secrets: [String: SecretBytes]
  private let notice: ServiceNotice?

  /// What the programs find their descriptors under.
  private static let (keys, locks, ownLocks): (Int32, Int32, Int32) = (3, 4, 9)

  init(_ plan: DaemonPlan, script: String, secrets: [String: SecretBytes], notice: ServiceNotice?) {
    self.plan = plan
    self.script = script
    self.secrets = secrets
    self.notice = notice
  }

  /// Runs to the end of the script, and returns its status.
  func run() throws -> ExitStatus {
    StopSignal.install(hangUp: true)
    ChildEnd.install()
    let (results, logs, signs) = (try ChildProcess.pipe(), try ChildProcess.pipe(), try ChildProcess.pipe())
    for end in [signs.read, signs.write] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    guard let (own, theirs) = SocketMessage.pair() else {
      throw ProgramFailure(.internalError, "no socket: \(System.reason())")
    }
    let locks = MemoryFile.create("tatum-kms-locks")
    let null = System.open("/dev/null", O_RDWR)
    guard locks >= 0, ftruncate(locks, off_t(ChainLocks.size)) == 0, null >= 0 else {
      throw ProgramFailure(.internalError, "no file for locks: \(System.reason())")
    }
    let news = try ChildProcess(
      CommandLine.arguments[0], ["news"] + newsOptions,
      descriptors: [results.read, STDOUT_FILENO, STDERR_FILENO, logs.read, signs.write],
      removing: Daemon.secretVariables)
    let supervisor = try ChildProcess(
      script,
      ["--from-key-holder", "\(plan.options.period)", plan.options.runOnce ? "once" : "again"]
        + plan.words(keys: Self.keys, locks: Self.ownLocks),
      descriptors: [null, results.write, logs.write, theirs, locks], removing: Daemon.secretVariables)
    for end in [results.read, results.write, logs.read, logs.write, signs.write, theirs, locks, null] {
      close(end)
    }
    var confinement = Confinement()
    confinement.looksAtOthers = true
    confinement.sendsSignals = true
    confinement.apply(logger: plan.options.access.log.logger(for: TatumKMS.name))
    let signsOfLife = LifeSigns(notice, descriptor: signs.read, period: plan.options.period)
    signsOfLife.begin(period: plan.options.runOnce ? nil : plan.options.period)
    let (status, others) = serve(KeyHolder(secrets, socket: own), until: supervisor, signsOfLife)
    let isRead = (others[news.processID] ?? news.wait()) != ExitStatus.io.rawValue
    guard status != 0 else { return isRead ? .ok : .io }
    guard let known = ExitStatus(rawValue: status) else {
      throw ProgramFailure(.internalError, "the script tatum-kms ended with status \(status)")
    }
    return known
  }

  private var newsOptions: [String] {
    let log = plan.options.access.log
    return ["--log-format=\(log.logFormat.rawValue)"] + (log.quiet ? ["--quiet"] : [])
      + (log.verbose ? ["--verbose"] : [])
      + [
        "--status-file=\(StatusFile(besideVault: plan.options.access.options.file).path)",
        "--period=\(plan.options.runOnce ? 0 : plan.options.period)",
      ] + (plan.options.metricsFile.map { ["--metrics-file=\($0)"] } ?? [])
      + (plan.options.testnet ? ["--testnet"] : [])
      + (plan.options.output.map { ["--output=\($0.rawValue)"] } ?? [])
  }

  /// Answers programs until the script has ended; passes a wish to stop on to it.
  ///
  /// - Returns: its exit status, and those of other children that ended before it.
  private func serve(
    _ holder: KeyHolder, until script: ChildProcess, _ signs: LifeSigns
  ) -> (status: Int32, others: [pid_t: Int32]) {
    var signs = signs
    var others: [pid_t: Int32] = [:]
    var isPassedOn = false
    var isAsked = true
    while true {
      var status: Int32 = 0
      // All that end: as the first process of a container this one inherits what others leave behind.
      while case let child = unsafe waitpid(-1, &status, WNOHANG), child > 0 {
        if child == script.processID { return (ChildProcess.shellStatus(status), others) }
        others[child] = ChildProcess.shellStatus(status)
      }
      if StopSignal.isRequested, !isPassedOn {
        isPassedOn = true
        signs.stop()
        kill(script.processID, SIGTERM)
      }
      signs.beat()
      let descriptors = (isAsked ? holder.descriptors : [])
      // poll(2) passes over -1.
      let further = [ChildEnd.descriptor, signs.descriptor, isPassedOn ? -1 : StopSignal.fileDescriptor]
      var polled = (descriptors + further).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      guard System.poll(&polled, milliseconds: signs.pause) > 0 else { continue }
      if signs.descriptor >= 0, polled[descriptors.count + 1].revents != 0 { signs.read() }
      for (i, descriptor) in descriptors.enumerated() where polled[i].revents != 0 {
        // An empty message looks like the end; this is the end.
        if descriptor == holder.socket, polled[i].revents & Int16(POLLIN) == 0 {
          isAsked = false
        } else {
          holder.handle(descriptor)
        }
      }
      ChildEnd.clear()
    }
  }
}

/// SIGCHLD as a descriptor that becomes readable.
private enum ChildEnd {
  private nonisolated(unsafe) static var ends: (read: Int32, write: Int32) = (-1, -1)

  static var descriptor: Int32 { unsafe ends.read }

  static func install() {
    guard unsafe ends.read < 0, let pair = System.pipe(O_NONBLOCK) else { return }
    unsafe ends = pair
    System.handle(SIGCHLD, flags: SA_NOCLDSTOP) { _ in
      let saved = errno
      var byte: UInt8 = 1
      _ = unsafe write(ChildEnd.ends.write, &byte, 1)
      errno = saved
    }
  }

  static func clear() {
    var bytes = [UInt8](repeating: 0, count: 64)
    while unsafe read(ends.read, &bytes, bytes.count) > 0 {}
  }
}
