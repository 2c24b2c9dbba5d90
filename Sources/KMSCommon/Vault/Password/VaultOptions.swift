public import ArgumentParser
internal import Glibc
public import KMSCrypto
internal import KMSProcess
public import KMSRecords

/// The options of every program that opens the vault.
public struct VaultOptions: ParsableArguments {
  /// The file.
  @Option(
    name: .customLong("path"),
    help: ArgumentHelp("The vault. (default: ~/.tatumrc/wallet.dat)", valueName: "file"), completion: .file())
  var pathArguments: [String] = []

  /// The file, or its folder, as it was typed.
  public var path: String { pathArguments.last { DerivationPath($0) == nil } ?? "~/.tatumrc/wallet.dat" }

  /// A path of keys (`m/44'/60'/0'/0`), which people give as `--path`, too.
  public var keyPath: String? { pathArguments.last { DerivationPath($0) != nil } }

  /// A key from `kms-wallet unlock` instead of a password.
  @Option(help: ArgumentHelp("Read a key of the vault from this file descriptor.", valueName: "n"))
  public var keyFd: Int32?

  /// See `PasswordSource.fileDescriptor`.
  @Option(help: ArgumentHelp("Read the password from this file descriptor.", valueName: "n"))
  public var passwordFd: Int32?

  /// See `PasswordSource.file`.
  @Option(
    help: ArgumentHelp("Read the password from this file, which only its owner may read.", valueName: "file"),
    completion: .file())
  public var passwordFile: String?

  /// See `PasswordSource.command`.
  @Option(help: ArgumentHelp("Run this shell command, which prints the password.", valueName: "command"))
  public var passwordCommand: String?

  /// Needed by ParsableArguments.
  public init() {}

  /// Refuses two sources at once.
  public func validate() throws {
    let given = [keyFd != nil, passwordFd != nil, passwordFile != nil, passwordCommand != nil].filter { $0 }
      .count
    guard given < 2 else {
      throw ValidationError(
        "--key-fd, --password-fd, --password-file and --password-command exclude each other")
    }
  }

  /// The vault's path: a tilde stands for the home folder, and in a folder the vault is `wallet.dat`.
  public var file: String { Self.expand(path, name: "wallet.dat") }

  /// Expands `~/` and appends `name` to a folder.
  public static func expand(_ path: String, name: String) -> String {
    var path = path
    // The password database is not asked: a static program can't, and HOME is what shells go by, too.
    if path == "~" || path.hasPrefix("~/"), let home = System.variable("HOME") {
      path = home + path.dropFirst()
    }
    guard let status = System.status(path), status.st_mode & S_IFMT == S_IFDIR else { return path }
    return path.hasSuffix("/") ? path + name : "\(path)/\(name)"
  }

  /// Opens the vault with the key or the password that the options, the environment or a person give.
  ///
  /// - Parameters:
  ///   - kind: `.view` for the public side, `.vault` for everything. A password opens everything.
  ///   - cloud: the password source of a cloud service, when one is configured; asked before the environment and the
  ///     terminal.
  /// - Throws: `wrong-key` when the key is of another kind or of another vault; as `Vault.open`, `PasswordSource`.
  public func openVault(for kind: StageKey.Kind, cloud: PasswordSource? = nil) throws -> Vault {
    if let keyFd { return try Vault.open(at: file, key: try StageKey.read(descriptor: keyFd, kind: kind)) }
    try checkVault()
    return try Vault.open(at: file, password: try password(isNew: false, cloud: cloud))
  }

  /// Finds out what is wrong with the file before anybody is asked for a password.
  ///
  /// - Throws: as `Vault.open(at:password:)` does before it tries the password.
  public func checkVault() throws { _ = try VaultConnection(opening: file) }

  /// The password, from the first source that is configured: descriptor, file, command, cloud, environment, terminal.
  ///
  /// `TATUM_KMS_PASSWORD` is removed from the environment in any case.
  /// - Throws: as `PasswordSource.password`.
  public func password(isNew: Bool, cloud: PasswordSource? = nil) throws -> SecretBytes {
    try configuredPassword(cloud: cloud) ?? PasswordSource.terminal(isNew: isNew).password()
  }

  /// The same without the terminal: nil when a person would have to be asked.
  ///
  /// - Throws: as `PasswordSource.password`.
  public func configuredPassword(cloud: PasswordSource? = nil) throws -> SecretBytes? {
    let fromEnvironment = try PasswordSource.takeFromEnvironment()
    if let source = configuredSource ?? cloud { return try source.password() }
    return try fromEnvironment.map { password in
      try PasswordSource.other(name: PasswordSource.environment.name) { password }.password()
    }
  }

  /// The source that an option names.
  public var configuredSource: PasswordSource? {
    if let passwordFd { return .fileDescriptor(passwordFd) }
    if let passwordFile { return .file(passwordFile) }
    return passwordCommand.map(PasswordSource.command)
  }
}
