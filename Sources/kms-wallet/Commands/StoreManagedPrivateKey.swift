import ArgumentParser
import KMSChains
import KMSProcess
import KMSRecords
import KMSSigning
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

  @Argument(help: "The blockchain, such as BTC.", completion: Completions.chains, transform: Arguments.chain)
  var chain: ChainChoice

  @Flag(help: "A key for test networks.")
  var testnet = false

  @OptionGroup(title: "Which wallet it is")
  var options: StoringOptions

  @OptionGroup
  var key: KeyOptions

  @OptionGroup(title: "A key of words")
  var derived: DerivedKeyOptions

  @OptionGroup
  var network: NetworkOptions

  @OptionGroup(title: "Vault")
  var access: VaultAccess

  @OptionGroup(title: "When there is no vault yet")
  var newVault: NewVaultOptions

  func perform() throws -> ExitStatus {
    try Storing.run(options, network, access, newVault) {
      if let text = derived.fromMnemonic { return try candidate(ofWordsAt: text) }
      return try Candidate(
        privateKey: SecretInput.read("private key"), assurance: key.assurance, chain: chain, testnet: testnet)
    }
  }

  private func candidate(ofWordsAt text: String) throws -> Candidate {
    let isPath = text.contains("/") || text.lowercased() == "m"
    let row = isPath ? nil : try PathOptions.preset(text, chain.wallets, chain, testnet: testnet)
    let path = try row?.path ?? PathOptions.path(text)
    let passphrase = try derived.passphraseFd.map { try SecretInput.passphrase(descriptor: $0) }
    return try Candidate(
      words: SecretInput.read("mnemonic"), passphrase: passphrase, path: path, master: row?.master ?? .own,
      chain: chain, testnet: testnet)
  }
}
