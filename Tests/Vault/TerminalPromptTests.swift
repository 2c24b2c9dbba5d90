import Dispatch
import Glibc
import KMSCrypto
import KMSProcess
import KMSRecords
import Testing

@testable import KMSVault

@Suite(.serialized) struct TerminalPromptTests {
  @Test func asksInTheWordsOfTheOriginalWithoutEcho() throws {
    let terminal = try PseudoTerminal()
    let prompt = TerminalPrompt(path: terminal.path)
    let answer = Answer { try prompt.password(isNew: false) }
    #expect(terminal.read(until: "store: ") == "Enter password to decrypt wallet store: ")
    #expect(!terminal.echoes)
    terminal.type("correct horse\n")
    #expect(try text(answer.wait()) == "correct horse")
    #expect(terminal.echoes)
    #expect(terminal.read(until: "\r\n") == "\r\n")
  }

  /// A program that crashed leaves a terminal in which the key Enter does not end a line.
  @Test func endsALineWithEnterWhateverTheTerminalsState() throws {
    let terminal = try PseudoTerminal()
    terminal.makeRaw()
    let prompt = TerminalPrompt(path: terminal.path)
    let answer = Answer { try prompt.password(isNew: false) }
    _ = terminal.read(until: "store: ")
    terminal.type("correct horse\r")
    #expect(try text(answer.wait()) == "correct horse")
  }

  @Test func asksTwiceForANewPassword() throws {
    let terminal = try PseudoTerminal()
    let prompt = TerminalPrompt(path: terminal.path)
    let answer = Answer { try prompt.password(isNew: true) }
    for (question, line) in [
      ("store: ", "one"), ("again: ", "two"), ("store: ", "three"), ("again: ", "three"),
    ] {
      #expect(terminal.read(until: question).hasSuffix(question))
      terminal.type("\(line)\n")
    }
    #expect(try text(answer.wait()) == "three")
  }

  @Test func givesUpWhenTheTwoDifferThreeTimes() throws {
    let terminal = try PseudoTerminal()
    let prompt = TerminalPrompt(path: terminal.path)
    let answer = Answer { try prompt.password(isNew: true) }
    for i in 0..<6 {
      _ = terminal.read(until: i % 2 == 0 ? "store: " : "again: ")
      terminal.type("\(i)\n")
    }
    #expect(throws: VaultError.self) { try answer.wait() }
  }

  @Test func restoresEchoWhenASignalComes() throws {
    let terminal = try PseudoTerminal()
    // As a program does that wants to stop in order.
    var action = sigaction()
    var old = sigaction()
    action.__sigaction_handler.sa_handler = { _ in }
    sigaction(SIGTERM, &action, &old)
    defer { sigaction(SIGTERM, &old, nil) }
    let prompt = TerminalPrompt(path: terminal.path)
    let answer = Answer { try prompt.password(isNew: false) }
    _ = terminal.read(until: "store: ")
    #expect(!terminal.echoes)
    kill(getpid(), SIGTERM)
    let error = #expect(throws: VaultError.self) { try answer.wait() }
    #expect(error?.code == .interrupted)
    #expect(terminal.echoes)
  }

  @Test func namesTheOtherWaysWithoutATerminal() throws {
    for path in ["/dev/null", "/nonexistent"] {
      let error = #expect(throws: VaultError.self) { try TerminalPrompt(path: path).password(isNew: false) }
      #expect(error?.code == .noPassword)
      #expect(error?.exitStatus == .configuration)
      for way in ["--password-fd", "--password-file", "--password-command", "TATUM_KMS_PASSWORD"] {
        #expect(error?.hint?.contains(way) == true)
      }
    }
  }
}

/// What a thread of its own answers: prompts block, and the tests' own threads are few.
private final class Answer: @unchecked Sendable {
  // Sendable: `result` is written before the semaphore is signalled and read after it was waited for.
  private var result: Result<SecretBytes, any Error> = .failure(Missing())
  private let isThere = DispatchSemaphore(value: 0)

  init(_ body: @escaping @Sendable () throws -> SecretBytes) {
    DispatchQueue(label: "prompt").async {
      self.result = Result(catching: body)
      self.isThere.signal()
    }
  }

  func wait() throws -> SecretBytes {
    guard isThere.wait(timeout: .now() + 20) == .success else { throw Missing() }
    return try result.get()
  }
}

/// Both ends of a terminal that nobody sits at.
private final class PseudoTerminal: Sendable {
  let path: String
  private let master: Int32
  private let slave: Int32

  init() throws {
    // posix_openpt and its kin are hidden without _GNU_SOURCE; these are what they do (pts(4), ioctl_tty(2)).
    let master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    var locked: Int32 = 0
    var number: UInt32 = 0
    let (setLock, getNumber) = (UInt(0x4004_5431), UInt(0x8004_5430))  // TIOCSPTLCK, TIOCGPTN
    guard master >= 0, ioctl(master, setLock, &locked) == 0, ioctl(master, getNumber, &number) == 0 else {
      throw Missing()
    }
    path = "/dev/pts/\(number)"
    slave = open(path, O_RDWR | O_NOCTTY)  // keeps the terminal alive between prompts
    self.master = master
  }

  deinit {
    close(slave)
    close(master)
  }

  var echoes: Bool {
    var state = termios()
    return tcgetattr(slave, &state) == 0 && state.c_lflag & tcflag_t(ECHO) != 0
  }

  func makeRaw() {
    var state = termios()
    tcgetattr(slave, &state)
    state.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
    state.c_iflag &= ~tcflag_t(ICRNL)
    tcsetattr(slave, TCSANOW, &state)
  }

  func type(_ text: String) {
    _ = Array(text.utf8).withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
  }

  /// What the program prints, up to `end`; what it printed within ten seconds when that does not come.
  func read(until end: String) -> String {
    var bytes: [UInt8] = []
    while !String(decoding: bytes, as: UTF8.self).hasSuffix(end) {
      var ready = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
      var byte: UInt8 = 0
      guard poll(&ready, 1, 10_000) > 0, Glibc.read(master, &byte, 1) == 1 else { break }
      bytes.append(byte)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
