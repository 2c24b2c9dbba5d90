@preconcurrency import Glibc  // environ, which only this reads while the program has one thread
import KMSProcess
import KMSRecords

/// A program that this one starts, with the descriptors and the environment that it is to have and no others.
struct ChildProcess {
  let processID: pid_t

  /// Starts the program at `path`.
  ///
  /// - Parameters:
  ///   - descriptors: what becomes descriptor 0, 1, 2, …; nothing else stays open.
  ///   - removing: names of variables that it does not get.
  /// - Throws: `ProgramFailure` (69).
  init(_ path: String, _ arguments: [String], descriptors: [Int32], removing: Set<String> = []) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // Copies above all targets first, so that none overwrites what a later one needs.
    let copies = descriptors.map { fcntl($0, F_DUPFD_CLOEXEC, 100) }
    defer { for copy in copies { close(copy) } }
    for (target, copy) in copies.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, copy, Int32(target))
    }
    for open in Descriptor.open() where open >= descriptors.count && !copies.contains(open) {
      posix_spawn_file_actions_addclose(&actions, open)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // What we ignore would stay ignored in the child.
    var defaults = sigset_t()
    sigemptyset(&defaults)
    for number in [SIGPIPE, SIGTERM] { sigaddset(&defaults, number) }
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
    let words = ([path] + arguments).map { strdup($0) } + [nil]
    let variables = Self.environment(removing).map { strdup($0) } + [nil]
    defer { for text in words + variables { free(text) } }
    var child: pid_t = 0
    let result = posix_spawn(&child, path, &actions, &attributes, words, variables)
    guard result == 0 else {
      throw ProgramFailure(.unavailable, "\(path) can't be started: \(String(cString: strerror(result)))")
    }
    processID = child
  }

  /// Waits for its end; returns the exit status as shells have it.
  func wait() -> Int32 {
    var status: Int32 = 0
    while waitpid(processID, &status, 0) < 0 { guard errno == EINTR else { return 127 } }
    return Self.shellStatus(status)
  }

  static func shellStatus(_ status: Int32) -> Int32 {
    status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
  }

  /// Runs a program and returns its exit status and what it wrote to the two outputs.
  ///
  /// - Parameters:
  ///   - input: its standard input; nil for none.
  ///   - others: what becomes descriptor 3, 4, ….
  static func run(
    _ path: String, _ arguments: [String], removing: Set<String>, input: Int32? = nil, others: [Int32] = []
  ) throws -> (status: Int32, output: String, errors: String) {
    let (null, output, errors) = (open("/dev/null", O_RDWR | O_CLOEXEC), try pipe(), try pipe())
    let child: ChildProcess
    do {
      defer { for end in [null, output.write, errors.write] { close(end) } }
      child = try ChildProcess(
        path, arguments, descriptors: [input ?? null, output.write, errors.write] + others, removing: removing
      )
    }
    let texts = readAll([output.read, errors.read])
    return (child.wait(), texts[0], texts[1])
  }

  /// Two ends of a pipe, closed on exec.
  static func pipe() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [-1, -1]
    guard Glibc.pipe(&ends) == 0 else {
      throw ProgramFailure(.internalError, "no pipe: \(String(cString: strerror(errno)))")
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  /// Reads several descriptors to their ends and closes them; 16 MiB of each at most.
  private static func readAll(_ descriptors: [Int32]) -> [String] {
    var texts = descriptors.map { _ in [UInt8]() }
    var polled = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    var chunk = [UInt8](repeating: 0, count: 65536)
    while polled.contains(where: { $0.fd >= 0 }) {
      if poll(&polled, nfds_t(polled.count), -1) < 0 {
        if errno == EINTR { continue }
        break
      }
      for i in polled.indices where polled[i].fd >= 0 && polled[i].revents != 0 {
        let count = read(polled[i].fd, &chunk, chunk.count)
        if count < 0, errno == EINTR { continue }
        if count > 0, texts[i].count < 16 << 20 {
          texts[i] += chunk[..<count]
        } else {
          close(polled[i].fd)
          polled[i].fd = -1
        }
      }
    }
    return texts.map { String(decoding: $0, as: UTF8.self) }
  }

  private static func environment(_ removing: Set<String>) -> [String] {
    var kept: [String] = []
    var entry = environ
    while let text = entry.pointee {
      let variable = String(cString: text)
      if !removing.contains(String(variable.prefix { $0 != "=" })) { kept.append(variable) }
      entry += 1
    }
    return kept
  }
}
