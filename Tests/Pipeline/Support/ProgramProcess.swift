import Foundation
import Glibc
import Synchronization

/// A program of this package that runs as a process of its own, with pipes on its three standard streams.
///
/// Its output is collected on threads of its own, so a program never blocks on a test that does not read. A process
/// that is still running when its last reference goes is killed.
final class ProgramProcess: Sendable {
  /// How a program ended.
  struct Result: Sendable {
    /// The exit status; 128 + n when signal n ended it, as shells have it.
    let status: Int32
    /// The signal that ended it; nil when it exited.
    let signal: Int32?
    let standardOutput: [UInt8]
    let standardError: [UInt8]
    /// Whether it was killed because its time was over.
    let timedOut: Bool

    var outputText: String { String(decoding: standardOutput, as: UTF8.self) }
    var errorText: String { String(decoding: standardError, as: UTF8.self) }
    var outputLines: [String] { outputText.split(separator: "\n").map(String.init) }
  }

  struct SpawnError: Error, CustomStringConvertible {
    let description: String
  }

  let processID: pid_t
  private let input: Mutex<Int32>
  private let output: Collector
  private let errors: Collector
  private let ended = Mutex<Int32?>(nil)

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - name: A program of this package, or the absolute path of any.
  ///   - environment: All of it; nothing is inherited but PATH.
  ///   - descriptors: Further descriptors, as the number in the child and the descriptor here; the caller keeps and
  ///     closes its own.
  init(
    _ name: String, _ arguments: [String] = [], environment: [String: String] = [:],
    descriptors: [Int32: Int32] = [:]
  ) throws {
    let path = name.hasPrefix("/") ? name : SourceTree.program(name)
    var environment = environment
    if environment["PATH"] == nil { environment["PATH"] = ProcessInfo.processInfo.environment["PATH"] }
    let variables = environment.map { "\($0.key)=\($0.value)" }
    let (pid, ends) = try Self.spawn(path, arguments, variables, descriptors)
    processID = pid
    input = Mutex(ends.input)
    output = Collector(ends.output)
    errors = Collector(ends.errors)
  }

  deinit {
    closeInput()
    if ended.withLock({ $0 == nil }) {
      kill(processID, SIGKILL)
      var status: Int32 = 0
      waitpid(processID, &status, 0)
    }
  }

  /// Runs a program to its end.
  static func run(
    _ name: String, _ arguments: [String] = [], input: [UInt8] = [], environment: [String: String] = [:],
    descriptors: [Int32: Int32] = [:], timeoutSeconds: Double = 180
  ) throws -> Result {
    let process = try ProgramProcess(name, arguments, environment: environment, descriptors: descriptors)
    let deadline = Date().addingTimeInterval(timeoutSeconds)
    // A program that reads slowly, or not at all, must not hold the deadline up.
    let writer = Thread {
      process.write(input)
      process.closeInput()
    }
    writer.start()
    return process.wait(timeoutSeconds: deadline.timeIntervalSinceNow)
  }

  // MARK: Streams

