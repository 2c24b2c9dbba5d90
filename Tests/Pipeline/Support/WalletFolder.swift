import Foundation
import KMSRecords

/// A folder for one test, with a vault to be made in it and a password file; removed when the test is over.
final class WalletFolder {
  static let password = "correct horse battery staple"
  /// The cheapest password hash that vaults take: tests wait for it all the time.
  static let cheap = ["--memory-mib", "19", "--passes", "2"]

  let url: URL
  var vault: String { url.appendingPathComponent("vault/wallet.dat").path }
  var passwordFile: String { url.appendingPathComponent("password").path }

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("kms-wallet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    try writeSecret(Self.password + "\n", to: passwordFile)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Writes a file that only its owner may read.
  func writeSecret(_ text: String, to path: String) throws {
    let isWritten = FileManager.default.createFile(
      atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
    if !isWritten { throw CocoaError(.fileWriteUnknown) }
  }

  /// Runs kms-wallet with this vault and its password file.
  func run(_ arguments: String..., input: String = "", environment: [String: String] = [:]) throws
    -> ProgramProcess.Result
  {
    try ProgramProcess.run(
      "kms-wallet", arguments + options, input: Array(input.utf8), environment: environment)
  }

  /// `--path` and the password.
  var options: [String] { ["--path", vault, "--password-file", passwordFile] }

  /// Runs a command that stores, with the cheapest password hash in case that it makes the vault.
  func store(_ arguments: String..., input: String = "") throws -> ProgramProcess.Result {
    try store(arguments, input: input)
  }

  /// The same, of a list.
  func store(_ arguments: [String], input: String) throws -> ProgramProcess.Result {
    try ProgramProcess.run("kms-wallet", arguments + options + Self.cheap, input: Array(input.utf8))
  }

  /// Stores and returns the signature ID.
  func stored(_ arguments: String..., input: String = "") throws -> String {
    let result = try store(arguments, input: input)
    return try result.json["signatureId"]?.string ?? "none: \(result.errorText)"
  }

  /// Writes the vault key to a file and returns its path.
  func writeVaultKey() throws -> String {
    let key = try run("unlock", "--stage", "sign")
    let path = url.appendingPathComponent("key").path
    try writeSecret(key.outputText, to: path)
    return path
  }

  /// Starts kms-wallet with a key of this vault on descriptor 5, so that it does not hash the password.
  func start(keyFile: String, _ arguments: String...) throws -> ProgramProcess {
    guard let key = FileHandle(forReadingAtPath: keyFile) else { throw CocoaError(.fileNoSuchFile) }
    return try ProgramProcess(
      "kms-wallet", arguments + ["--path", vault, "--key-fd", "5"], descriptors: [5: key.fileDescriptor])
  }
}

extension ProgramProcess.Result {
  /// Standard output as one JSON value.
  var json: JSONValue { get throws { try JSONValue(parsing: standardOutput) } }

  /// The names of the members, in their order, of the object on standard output.
  var memberNames: [String] { get throws { try json.object?.members.map(\.name) ?? [] } }
}

/// The mnemonic of the reference's vectors.
enum M1 {
  static let mnemonic =
    "quantum tobacco key they maid mean crime youth chief jungle mind design broken tilt bus shoulder leaf good forward "
    + "erupt split divert bread kitten"
  /// With another last word, so that the checksum is wrong.
  static let misspelled = mnemonic.replacingOccurrences(of: "kitten", with: "kitchen")
}
