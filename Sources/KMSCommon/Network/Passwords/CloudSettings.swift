public import KMSCrypto
internal import KMSPrimitives
public import KMSProcess
internal import KMSRecords

/// The environment variables that say where a password is and who asks for it. Those that are secret are taken out of
/// the environment.
public struct CloudSettings: Sendable {
  private var texts: [String: String] = [:]
  private var secrets: [String: SecretBytes] = [:]

  /// The variables whose values are secret.
  public static let secretNames = [
    "TATUM_KMS_VGS_PASSWORD", "TATUM_KMS_AWS_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AZURE_CLIENT_SECRET", "IDENTITY_HEADER",
  ]
  /// The variables whose values are not.
  public static let plainNames = [
    "TATUM_KMS_VGS_ALIAS", "TATUM_KMS_VGS_USERNAME", "TATUM_KMS_VGS_URL", "TATUM_KMS_AZURE_VAULTURL",
    "TATUM_KMS_AZURE_SECRETNAME", "TATUM_KMS_AZURE_SECRETVERSION", "TATUM_KMS_AWS_REGION",
    "TATUM_KMS_AWS_SECRET_NAME", "TATUM_KMS_AWS_SECRET_KEY", "TATUM_KMS_AWS_ACCESS_KEY_ID", "AZURE_TENANT_ID",
    "AZURE_CLIENT_ID", "AZURE_AUTHORITY_HOST", "AZURE_POD_IDENTITY_AUTHORITY_HOST", "IDENTITY_ENDPOINT",
    "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_ENDPOINT_URL_SECRETS_MANAGER",
    "AWS_ENDPOINT_URL", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_EC2_METADATA_DISABLED",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
  ]

  /// No settings.
  public init() {}

  /// Takes the settings of this process; empty variables count as missing, as AWS and Azure have it.
  public static func takeFromEnvironment() throws -> CloudSettings {
    var settings = CloudSettings()
    for name in plainNames {
      settings.texts[name] = System.variable(name)
    }
    for name in secretNames {
      if let secret = try System.takeSecret(name), secret.count > 0 { settings.secrets[name] = secret }
    }
    return settings
  }

  /// Adds what whoever started us hands over: `NAME=value`, each ended by a NUL; `entries` is wiped. Names that are
  /// not among the above are skipped.
  public mutating func add(entries: inout [UInt8]) throws {
    defer { entries.wipe() }
    for entry in entries.split(separator: 0) {
      guard let sign = entry.firstIndex(of: UInt8(ascii: "=")) else { continue }
      let name = String(decoding: entry[..<sign], as: UTF8.self)
      let value = entry[entry.index(after: sign)...]
      guard !value.isEmpty else { continue }
      if Self.secretNames.contains(name) {
        secrets[name] = try SecretBytes(copying: value)
      } else if Self.plainNames.contains(name) {
        texts[name] = String(decoding: value, as: UTF8.self)
      }
    }
  }

  /// A setting that is not secret.
  subscript(name: String) -> String? { texts[name] }

  /// A secret one.
  func secret(_ name: String) -> SecretBytes? { secrets[name] }

  /// A setting that there must be.
  ///
  /// - Throws: `CloudError` `not-configured`.
  func required(_ name: String) throws(CloudError) -> String {
    guard let value = texts[name] else { throw .notConfigured("the variable \(name) is not set") }
    return value
  }

  /// A secret setting that there must be.
  func requiredSecret(_ name: String) throws(CloudError) -> SecretBytes {
    guard let value = secrets[name] else { throw .notConfigured("the variable \(name) is not set") }
    return value
  }

  /// Of `names` those that are not set, for asking a person.
  public func missing(of names: [String]) -> [String] {
    names.filter { texts[$0] == nil && secrets[$0] == nil }
  }

  /// Sets one that a person has typed.
  public mutating func set(_ name: String, _ value: SecretBytes) {
    if Self.secretNames.contains(name) {
      secrets[name] = value
    } else {
      texts[name] = value.withBytes { String(decoding: $0) }
    }
  }
}

/// Why a cloud service gives no password. The words of `code` tell apart what an operator does about it.
public struct CloudError: ProgramError, Hashable {
  /// `not-configured`, `no-access`, `no-such-secret`, `no-such-key` or `unreachable`.
  public let code: String
  /// The exit code.
  public let exitStatus: ExitStatus
  /// What happened.
  public let message: String
  /// What to do next.
  public let hint: String?

  private init(_ code: String, _ exitStatus: ExitStatus, _ message: String, _ hint: String?) {
    self.code = code
    self.exitStatus = exitStatus
    self.message = "\(code): \(message)"
    self.hint = hint
  }

  static func notConfigured(_ message: String, hint: String? = nil) -> CloudError {
    CloudError("not-configured", .configuration, message, hint)
  }
  static func noAccess(_ message: String, hint: String? = nil) -> CloudError {
    CloudError("no-access", .noPermission, message, hint)
  }
  static func noSuchSecret(_ message: String, hint: String? = nil) -> CloudError {
    CloudError("no-such-secret", .noInput, message, hint)
  }
  static func noSuchKey(_ message: String, hint: String? = nil) -> CloudError {
    CloudError("no-such-key", .noInput, message, hint)
  }
  static func unreachable(_ message: String, hint: String? = nil) -> CloudError {
    CloudError("unreachable", .unavailable, message, hint)
  }
}
