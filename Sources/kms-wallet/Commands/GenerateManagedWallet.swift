import ArgumentParser
import KMSChains
import KMSCrypto
import KMSPrivateKeys
import KMSProcess
import KMSRecords
import KMSSigning
import KMSVault

/// Makes a wallet and stores it.
struct GenerateManagedWallet: WalletCommand {
  static let configuration = CommandConfiguration(
    commandName: "generatemanagedwallet",
    abstract: "Generate a wallet for a blockchain and add it to the managed wallets.",
    discussion:
      "Prints the signature ID for requests to the Tatum API, and the extended public key or the address.")

  @Argument(help: "The blockchain, such as BTC.", completion: Completions.chains, transform: Arguments.chain)
  var chain: ChainChoice

  @Flag(help: "A wallet for test networks.")
  var testnet = false

  @Option(help: "The language of the words.")
  var language: MnemonicLanguage?

  @OptionGroup(title: "Where its keys are")
  var paths: PathOptions

  @OptionGroup
  var network: NetworkOptions

  @OptionGroup(title: "Vault")
  var access: VaultAccess

  @OptionGroup(title: "When there is no vault yet")
  var newVault: NewVaultOptions

  func perform() throws -> ExitStatus {
    let scheme = try paths.wallets(of: chain, testnet: testnet, access)
    let (vault, candidate) = try access.openForStoring(cost: newVault.cost(otherwise: .standard)) {
      try Candidate(
        generated: Storing.generate(scheme, language, testnet: testnet), scheme: scheme, chain: chain,
        testnet: testnet)
    }
    try Storing.store(candidate, network, in: vault)
    return .ok
  }
}
