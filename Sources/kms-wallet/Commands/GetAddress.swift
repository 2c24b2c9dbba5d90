import ArgumentParser
import KMSChains
import KMSProcess
import KMSRecords
import KMSSigning
import KMSVault

/// Prints an address of a stored wallet.
struct GetAddress: WalletCommand {
  static let configuration = CommandConfiguration(
    commandName: "getaddress",
    abstract: "Print the address of a managed wallet at a derivation index.")

  @Argument(help: "The wallet.", completion: Completions.signatureIDs, transform: Arguments.signatureID)
  var signatureId: String

  @Argument(
    help: "The derivation index; needed for mnemonic wallets, no matter for private keys.",
    transform: Arguments.index)
  var index: UInt32?

  @OptionGroup(title: "Vault")
  var access: VaultAccess

  @OptionGroup
  var network: AnyNetwork

  func perform() throws -> ExitStatus {
    let vault = try access.open()
    guard let view = try vault.view(of: signatureId) else { throw vault.noWallet(signatureId) }
    if view.kind == .mnemonic && index == nil { throw WalletError.indexMissing }
    try StandardOutput.write(pretty: ["address": .string(try address(view, in: vault))])
    return .ok
  }

  private func address(_ view: WalletView, in vault: Vault) throws -> String {
    let scheme = try view.scheme()
    if let address = try scheme.address(of: view, index: index ?? 0), !address.isEmpty { return address }
    let (_, secret) = try vault.existing(signatureId)
    let key = try scheme.key(kind: view.kind, secret: secret, index: index, testnet: view.testnet)
    if !key.address.isEmpty { return key.address }
    guard let publicKey = view.publicKey else {
      throw ProgramFailure(.usage, "\(view.chain) has no addresses that are computed from keys")
    }
    return publicKey
  }
}
