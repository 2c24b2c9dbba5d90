public import KMSProcess
internal import KMSRecords

/// Why the vault, the journal or a password source can't be used. No case carries a secret.
public struct VaultError: ProgramError, Hashable, Sendable, CustomStringConvertible {
  /// A stable word for programs.
  public struct Code: RawRepresentable, Hashable, Sendable {
    /// The kebab-case word.
    public let rawValue: String
    /// Takes any word.
    public init(rawValue: String) { self.rawValue = rawValue }
  }

  /// What happened, for programs.
  public let code: Code
  /// What happened: lower case first letter, no final period.
  public let message: String
  /// What to do next, if there is something.
  public let hint: String?

  init(_ code: Code, _ message: String, hint: String? = nil) {
    self.code = code
    self.message = message
    self.hint = hint
  }

  /// The exit code that belongs to `code`.
  public var exitStatus: ExitStatus {
    switch code {
    case .damaged, .notAVault, .notAJournal, .notALegacyFile: .data
    case .noVault, .passwordSourceMissing, .noJournal, .wrongJournal, .damagedJournal: .noInput
    case .wrongPassword, .wrongKey, .permissionsTooOpen, .keyRequired, .emptyPassword, .passwordCommandFailed:
      .noPermission
    case .newerVersion, .legacyWalletFile, .noPassword, .costOutOfRange, .invalidPassword, .noHome:
      .configuration
    case .alreadyExists, .cannotCreate: .cannotCreate
    case .busy, .interrupted, .noMemory: .temporary
    case .walletExists, .invalidWallet, .invalidArgument: .data
    case .cannotWrite, .cannotRead: .io
    default: .internalError
    }
  }

  /// The message.
  public var description: String { message }
}

extension VaultError.Code {
  /// There is no vault at the path.
  public static let noVault = Self(rawValue: "no-vault")
  /// The path begins with `~`, and the variable `HOME` is not set.
  public static let noHome = Self(rawValue: "no-home")
  /// The file is no vault of this project.
  public static let notAVault = Self(rawValue: "not-a-vault")
  /// The file is no journal of this project.
  public static let notAJournal = Self(rawValue: "not-a-journal")
  /// The file is the wallet file of the original KMS.
  public static let legacyWalletFile = Self(rawValue: "legacy-wallet-file")
  /// The file is no wallet file of the original KMS.
  public static let notALegacyFile = Self(rawValue: "not-a-legacy-file")
  /// A later version wrote the file.
  public static let newerVersion = Self(rawValue: "newer-version")
  /// The password does not open the vault.
  public static let wrongPassword = Self(rawValue: "wrong-password")
  /// The key is not of this vault, or not the one that is needed.
  public static let wrongKey = Self(rawValue: "wrong-key")
  /// The operation needs the vault key, and the vault was opened with the view key.
  public static let keyRequired = Self(rawValue: "key-required")
  /// A file or folder is open to other users.
  public static let permissionsTooOpen = Self(rawValue: "permissions-too-open")
  /// What is stored was changed by something that does not have the key.
  public static let damaged = Self(rawValue: "damaged")
  /// Another process holds the lock.
  public static let busy = Self(rawValue: "busy")
  /// Writing failed: full disk, read-only file system, input/output error.
  public static let cannotWrite = Self(rawValue: "cannot-write")
  /// Reading failed.
  public static let cannotRead = Self(rawValue: "cannot-read")
  /// A file can't be created.
  public static let cannotCreate = Self(rawValue: "cannot-create")
  /// A file is there already.
  public static let alreadyExists = Self(rawValue: "already-exists")
  /// A wallet with this signature ID is in the vault already.
  public static let walletExists = Self(rawValue: "wallet-exists")
  /// A wallet can't be stored as it is.
  public static let invalidWallet = Self(rawValue: "invalid-wallet")
  /// Argon2id parameters below the floor or above the ceiling.
  public static let costOutOfRange = Self(rawValue: "cost-out-of-range")
  /// No source of a password is configured, and there is no terminal.
  public static let noPassword = Self(rawValue: "no-password")
  /// The source gave an empty password.
  public static let emptyPassword = Self(rawValue: "empty-password")
  /// The password is too long.
  public static let invalidPassword = Self(rawValue: "invalid-password")
  /// The password file or descriptor is not there.
  public static let passwordSourceMissing = Self(rawValue: "password-source-missing")
  /// The password command failed.
  public static let passwordCommandFailed = Self(rawValue: "password-command-failed")
  /// There is not enough memory for the password hash.
  public static let noMemory = Self(rawValue: "no-memory")
  /// A signal ended a prompt.
  public static let interrupted = Self(rawValue: "interrupted")
  /// A value that the format has no room for.
  public static let invalidArgument = Self(rawValue: "invalid-argument")
  /// A defect: SQLite refused something that it should not.
  public static let internalError = Self(rawValue: "internal-error")
}
