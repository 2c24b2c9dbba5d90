import Foundation
import Glibc

/// A program with a terminal of its own: standard streams, controlling terminal, and a person who types.
final class TerminalProcess {
  struct SpawnError: Error {}

  // ioctl_tty(2) and spawn.h: macros that Swift does not import.
  private static let lockRequest: UInt = 0x4004_5431  // TIOCSPTLCK
  private static let numberRequest: UInt = 0x8004_5430  // TIOCGPTN
  private static let newSession: Int16 = 0x80  // POSIX_SPAWN_SETSID

  let processID: pid_t
  private let master: Int32
  private var status: Int32?
  /// All that the terminal has shown so far.
  private(set) var screen = ""

  /// Starts a program of this package, or the one at an absolute path.
  ///
  /// - Parameter output: where standard output goes instead of the terminal; the caller closes its own descriptor.
  init(_ name: String, _ arguments: [String], environment: [String: String] = [:], output: Int32? = nil)
    throws
  {
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var unlocked: Int32 = 0
    var number: Int32 = 0
    guard master >= 0, ioctl(master, Self.lockRequest, &unlocked) == 0,
      ioctl(master, Self.numberRequest, &number) == 0
    else { throw SpawnError() }
    let slave = "/dev/pts/\(number)"
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // Opened by the leader of a new session, the terminal becomes its controlling one.
    posix_spawn_file_actions_addopen(&actions, 0, slave, O_RDWR, 0)
    posix_spawn_file_actions_adddup2(&actions, output ?? 0, 1)
    posix_spawn_file_actions_adddup2(&actions, 0, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Test threads block signals, and a program inherits that.
    var noSignals = sigset_t()
    sigemptyset(&noSignals)
    posix_spawnattr_setsigmask(&attributes, &noSignals)
    var defaults = sigset_t()
    sigemptyset(&defaults)
    for signal in [SIGPIPE, SIGINT, SIGQUIT, SIGHUP, SIGTERM] { sigaddset(&defaults, signal) }
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setflags(
      &attributes, Self.newSession | Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    let path = name.hasPrefix("/") ? name : SourceTree.program(name)
    var arguments = ([path] + arguments).map { strdup($0) } + [nil]
    var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (arguments + variables).forEach { free($0) } }
    var child: pid_t = 0
    guard posix_spawn(&child, path, &actions, &attributes, &arguments, &variables) == 0 else {
      throw SpawnError()
    }
    processID = child
  }

  deinit {
    if status == nil {
      kill(processID, SIGKILL)
      waitpid(processID, nil, 0)
    }
    close(master)
  }

  /// Types a text; `\u{3}` is Ctrl-C.
  func type(_ text: String) {
    _ = Array(text.utf8).withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
  }

  /// Waits until the terminal has shown `text` after what was waited for before.
  func expect(_ text: String, timeoutSeconds: Double = 120) -> Bool {
    let deadline = Date().addingTimeInterval(timeoutSeconds)
    while Date() < deadline {
      if let found = unseen.range(of: text) {
        unseen.removeSubrange(..<found.upperBound)
        return true
      }
      if !readScreen() { return unseen.contains(text) }
    }
    return false
  }

  /// Waits for the end and returns the exit status, 128 + n when signal n ended it.
  func wait(timeoutSeconds: Double = 120) -> Int32 {
    let deadline = Date().addingTimeInterval(timeoutSeconds)
    while status == nil {
      if Date() > deadline { kill(processID, SIGKILL) }
      _ = readScreen()
      var code: Int32 = 0
      if waitpid(processID, &code, WNOHANG) == processID { status = code }
    }
    while readScreen() {}
    let code = status ?? 0
    return code & 0x7F == 0 ? code >> 8 & 0xFF : 128 + code & 0x7F
  }

  /// Whether what is typed appears on the screen.
  var isEchoing: Bool {
    var settings = termios()
    return tcgetattr(master, &settings) == 0 && settings.c_lflag & tcflag_t(ECHO) != 0
  }

  private var unseen = ""

  /// Takes what the terminal shows; false when nobody has it open any more.
  private func readScreen() -> Bool {
    var ready = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    guard poll(&ready, 1, 20) > 0 else { return true }
    var chunk = [UInt8](repeating: 0, count: 65536)
    let count = read(master, &chunk, chunk.count)
    guard count > 0 else { return false }
    let text = String(decoding: chunk[..<count], as: UTF8.self)
    screen += text
    unseen += text
    return true
  }
}