  /// Writes to standard input; what cannot be written because nobody reads is dropped.
  func write(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let descriptor = input.withLock { $0 }
      guard descriptor >= 0 else { return }
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  /// Writes text to standard input.
  func write(_ text: String) { write(Array(text.utf8)) }

  /// Ends standard input.
  func closeInput() {
    input.withLock { descriptor in
      if descriptor >= 0 { close(descriptor) }
      descriptor = -1
    }
  }

  /// What the program has written to standard output so far.
  var outputSoFar: [UInt8] { output.bytes }

  /// What the program has written to standard error so far.
  var errorSoFar: [UInt8] { errors.bytes }

  /// Waits until standard output has this many whole lines, and returns them; fewer when the time is over or it ends.
  func waitForLines(_ count: Int, timeoutSeconds: Double = 120) -> [String] {
    let deadline = Date().addingTimeInterval(timeoutSeconds)
    while true {
      let isEnded = output.isEnded
      let text = String(decoding: output.bytes, as: UTF8.self)
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
      if lines.count >= count || isEnded || Date() > deadline { return lines }
      usleep(2_000)
    }
  }

  // MARK: End

  /// Sends a signal.
  func send(_ signal: Int32) {
    if ended.withLock({ $0 == nil }) { kill(processID, signal) }
  }

  /// Waits for the end; kills the program when the time is over.
  func wait(timeoutSeconds: Double = 180) -> Result {
    let deadline = Date().addingTimeInterval(timeoutSeconds)
    var timedOut = false
    while !reap() {
      if Date() > deadline && !timedOut {
        timedOut = true
        kill(processID, SIGKILL)
      }
      usleep(2_000)
    }
    output.waitForEnd()
    errors.waitForEnd()
    let status = ended.withLock { $0 } ?? 0
    let signal = status & 0x7F
    return Result(
      status: signal == 0 ? status >> 8 & 0xFF : 128 + signal, signal: signal == 0 ? nil : signal,
      standardOutput: output.bytes, standardError: errors.bytes, timedOut: timedOut)
  }

  private func reap() -> Bool {
    ended.withLock { ended in
      guard ended == nil else { return true }
      var status: Int32 = 0
      guard waitpid(processID, &status, WNOHANG) == processID else { return false }
      ended = status
      return true
    }
  }

  // MARK: Spawning

  /// One child at a time is made: between pipe and fcntl a child of another thread would inherit the pipe's ends, and
  /// then nobody would ever see the end of the stream.
  private static let spawning = Mutex(())

  private static func spawn(
    _ path: String, _ arguments: [String], _ environment: [String], _ descriptors: [Int32: Int32]
  ) throws -> (pid_t, (input: Int32, output: Int32, errors: Int32)) {
    try spawning.withLock { _ in
      let pipes = try (0..<3).map { _ in try makePipe() }
      var actions = posix_spawn_file_actions_t()
      posix_spawn_file_actions_init(&actions)
      defer { posix_spawn_file_actions_destroy(&actions) }
      // Above every number that is asked for first, so that no dup2 overwrites what a later one needs.
      var sources = [(target: Int32(0), source: pipes[0].read), (1, pipes[1].write), (2, pipes[2].write)]
      sources += descriptors.map { ($0.key, $0.value) }
      var copies: [Int32] = []
      defer { copies.forEach { close($0) } }
      for (target, source) in sources {
        let copy = fcntl(source, F_DUPFD_CLOEXEC, 100)
        guard copy >= 0 else { throw SpawnError(description: "cannot copy descriptor \(source)") }
        copies.append(copy)
        posix_spawn_file_actions_adddup2(&actions, copy, target)
      }
      var attributes = posix_spawnattr_t()
      posix_spawnattr_init(&attributes)
      defer { posix_spawnattr_destroy(&attributes) }
      var defaults = sigset_t()
      sigemptyset(&defaults)
      // Who runs the tests may have them ignored, as shells do for what runs in the background.
      for signal in [SIGPIPE, SIGINT, SIGQUIT, SIGHUP, SIGTERM] { sigaddset(&defaults, signal) }
      posix_spawnattr_setsigdefault(&attributes, &defaults)
      // The threads that tests run on block signals, and a program would inherit that.
      var unblocked = sigset_t()
      sigemptyset(&unblocked)
      posix_spawnattr_setsigmask(&attributes, &unblocked)
      posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

      var pid: pid_t = 0
      let code = withCStrings([path] + arguments) { argv in
        withCStrings(environment) { envp in posix_spawn(&pid, path, &actions, &attributes, argv, envp) }
      }
      close(pipes[0].read)
      close(pipes[1].write)
      close(pipes[2].write)
      guard code == 0 else {
        [pipes[0].write, pipes[1].read, pipes[2].read].forEach { close($0) }
        throw SpawnError(description: "cannot start \(path): \(String(cString: strerror(code)))")
      }
      return (pid, (pipes[0].write, pipes[1].read, pipes[2].read))
    }
  }

  private static func makePipe() throws -> (read: Int32, write: Int32) {
    // A write to a program that has ended is an error of the write, not of the tests.
    signal(SIGPIPE, SIG_IGN)
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw SpawnError(description: "cannot make a pipe") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  private static func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let pointers = strings.map { strdup($0) }
    defer { pointers.forEach { free($0) } }
    return body(pointers + [nil])
  }
}

/// Reads a descriptor to its end on a thread of its own.
private final class Collector: Sendable {
  private struct State {
    var bytes: [UInt8] = []
    var isEnded = false
  }

  private let state = Mutex(State())

  init(_ descriptor: Int32) {
    Thread { [self] in
      var chunk = [UInt8](repeating: 0, count: 65536)
      while true {
        let count = read(descriptor, &chunk, chunk.count)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { break }
        state.withLock { $0.bytes.append(contentsOf: chunk[..<count]) }
      }
      close(descriptor)
      state.withLock { $0.isEnded = true }
    }.start()
  }

  var bytes: [UInt8] { state.withLock { $0.bytes } }
  var isEnded: Bool { state.withLock { $0.isEnded } }

  func waitForEnd() {
    while !isEnded { usleep(1_000) }
  }
}
