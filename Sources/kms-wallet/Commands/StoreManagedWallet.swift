import ArgumentParser
import KMSChains
import KMSProcess
import KMSRecords
import KMSVault

/// Stores a wallet whose mnemonic a person has.
struct StoreManagedWallet: WalletCommand {
  static let configuration = CommandConfiguration(
    commandName: "storemanagedwallet",
    abstract: "Store a mnemonic-based wallet of a blockchain and add it to the managed wallets.",
    discussion: """
      The mnemonic is asked for at the terminal without echo, or read from standard input when that is not a \
      terminal. Its words and its checksum are checked before anything is stored.
      """)

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
      try chain.wallets.wallet(mnemonic: SecretInput.read("mnemonic"), testnet: testnet)
    }
    try Storing.store(wallet, chain: chain, testnet: testnet, in: vault)
    return .ok
  }
}
