internal import Glibc
public import KMSCrypto
internal import KMSProcess

/// Asks a person at the terminal, without echo.
///
/// The terminal is /dev/tty, so it works while standard input is a pipe. Echo is switched on again whatever happens: on
/// Ctrl-C, SIGTERM, SIGHUP, SIGQUIT and Ctrl-Z the terminal is restored first, then the signal takes its course; after
/// Ctrl-Z and `fg` the question is asked again. Of several processes that ask at one terminal, one after the other does.
public struct TerminalPrompt: Sendable {
  var path = "/dev/tty"

  init(path: String) { self.path = path }

  /// Asks at /dev/tty.
  public init() {}

  /// The question of the original, byte for byte.
  static let question = "Enter password to decrypt wallet store: "

  /// Asks for the password; `isNew` asks twice, at most three times over, and takes no empty one.
  ///
  /// - Throws: `no-password` without a terminal; `interrupted`; `invalid-password` when the two differ, or for
  ///   more than 4096 bytes.
  func password(isNew: Bool) throws -> SecretBytes {
    guard isNew else { return try ask(Self.question) }
    for attempt in 1...3 {
      let first = try ask(Self.question)
      let second = try ask("Enter the same password again: ")
      if first == second { return first }
      if attempt < 3 { try tell("The two differ. Once more, please.\n") }
    }
    throw VaultError(.invalidPassword, "the two passwords differ")
  }

  /// Asks one question and returns the line, without its newline; 4096 bytes at most.
  ///
  /// - Parameter takesLines: whether lines that follow at once, as they do when a text is pasted, belong to the answer. Left
  ///   unread they would be seen on the screen, and be taken for commands by the shell.
  /// - Throws: `no-password` without a terminal; `interrupted`; `invalid-password` for more.
  public func ask(_ question: String, takesLines: Bool = false) throws -> SecretBytes {
    let terminal = try open()
    defer { close(terminal) }
    while true {
      try waitForForeground(terminal)
      let (line, signal) = try readLine(terminal, question, takesLines: takesLines)
      if signal == 0 { return line }
      kill(getpid(), signal)
      if signal != SIGTSTP { throw VaultError(.interrupted, "the password prompt was interrupted") }
    }
  }

  private func tell(_ text: String) throws {
    let terminal = try open()
    defer { close(terminal) }
    Self.write(terminal, text)
  }

  private func open() throws(VaultError) -> Int32 {
    let terminal = System.open(path, O_RDWR | O_NOCTTY)
    guard terminal >= 0, isatty(terminal) == 1 else {
      if terminal >= 0 { close(terminal) }
      throw VaultError(
        .noPassword, "no password: there is no terminal to ask at",
        hint:
          "give it with --password-fd, --password-file, --password-command or \(PasswordSource.environmentVariable)"
      )
    }
    return terminal
  }

  /// Stops a process in the background until it is brought to the foreground: until then the terminal, and how it is set, are
  /// the shell's.
  private func waitForForeground(_ terminal: Int32) throws(VaultError) {
    var attempts = 0
    // Fails for a terminal that is not the controlling one, which has no foreground.
    while case let group = tcgetpgrp(terminal), group > 0, group != getpgrp() {
      // Without a shell that could continue it, the system does not stop a process.
      guard attempts < 100 else {
        throw VaultError(.noPassword, "the password can't be asked for: this process is in the background")
      }
      attempts += 1
      kill(getpid(), SIGTTIN)
    }
  }

  /// How long nothing must come before what was pasted is whole, in milliseconds.
  private static let quiet: Int32 = 200

