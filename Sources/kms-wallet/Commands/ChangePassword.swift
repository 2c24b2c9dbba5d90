import ArgumentParser
import KMSCrypto
import KMSProcess
import KMSRecords
import KMSVault

/// Gives the vault another password.
struct ChangePassword: WalletCommand {
  static let configuration = CommandConfiguration(
    commandName: "passwd",
    abstract: "Change the password of the vault, or how much work it is to try one.",
    discussion: """
      Wallets are not touched, and keys that stages hold stay valid. The old password still opens old copies of the \
      file: after a leak use rekey, too.
      """)

  @Option(help: ArgumentHelp("Read the new password from this file descriptor.", valueName: "n"))
  var newPasswordFd: Int32?

  @Option(
    help: ArgumentHelp(
      "Read the new password from this file, which only its owner may read.", valueName: "file"),
    completion: .file())
  var newPasswordFile: String?

  @OptionGroup(title: "Work to try a password; as it was when not given")
  var work: NewVaultOptions

  @OptionGroup(title: "Vault")
  var access: VaultAccess

  @OptionGroup
  var network: AnyNetwork

  func validate() throws {
    if newPasswordFd != nil && newPasswordFile != nil {
      throw ValidationError("--new-password-fd and --new-password-file exclude each other")
    }
  }

  func perform() throws -> ExitStatus {
    let vault = try access.open()
    let cost = try work.cost(otherwise: vault.cost)
    let password = try newPassword()
    NewPassword.warnIfShort(password)
    try vault.changePassword(to: password, cost: cost)
    Message.info("the password was changed (Argon2id, \(cost))")
    return .ok
  }

  private func newPassword() throws -> SecretBytes {
    if let newPasswordFd { return try PasswordSource.fileDescriptor(newPasswordFd).password() }
    if let newPasswordFile { return try PasswordSource.file(newPasswordFile).password() }
    return try NewPassword.ask()
  }
}
