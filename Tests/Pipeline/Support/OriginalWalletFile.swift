import Foundation
import KMSRecords

/// Wallet files as the original writes them, encrypted with the `openssl` program.
enum OriginalWalletFile {
  static let password = "the old password"

  /// Writes a file with this plaintext, of the mode that the original's files have.
  static func write(_ plaintext: String, to path: String, password: String = password) throws {
    // In the environment of openssl only; -pass file: would want a file.
    let result = try ProgramProcess.run(
      "/usr/bin/openssl",
      ["enc", "-aes-256-cbc", "-md", "md5", "-salt", "-a", "-A", "-pass", "env:PASSWORD"],
      input: Array(plaintext.utf8), environment: ["PASSWORD": password])
    guard result.status == 0, !result.standardOutput.isEmpty,
      FileManager.default.createFile(
        atPath: path, contents: Data(result.standardOutput), attributes: [.posixPermissions: 0o644])
    else { throw CocoaError(.fileWriteUnknown, userInfo: ["openssl": result.errorText]) }
  }

  static func write(_ wallets: JSONObject, to path: String, password: String = password) throws {
    try write(JSONValue.object(wallets).text, to: path, password: password)
  }

  /// A signature ID that is always the same for a number.
  static func id(_ number: Int) -> String {
    let digits = String(number)
    // Spread over the first digits, as random ones are.
    let spread = String((number & 0xFF) + 0x100, radix: 16).dropFirst()
    return "\(spread)000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
  }

  /// An entry; nil members are left out.
  static func entry(
    _ chain: String?, testnet: Bool? = false, mnemonic: String? = nil, xpub: String? = nil,
    address: String? = nil, privateKey: String? = nil, secret: String? = nil
  ) -> JSONValue {
    var entry = JSONObject()
    for (name, text) in [
      ("mnemonic", mnemonic), ("xpub", xpub), ("address", address), ("privateKey", privateKey),
      ("secret", secret),
    ] { entry[name] = text.map(JSONValue.string) }
    entry["chain"] = chain.map(JSONValue.string)
    entry["testnet"] = testnet.map(JSONValue.bool)
    return .object(entry)
  }
}
