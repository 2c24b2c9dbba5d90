// preconcurrency: for `environ`, which only this reads while the program has one thread.
@preconcurrency internal import Glibc
internal import KMSCrypto
internal import KMSProcess

/// A password manager's command line.
enum PasswordCommand {
  /// A command that was started and waits for the word to run.
  private struct Waiting {
    let command: String
    let child: pid_t
    let output: Int32
    let word: Int32
  }

  /// A program prepares its command before it has threads, and runs it once.
  private nonisolated(unsafe) static var waiting: Waiting?

  /// Starts `command` for a program that soon can't start anything any more: it runs when `run` gives it the word, and ends
  /// without having run when the program does.
  ///
  /// - Throws: `password-command-failed`.
  static func prepare(_ command: String) throws {
    guard waiting == nil else { return }
    let (output, word) = (try pipeEnds(), try pipeEnds())
    defer {
      close(output.write)
      close(word.read)
    }
    let wrapper = #"read -r word && [ "$word" = run ] && exec /bin/sh -c "$1" </dev/null"#
    let child = try spawn(["-c", wrapper, "sh", command], input: word.read, output: output.write)
    waiting = Waiting(command: command, child: child, output: output.read, word: word.write)
  }

  /// Runs `/bin/sh -c command` and returns what it prints, without one newline at the end.
  ///
  /// The child has no input, our standard error and terminal, no other descriptor, and none of our `TATUM_` variables.
  /// - Throws: `password-command-failed` when it can't run or does not end with 0; `invalid-password`.
  static func run(_ command: String) throws -> SecretBytes {
    let (child, source) = try start(command)
    let output = Result {
      try DescriptorReading.readAll(
        source, limit: DescriptorReading.maximumPasswordLength, what: "the password command")
    }
    close(source)  // a child that prints on gets SIGPIPE and ends
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 {
      guard errno == EINTR else { throw failed("it can't be waited for: \(PrivateFile.reason())") }
    }
    let text = try output.get()
    // WIFEXITED and WEXITSTATUS, macros that Swift can't import.
    guard status & 0x7f == 0 else { throw failed("it was ended by signal \(status & 0x7f)") }
    guard status >> 8 & 0xff == 0 else { throw failed("it ended with \(status >> 8 & 0xff)") }
    return try DescriptorReading.withoutNewline(text)
  }

  /// Lets the command run that was prepared, or starts one.
  private static func start(_ command: String) throws -> (child: pid_t, output: Int32) {
    if let prepared = waiting, prepared.command == command {
      waiting = nil
      _ = "run\n".withCString { write(prepared.word, $0, 4) }
      close(prepared.word)
      return (prepared.child, prepared.output)
    }
    let output = try pipeEnds()
    defer { close(output.write) }
    do {
      return (try spawn(["-c", command], input: nil, output: output.write), output.read)
    } catch {
      close(output.read)
      throw error
    }
  }

  private static func pipeEnds() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw failed("no pipe: \(PrivateFile.reason())") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  private static func failed(_ reason: String) -> VaultError {
    VaultError(.passwordCommandFailed, "the password command failed: \(reason)")
  }

  private static func spawn(
    _ words: [String], input: Int32?, output: Int32
  ) throws(VaultError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    if let input {
      posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
    } else {
      posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    }
    // A key may be waiting in one that whoever started us left open.
    for descriptor in Descriptor.open()
    where descriptor > STDERR_FILENO && descriptor != output && descriptor != input {
      posix_spawn_file_actions_addclose(&actions, descriptor)
    }

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // We ignore SIGPIPE; ignored signals stay ignored across exec.
    var defaults = sigset_t()
    sigemptyset(&defaults)
    sigaddset(&defaults, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))

    let arguments: [UnsafeMutablePointer<CChar>?] = (["/bin/sh"] + words).map { strdup($0) } + [nil]
    let environment = cleanEnvironment() + [nil]
    defer { for text in arguments + environment { free(text) } }
    var child: pid_t = 0
    let result = posix_spawn(&child, "/bin/sh", &actions, &attributes, arguments, environment)
    guard result == 0 else { throw failed(PrivateFile.reason(result)) }
    return child
  }

  /// Our environment without `TATUM_…`: passwords, API keys and cloud secrets are not for a password manager.
  private static func cleanEnvironment() -> [UnsafeMutablePointer<CChar>?] {
    var kept: [UnsafeMutablePointer<CChar>?] = []
    var entry = environ
    while let text = entry.pointee {
      if strncmp(text, "TATUM_", 6) != 0 { kept.append(strdup(text)) }
      entry += 1
    }
    return kept
  }
}
