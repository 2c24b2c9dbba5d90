import ArgumentParser
import KMSProcess
import KMSRecords

/// Prints a stored wallet with its secret.
struct GetManagedWallet: WalletCommand {
  static let configuration = CommandConfiguration(
    commandName: "getmanagedwallet", abstract: "Print a managed wallet or private key with its secret.")

  @Argument(help: "The wallet.", completion: Completions.signatureIDs, transform: Arguments.signatureID)
  var signatureId: String

  @OptionGroup(title: "Vault")
  var access: VaultAccess

  @OptionGroup
  var network: AnyNetwork

  func perform() throws -> ExitStatus {
    let (view, secret) = try access.open().existing(signatureId)
    let text = try SecretJSON.object(WalletJSON.members(view, secret: secret))
    StandardOutput.warnOfSecret("the secret of this wallet")
    try StandardOutput.write(text)
    try StandardOutput.write("\n")
    return .ok
  }
}
