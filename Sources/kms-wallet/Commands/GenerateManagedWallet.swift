import ArgumentParser
import KMSChains
import KMSProcess
import KMSRecords
import KMSVault

/// Makes a wallet and stores it.
struct GenerateManagedWallet: WalletCommand {
  static let configuration = CommandConfiguration(
    commandName: "generatemanagedwallet",
    abstract: "Generate a wallet for a blockchain and add it to the managed wallets.",
    discussion:
      "Prints the signature ID for requests to the Tatum API, and the extended public key or the address.")

  @Argument(help: "The blockchain, such as BTC.", transform: Arguments.chain)
  var chain: ChainChoice

  @Flag(help: "A wallet for test networks.")
  var testnet = false

  @OptionGroup(title: "Vault")
  var access: VaultAccess

  @OptionGroup(title: "When there is no vault yet")
  var newVault: NewVaultOptions

  func perform() throws -> ExitStatus {
    let (vault, wallet) = try access.openForStoring(cost: newVault.cost(otherwise: .standard)) {
      try chain.wallets.generate(testnet: testnet)
    }
    try Storing.store(wallet, chain: chain, testnet: testnet, in: vault)
    return .ok
  }
}
