import Foundation
import KMSCrypto
import KMSVault

/// Tests of kms-wallet import: a file of the original, its password, and the vault that it goes into.
protocol ImportSuite {
  var folder: WalletFolder { get }
}

extension ImportSuite {
  /// The original's file.
  var file: String { folder.url.appendingPathComponent("old.dat").path }
  /// A file with its password.
  var oldPassword: String { folder.url.appendingPathComponent("old-password").path }

  static func newFolder() throws -> WalletFolder {
    let folder = try WalletFolder()
    try folder.writeSecret(
      OriginalWalletFile.password, to: folder.url.appendingPathComponent("old-password").path)
    return folder
  }

  func run(_ arguments: String...) throws -> ProgramProcess.Result {
    try ProgramProcess.run(
      "kms-wallet",
      ["import"] + arguments + ["--old-password-file", oldPassword] + folder.options + WalletFolder.cheap,
      timeoutSeconds: 300)
  }

  func openVault() throws -> Vault {
    try Vault.open(at: folder.vault, password: SecretBytes(copying: Array(WalletFolder.password.utf8)))
  }
}
