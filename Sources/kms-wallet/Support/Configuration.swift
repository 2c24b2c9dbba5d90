import Glibc
import KMSCrypto
import KMSNetwork
import KMSProcess
import KMSRecords
import KMSVault

/// What this process would work with, found out without a password. Values of secrets are never read, only whether they
/// are there.
struct Configuration {
  /// A file and what is to be said of it.
  struct File {
    let path: String
    let exists: Bool
    /// Such as `600`; nil when there is no file.
    let mode: String?
    /// What keeps it from being used; nil when nothing does, or when that can't be told without the key.
    let problem: String?
  }

  /// The variables that the programs read, in the order in which the original lists them.
  static let variables = [
    "TATUM_API_KEY", "TATUM_API_URL", "TATUM_KMS_PASSWORD", "TATUM_KMS_VGS_ALIAS", "TATUM_KMS_VGS_USERNAME",
    "TATUM_KMS_VGS_PASSWORD", "TATUM_KMS_AZURE_SECRETVERSION", "TATUM_KMS_AZURE_SECRETNAME",
    "TATUM_KMS_AZURE_VAULTURL", "TATUM_KMS_AWS_REGION", "TATUM_KMS_AWS_ACCESS_KEY_ID",
    "TATUM_KMS_AWS_SECRET_ACCESS_KEY", "TATUM_KMS_AWS_SECRET_NAME", "TATUM_KMS_AWS_SECRET_KEY",
    "TATUM_KMS_DEBUG_MODE",
  ]

  let vault: File
  let journal: File
  /// Where the password would come from.
  let passwordSource: String
  let isSet: [(name: String, isSet: Bool)]
  /// The soft limit of memory that may be locked, in KiB; nil: no limit.
  let lockLimitKiB: UInt64?
  let isMemoryLocked: Bool

  init(_ access: VaultAccess) throws {
    let options = access.options
    let vaultPath = options.file
    let fallback =
      System.hasVariable(PasswordSource.environmentVariable)
      ? .environment : PasswordSource.terminal(isNew: false)
    passwordSource =
      options.keyFd == nil
      ? access.cloud.service?.name ?? (options.configuredSource ?? fallback).name
      : "none needed, a key is given"
    vault = Self.file(vaultPath, problem: try Self.vaultProblem(vaultPath))
    let folder = vaultPath.utf8.lastIndex(of: UInt8(ascii: "/")).map { vaultPath[...$0] } ?? ""
    journal = Self.file("\(folder)journal.db", problem: nil)
    isSet = Self.variables.map { name in (name, System.variable(name) != nil) }
    var limit = rlimit()
    unsafe getrlimit(__rlimit_resource_t(__RLIMIT_MEMLOCK.rawValue), &limit)
    lockLimitKiB = limit.rlim_cur == rlim_t.max ? nil : UInt64(limit.rlim_cur) / 1024
    isMemoryLocked = !SecretMemory.lockFailed()
  }

  private static func file(_ path: String, problem: String?) -> File {
    guard let status = System.status(path) else {
      return File(path: path, exists: false, mode: nil, problem: problem)
    }
    return File(
      path: path, exists: true, mode: String(status.st_mode & 0o7777, radix: 8), problem: problem)
  }

  /// Tries the vault with a random key: a sound vault says that the key is not its own, and all that can be wrong
  /// with the file is found before.
  private static func vaultProblem(_ path: String) throws -> String? {
    guard let key = StageKey(.view, try SecretBytes.random(count: 32)) else { return nil }
    do {
      _ = try Vault.open(at: path, key: key)
      return nil
    } catch let error as VaultError {
      return error.code == .wrongKey ? nil : error.message + (error.hint.map { " (\($0))" } ?? "")
    }
  }

  /// For programs.
  var json: JSONValue {
    var environment = JSONObject()
    for (name, isSet) in isSet { environment[name] = .bool(isSet) }
    return [
      "version": .string(KMSVersion.current), "compatibleWith": .string(KMSVersion.compatible),
      "vault": vault.json, "journal": journal.json,
      "passwordSource": .string(passwordSource), "environment": .object(environment),
      "memoryLock": [
        "limitKiB": lockLimitKiB.map { .number(JSONNumber($0)) } ?? .null, "locked": .bool(isMemoryLocked),
      ],
    ]
  }

  /// For people, in the form of the original.
  var text: String {
    var lines: [(String, String)] = [
      ("Version", "\(KMSVersion.current) (as tatum-kms \(KMSVersion.compatible))"),
      ("Wallet file path", vault.path), ("Wallet exists", "\(vault.exists)"), ("Wallet store type", "LOCAL"),
      ("Wallet file mode", vault.mode ?? "N/A"), ("Wallet file problem", vault.problem ?? "none"),
      ("Journal path", journal.path), ("Journal exists", "\(journal.exists)"),
      ("Password source", passwordSource),
    ]
    lines += isSet.map { ($0.name, $0.isSet ? "set" : "not set") }
    lines += [
      ("Memory lock limit", lockLimitKiB.map { "\($0) KiB" } ?? "unlimited"),
      ("Secrets locked in memory", isMemoryLocked ? "yes" : "no, they may be swapped to disk"),
    ]
    return lines.map { name, value in
      "\(name)\(String(repeating: " ", count: max(0, 33 - name.utf8.count))): \(value)\n"
    }.joined()
  }
}

extension Configuration.File {
  var json: JSONValue {
    [
      "path": .string(path), "exists": .bool(exists), "mode": mode.map(JSONValue.string) ?? .null,
      "problem": problem.map(JSONValue.string) ?? .null,
    ]
  }
}
