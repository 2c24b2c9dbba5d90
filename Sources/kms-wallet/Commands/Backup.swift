import ArgumentParser
import KMSProcess
import KMSRecords
import KMSVault

/// Copies the vault while it is in use.
struct Backup: WalletCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Copy the vault, as it is at one instant, and open every wallet of the copy.",
    discussion: """
      The copy is a vault with the same password and keys; it may be made while daemons use the vault. A file that \
      is there already is not overwritten.
      """)

  @Argument(help: ArgumentHelp("The file or folder for the copy.", valueName: "file"), completion: .file())
  var copy: String

  @OptionGroup(title: "Vault")
  var access: VaultAccess

  @OptionGroup
  var network: AnyNetwork

  func perform() throws -> ExitStatus {
    let file = VaultOptions.expand(copy, name: "wallet.dat")
    let wallets = try access.open().backup(to: file)
    try StandardOutput.write(pretty: ["path": .string(file), "wallets": .number(JSONNumber(wallets))])
    return .ok
  }
}
