import ArgumentParser
import KMSChains
import KMSCrypto
import KMSPrivateKeys
import KMSProcess
import KMSRecords
import KMSSigning

/// Prints a new wallet and stores nothing.
struct GenerateWallet: WalletCommand {
  static let configuration = CommandConfiguration(
    commandName: "generatewallet",
    abstract: "Generate a wallet for a blockchain and print it; it is not stored.")

  @Argument(help: "The blockchain, such as BTC.", completion: Completions.chains, transform: Arguments.chain)
  var chain: ChainChoice

  @Flag(help: "A wallet for test networks.")
  var testnet = false

  @Option(help: "The language of the words.")
  var language: MnemonicLanguage?

  /// Taken as every command takes them, so that they can be set once for all in a script; nothing is opened.
  @OptionGroup(visibility: .hidden)
  var access: VaultAccess

  func perform() throws -> ExitStatus {
    let wallet = try Storing.generate(chain.wallets, language, testnet: testnet)
    let view = WalletView(
      signatureID: "", chain: chain.name, testnet: testnet, kind: wallet.kind, xpub: wallet.xpub,
      address: wallet.address, publicKey: wallet.publicKey)
    let text = try SecretJSON.object(WalletJSON.members(view, secret: wallet.secret))
    StandardOutput.warnOfSecret("the secret of this wallet")
    try StandardOutput.write(text)
    try StandardOutput.write("\n")
    return .ok
  }
}