  private func readLine(
    _ terminal: Int32, _ question: String, takesLines: Bool
  ) throws -> (line: SecretBytes, signal: Int32) {
    let turn = PromptTurn(terminal)
    defer { turn.end() }
    var saved = termios()
    guard unsafe tcgetattr(terminal, &saved) == 0 else {
      throw VaultError(.noPassword, "the terminal can't be used: \(System.reason())")
    }
    PromptSignals.install()
    defer { PromptSignals.restore() }
    var silent = saved
    silent.c_lflag &= ~tcflag_t(ECHO | ECHOE | ECHOK | ECHONL)
    silent.c_lflag |= tcflag_t(ICANON | ISIG)
    // The key Enter ends the line, whatever state a program that crashed has left the terminal in.
    silent.c_iflag = silent.c_iflag & ~tcflag_t(IGNCR | INLCR) | tcflag_t(ICRNL)
    guard unsafe tcsetattr(terminal, TCSAFLUSH, &silent) == 0 else {
      throw VaultError(.noPassword, "the terminal can't be used: \(System.reason())")
    }
    defer {
      unsafe tcsetattr(terminal, TCSAFLUSH, &saved)
      Self.write(terminal, "\n")
    }
    Self.write(terminal, question)

    let limit = DescriptorReading.maximumPasswordLength
    var filled = 0
    var isDone = false
    let buffer = try SecretBytes(
      count: limit + 1,
      writing: { out in
        while !isDone, filled < out.count, unsafe PromptSignals.received == 0 {
          // Looks for signals ten times a second: one may be delivered to another thread, which does not end a read.
          var ready = [pollfd(fd: terminal, events: Int16(POLLIN), revents: 0)]
          guard System.poll(&ready, milliseconds: 100) > 0 else { continue }
          var byte: UInt8 = 0
          let count = unsafe read(terminal, &byte, 1)
          if count < 0 && errno == EINTR { continue }
          if count <= 0 { return }  // end of file: Ctrl-D, or the terminal went away
          isDone = byte == UInt8(ascii: "\n")
          if isDone, takesLines { isDone = System.poll(&ready, milliseconds: Self.quiet) <= 0 }
          if !isDone {
            out[filled] = byte
            filled += 1
          }
          byte = 0
        }
      })
    let signal = unsafe PromptSignals.received
    guard signal != 0 || filled <= limit else {
      throw VaultError(.invalidPassword, "the password has more than \(limit) bytes")
    }
    return (try buffer.slice(0..<min(filled, limit)), signal)
  }

  private static func write(_ descriptor: Int32, _ text: String) {
    try? Descriptor.write(descriptor, Array(text.utf8).span)
  }
}

/// The right to ask at a terminal, from before its settings are read until they are restored: two that ask at once would each
/// take some of what is typed, and the first to end would switch the echo on under the other.
private struct PromptTurn {
  private let lock: Int32?

  // TIOCGDEV of ioctl_tty(2), a macro that Swift does not import.
  private static let deviceRequest: UInt = 0x8004_5432

  /// Waits for it. /dev/tty is one file for all terminals, so the terminal's own one is locked; where there is none that can be
  /// opened, nobody waits.
  init(_ terminal: Int32) {
    var device: UInt32 = 0
    guard unsafe ioctl(terminal, Self.deviceRequest, &device) == 0 else {
      lock = nil
      return
    }
    let (major, minor) = (device >> 8 & 0xFFF, device & 0xFF | device >> 12 & 0xFFF00)
    let path: String
    switch major {
    // Linux, devices.txt: Unix98 pseudo-TTY slaves.
    case 136...143: path = "/dev/pts/\((major - 136) << 20 | minor)"
    case 4 where minor < 64: path = "/dev/tty\(minor)"
    case 4: path = "/dev/ttyS\(minor - 64)"
    default:
      lock = nil
      return
    }
    let descriptor = System.open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK)
    guard descriptor >= 0 else {
      lock = nil
      return
    }
    // Not in the system call: a signal has to end the wait, whatever is done about signals elsewhere.
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK || errno == EINTR { usleep(50_000) }
    lock = descriptor
  }

  func end() { if let lock { close(lock) } }
}

/// The signals that end a prompt, held back until the terminal is restored.
private enum PromptSignals {
  private static let all = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP]

  // Written by the handler: an aligned 32-bit store, which no reader can see half done. A prompt is for one thread.
  nonisolated(unsafe) static var received: Int32 = 0
  private nonisolated(unsafe) static var saved: [(number: Int32, action: sigaction)] = []

  static func install() {
    unsafe received = 0
    unsafe saved = []
    var action = sigaction()
    unsafe action.__sigaction_handler.sa_handler = { unsafe PromptSignals.received = $0 }
    for number in all {
      var old = sigaction()
      unsafe sigaction(number, &action, &old)
      unsafe saved.append((number, old))
    }
  }

  static func restore() {
    for (number, action) in unsafe saved {
      var action = action
      unsafe sigaction(number, &action, nil)
    }
    unsafe saved = []
  }
}
