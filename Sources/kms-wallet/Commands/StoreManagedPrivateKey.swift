import ArgumentParser
import KMSChains
import KMSProcess
import KMSRecords
import KMSVault

/// Stores a private key that a person has.
struct StoreManagedPrivateKey: WalletCommand {
  static let configuration = CommandConfiguration(
    commandName: "storemanagedprivatekey",
    abstract: "Store a private key of a blockchain and add it to the managed wallets.",
    discussion: """
      The key is asked for at the terminal without echo, or read from standard input when that is not a terminal, \
      in the form that getprivatekey prints. Its range and, where its form tells, its network are checked before \
      anything is stored; the answer has the address that it signs for.
      """)

  @Argument(help: "The blockchain, such as BTC.", transform: Arguments.chain)
  var chain: ChainChoice

  @Flag(help: "A key for test networks.")
  var testnet = false

  @OptionGroup(title: "Which wallet it is")
  var options: StoringOptions

  @OptionGroup
  var key: KeyOptions

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
    let candidate = try Candidate(
      privateKey: SecretInput.read("private key"), assurance: key.assurance, chain: chain, testnet: testnet)
    try candidate.confirm(options)
    return candidate
  }
}
