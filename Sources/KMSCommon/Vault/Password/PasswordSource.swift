internal import Glibc
public import KMSCrypto
internal import KMSProcess

/// Where a password comes from. Its bytes are taken as they are: no trimming, no Unicode normalisation.
public enum PasswordSource: Sendable {
  /// An open file descriptor, read to its end and closed; one newline at the end is taken away.
  case fileDescriptor(Int32)
  /// A file that only its owner may read, or a systemd credential; one newline at the end is taken away.
  case file(String)
  /// A command for `/bin/sh -c` that prints the password; one newline at the end is taken away.
  case command(String)
  /// The variable `TATUM_KMS_PASSWORD`, overwritten and removed when it is read.
  case environment
  /// A person at the terminal, without echo; asked twice when `isNew`.
  case terminal(isNew: Bool)
  /// Another source, such as a cloud service; `name` is for messages.
  case other(name: String, @Sendable () throws -> SecretBytes)

  /// The variable of the original.
  public static let environmentVariable = "TATUM_KMS_PASSWORD"

  /// Reads the password; 4096 bytes at most.
  ///
  /// - Throws: `VaultError`: `password-source-missing`, `permissions-too-open`, `password-command-failed`,
  ///   `no-password`, `empty-password`, `invalid-password`, `interrupted`, `cannot-read`; what an `other` source throws.
  public func password() throws -> SecretBytes {
    let password: SecretBytes
    switch self {
    case .fileDescriptor(let descriptor):
      password = try Self.read(descriptor: descriptor)
    case .file(let path): password = try Self.read(file: path)
    case .command(let command): password = try PasswordCommand.run(command)
    case .environment: password = try Self.takeFromEnvironment() ?? SecretBytes(copying: [])
    case .terminal(let isNew): password = try TerminalPrompt().password(isNew: isNew)
    case .other(_, let ask): password = try ask()
    }
    guard password.count > 0 else {
      throw VaultError(.emptyPassword, "the password from \(name) is empty")
    }
    return password
  }

  /// What it is, for messages.
  public var name: String {
    switch self {
    case .fileDescriptor(let descriptor): "file descriptor \(descriptor)"
    case .file(let path): "the file \(path)"
    case .command: "the password command"
    case .environment: "the variable \(Self.environmentVariable)"
    case .terminal: "the terminal"
    case .other(let name, _): name
    }
  }

  private static func read(descriptor: Int32) throws -> SecretBytes {
    guard descriptor >= 0, fcntl(descriptor, F_GETFD) >= 0 else {
      throw VaultError(.passwordSourceMissing, "file descriptor \(descriptor) is not open")
    }
    defer { close(descriptor) }
    return try DescriptorReading.withoutNewline(
      DescriptorReading.readAll(
        descriptor, limit: DescriptorReading.maximumPasswordLength, what: "file descriptor \(descriptor)"))
  }

  private static func read(file path: String) throws -> SecretBytes {
    let descriptor = System.open(path, O_RDONLY | O_NOCTTY)
    guard descriptor >= 0 else {
      let code: VaultError.Code = errno == EACCES ? .cannotRead : .passwordSourceMissing
      throw VaultError(code, "the password file \(path) can't be read: \(System.reason())")
    }
    defer { close(descriptor) }
    try checkAccess(descriptor, path)
    return try DescriptorReading.withoutNewline(
      DescriptorReading.readAll(
        descriptor, limit: DescriptorReading.maximumPasswordLength, what: "the password file \(path)"))
  }

  /// Refuses files that others may read or replace, and named pipes likewise; those that shells make for `<(command)` are
  /// of mode 0600.
  private static func checkAccess(_ descriptor: Int32, _ path: String) throws(VaultError) {
    guard let status = System.status(descriptor) else {
      throw VaultError(.cannotRead, "the password file \(path) can't be read: \(System.reason())")
    }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      throw VaultError(.cannotRead, "the password file \(path) is a folder")
    }
    let isFileOrPipe = [S_IFREG, S_IFIFO].contains(status.st_mode & S_IFMT)
    guard isFileOrPipe, !isCredential(path) else { return }
    guard status.st_uid == geteuid() || status.st_uid == 0 else {
      throw VaultError(
        .permissionsTooOpen, "the password file \(path) belongs to user \(status.st_uid)",
        hint: "it has to belong to the user who runs this, or to root")
    }
    guard status.st_mode & 0o077 == 0 else {
      throw VaultError(
        .permissionsTooOpen,
        "other users may use the password file \(path) (mode \(String(status.st_mode & 0o7777, radix: 8)))",
        hint: "chmod 600 '\(path)'")
    }
  }

  /// Whether the file is in `$CREDENTIALS_DIRECTORY`: systemd makes its files 0400 or 0440, in a folder that only the
  /// service may enter (systemd.exec(5), CREDENTIALS).
  private static func isCredential(_ path: String) -> Bool {
    guard let variable = System.variable("CREDENTIALS_DIRECTORY"),
      let folder = PrivateFile.resolve(variable), let file = PrivateFile.resolve(path)
    else { return false }
    return PrivateFile.folder(of: file) == folder
  }

  /// Takes the password out of the environment, so that neither children nor /proc/self/environ have it; nil when
  /// the variable is not there.
  static func takeFromEnvironment() throws -> SecretBytes? {
    guard let password = try System.takeSecret(environmentVariable) else { return nil }
    guard password.count <= DescriptorReading.maximumPasswordLength else {
      throw VaultError(
        .invalidPassword,
        "the variable \(environmentVariable) has more than \(DescriptorReading.maximumPasswordLength) bytes")
    }
    return password
  }
}
