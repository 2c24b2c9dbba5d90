// preconcurrency: for `environ`, which only this reads while the program has one thread.
@preconcurrency internal import Glibc
internal import KMSCrypto

/// A password manager's command line.
enum PasswordCommand {
  /// Runs `/bin/sh -c command` and returns what it prints, without one newline at the end.
  ///
  /// The child has no input, our standard error and terminal, no other descriptor, and none of our `TATUM_` variables.
  /// - Throws: `password-command-failed` when it can't run or does not end with 0; `invalid-password`.
  static func run(_ command: String) throws -> SecretBytes {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw failed("no pipe: \(PrivateFile.reason())") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let child: pid_t
    do {
      defer { close(ends[1]) }
      child = try spawn(command, output: ends[1])
    } catch {
      close(ends[0])
      throw error
    }
    let output = Result {
      try DescriptorReading.readAll(
        ends[0], limit: DescriptorReading.maximumPasswordLength, what: "the password command")
    }
    close(ends[0])  // a child that prints on gets SIGPIPE and ends
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

  private static func failed(_ reason: String) -> VaultError {
    VaultError(.passwordCommandFailed, "the password command failed: \(reason)")
  }

  private static func spawn(_ command: String, output: Int32) throws(VaultError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    for descriptor in openDescriptors() where descriptor > STDERR_FILENO && descriptor != output {
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

    let arguments: [UnsafeMutablePointer<CChar>?] = [strdup("/bin/sh"), strdup("-c"), strdup(command), nil]
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

  /// The descriptors that this process has open: a key may be waiting in one that whoever started us left open.
  private static func openDescriptors() -> [Int32] {
    guard let folder = opendir("/proc/self/fd") else { return [] }
    defer { closedir(folder) }
    let own = dirfd(folder)
    var found: [Int32] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if let descriptor = Int32(name), descriptor != own { found.append(descriptor) }
    }
    return found
  }
}
