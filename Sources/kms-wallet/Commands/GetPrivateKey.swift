import ArgumentParser
import KMSChains
import KMSProcess
import KMSRecords
import KMSSigning

/// Prints a private key of a stored wallet.
struct GetPrivateKey: WalletCommand {
  static let configuration = CommandConfiguration(
    commandName: "getprivatekey",
    abstract: "Print the private key of a managed wallet at a derivation index.")

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
    let (view, secret) = try access.open().existing(signatureId)
    if view.kind == .mnemonic && index == nil { throw WalletError.indexMissing }
    let key = try view.scheme().privateKeyText(
      kind: view.kind, secret: secret, index: index ?? 0, testnet: view.testnet)
    let text = try SecretJSON.object([("privateKey", .secret(key))])
    StandardOutput.warnOfSecret("a private key")
    try StandardOutput.write(text)
    try StandardOutput.write("\n")
    return .ok
  }
}
