import Glibc
import KMSCrypto
import KMSNetwork
import KMSProcess
import KMSRecords
import KMSVault

/// The settings file (`--env-file`, `~/.tatumrc/.env`): its settings become this process's environment, where they are not set
/// already, as in the original. Nothing in it is ever run.
enum SettingsFile {
  /// What releases of the original that knew no comments behind a value took the password for.
  private(set) nonisolated(unsafe) static var earlierPassword: SecretBytes?

  private static let maximumSize = 1 << 20
  private static let secrets = Set(["TATUM_KMS_PASSWORD", "TATUM_API_KEY"] + CloudSettings.secretNames)

  /// Reads the file at `path`; without one, the usual file when it is there.
  ///
  /// - Throws: `ProgramFailure`: 66 when it can't be read; 77 when others can change it, or read the secrets in it.
  static func read(_ path: String?) throws {
    let file: String
    if let path {
      file = VaultOptions.expand(path, name: ".env")
    } else {
      file = VaultOptions.expand("~/.tatumrc/.env", name: ".env")
      guard System.canAccess(file, F_OK) else { return }
    }
    var bytes = try contents(file)
    defer { bytes.text.wipe() }
    let settings = DotEnv(parsing: bytes.text)
    let ours = settings.entries.filter { isOurs($0.name) }
    try checkMode(bytes.status, file, hasSecrets: ours.contains { secrets.contains($0.name) })
    if ours.isEmpty {
      Message.warning("the settings file \(file) has no setting of this program")
      Message.hint("each is a line such as TATUM_API_KEY=…")
    }
    for name in Set(ours.map(\.name)).sorted() where !System.hasVariable(name) {
      guard var entry = settings.entry(name) else { continue }
      defer { entry.value.wipe() }
      if entry.earlierReading != nil, secrets.contains(name) { note(entry, file) }
      if name == PasswordSource.environmentVariable, let earlier = entry.earlierReading {
        unsafe earlierPassword = try SecretBytes(copying: earlier)
      }
      guard !entry.value.contains(0) else {
        throw ProgramFailure(.configuration, "the settings file \(file): \(name) has a zero byte")
      }
      var text = entry.value + [0]
      unsafe setenv(name, text, 1)
      text.wipe()
    }
    settings.wipe()
  }

  private static func isOurs(_ name: String) -> Bool {
    ["TATUM_", "AWS_", "AZURE_"].contains { name.hasPrefix($0) }
      && name.utf8.allSatisfy { (65...90).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "_") }
  }

  private static func note(_ entry: DotEnv.Entry, _ file: String) {
    Message.warning(
      "the settings file \(file), line \(entry.line): \(entry.name) ends before its #, as releases 7 and 8 of the original read "
        + "it; earlier ones took the rest of the line, too")
    Message.hint("if the # belongs to it, put quotes around the value: \(entry.name)='…'")
  }

  private static func contents(_ file: String) throws -> (text: [UInt8], status: stat) {
    let descriptor = System.open(file, O_RDONLY | O_NOCTTY)
    guard descriptor >= 0, let status = System.status(descriptor) else {
      let reason = System.reason()
      if descriptor >= 0 { close(descriptor) }
      throw ProgramFailure(.noInput, "the settings file \(file) can't be read: \(reason)")
    }
    defer { close(descriptor) }
    // One byte more than it may have; not grown, which would leave copies behind.
    var text = [UInt8](repeating: 0, count: maximumSize + 1)
    do {
      var room = text.mutableSpan
      let count = try Descriptor.read(descriptor, into: &room)
      guard count <= maximumSize else {
        text.wipe()
        throw ProgramFailure(.noInput, "the settings file \(file) can't be read: it is too long")
      }
      text.removeLast(text.count - count)
      return (text, status)
    } catch let failure as Descriptor.Failure {
      text.wipe()
      throw ProgramFailure(.noInput, "the settings file \(file) can't be read: \(failure.reason)")
    }
  }

  private static func checkMode(_ status: stat, _ file: String, hasSecrets: Bool) throws(ProgramFailure) {
    guard status.st_uid == geteuid() || status.st_uid == 0 else {
      throw ProgramFailure(
        .noPermission, "the settings file \(file) belongs to user \(status.st_uid)",
        hint: "it has to belong to the user who runs this, or to root")
    }
    // A pipe of a shell's <(…) has an owner only.
    guard status.st_mode & 0o022 == 0 else {
      throw ProgramFailure(
        .noPermission, "the settings file \(file) can be changed by other users", hint: "chmod 600 '\(file)'")
    }
    guard status.st_mode & 0o044 == 0 || !hasSecrets else {
      throw ProgramFailure(
        .noPermission, "other users can read the secrets in the settings file \(file)",
        hint: "chmod 600 '\(file)'")
    }
  }
}
