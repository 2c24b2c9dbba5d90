internal import Glibc
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
    guard unsafe waiting == nil else { return }
    let (output, word) = (try pipeEnds(), try pipeEnds())
    defer {
      close(output.write)
      close(word.read)
    }
    let wrapper = #"read -r word && [ "$word" = run ] && exec /bin/sh -c "$1" </dev/null"#
    let child = try spawn(["-c", wrapper, "sh", command], input: word.read, output: output.write)
    unsafe waiting = Waiting(command: command, child: child, output: output.read, word: word.write)
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
    guard let status = Spawning.wait(for: child) else {
      throw failed("it can't be waited for: \(System.reason())")
    }
    let text = try output.get()
    // WIFEXITED and WEXITSTATUS, macros that Swift can't import.
    guard status & 0x7f == 0 else { throw failed("it was ended by signal \(status & 0x7f)") }
    guard status >> 8 & 0xff == 0 else { throw failed("it ended with \(status >> 8 & 0xff)") }
    return try DescriptorReading.withoutNewline(text)
  }

  /// Lets the command run that was prepared, or starts one.
  private static func start(_ command: String) throws -> (child: pid_t, output: Int32) {
    if let prepared = unsafe waiting, prepared.command == command {
      unsafe waiting = nil
      try? Descriptor.write(prepared.word, Array("run\n".utf8).span)
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
    guard let ends = System.pipe() else { throw failed("no pipe: \(System.reason())") }
    return ends
  }

  private static func failed(_ reason: String) -> VaultError {
    VaultError(.passwordCommandFailed, "the password command failed: \(reason)")
  }

  /// The child gets our environment without `TATUM_…`: passwords, API keys and cloud secrets are not for a password manager.
  private static func spawn(
    _ words: [String], input: Int32?, output: Int32
  ) throws(VaultError) -> pid_t {
    let nothing = System.open("/dev/null", O_RDONLY)
    defer { if nothing >= 0 { close(nothing) } }
    do throws(Descriptor.Failure) {
      return try Spawning.start(
        "/bin/sh", words, descriptors: [input ?? nothing, output, STDERR_FILENO],
        keeping: { !$0.hasPrefix("TATUM_") })
    } catch { throw failed(error.reason) }
  }
}
