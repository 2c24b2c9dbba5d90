import ArgumentParser
import KMSChains
import KMSCrypto
import KMSPrivateKeys
import KMSProcess
import KMSRecords
import KMSSigning
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

  @Argument(help: "The blockchain, such as BTC.", completion: Completions.chains, transform: Arguments.chain)
  var chain: ChainChoice

  @Flag(help: "A wallet for test networks.")
  var testnet = false

  @Option(help: "Take words of this language only; without it, of any of BIP-39's ten.")
  var language: MnemonicLanguage?

  @Flag(
    help:
      "Take any text for a mnemonic, as the original did: --expect-address or a yes at the terminal is needed."
  )
  var unchecked = false

  @OptionGroup(title: "Which wallet it is")
  var options: StoringOptions

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
    return try Storing.run(options, network, access, newVault) {
      let text = try SecretInput.read("mnemonic", isExact: unchecked)
      if unchecked {
        return try Candidate(unchecked: text, scheme: scheme, chain: chain, testnet: testnet)
      }
      if scheme.path(testnet: testnet) == nil {
        return try Candidate.ofChainWithoutPaths(
          text, expected: options.expectAddress, chain: chain, testnet: testnet)
      }
      if let language { try SecretInput.check(text, language: language) }
      return try Candidate(mnemonic: text, scheme: scheme, chain: chain, testnet: testnet)
    }
  }
}
