import ArgumentParser
import KMSChains
import KMSProcess
import KMSRecords
import KMSSigning
import KMSVault

/// Removes a stored wallet.
struct RemoveWallet: WalletCommand {
  static let configuration = CommandConfiguration(
    commandName: "removewallet",
    abstract: "Remove a managed wallet from the vault, for good.",
    discussion:
      "Asks for a yes at the terminal; without one, --yes is needed. There is no way back but a backup.")

  @Argument(help: "The wallet.", completion: Completions.signatureIDs, transform: Arguments.signatureID)
  var signatureId: String

  @Flag(help: "Do not ask.")
  var yes = false

  @OptionGroup(title: "Vault")
  var access: VaultAccess

  @OptionGroup
  var network: AnyNetwork

  func perform() throws -> ExitStatus {
    let vault = try access.open()
    guard let view = try vault.view(of: signatureId) else { throw vault.noWallet(signatureId) }
    if !yes {
      let name = view.shownAddress ?? view.xpub ?? view.kind.rawValue
      try Confirmation.require("Remove the \(view.chain) \(view.network) wallet \(signatureId) (\(name))?")
    }
    guard try vault.remove(signatureId) else { throw vault.noWallet(signatureId) }
    return .ok
  }
}
