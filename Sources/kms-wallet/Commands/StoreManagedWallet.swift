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

  @OptionGroup(title: "Which wallet it is")
  var options: StoringOptions

  @OptionGroup(title: "Vault")
  var access: VaultAccess

  @OptionGroup(title: "When there is no vault yet")
  var newVault: NewVaultOptions

  func perform() throws -> ExitStatus {
    if options.dryRun {
      try Storing.show(candidate())
      return .ok
    }
    let (vault, candidate) = try access.openForStoring(cost: newVault.cost(otherwise: .standard), candidate)
    try Storing.store(candidate.wallet, chain: chain, testnet: testnet, in: vault)
    return .ok
  }

  private func candidate() throws -> Candidate {
    let candidate = try Candidate(mnemonic: SecretInput.read("mnemonic"), chain: chain, testnet: testnet)
    try candidate.confirm(options)
    return candidate
  }
}
