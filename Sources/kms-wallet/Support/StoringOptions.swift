import ArgumentParser
import Glibc
import KMSChains
import KMSCrypto
import KMSRecords
import KMSSigning
import KMSVault

/// How a person makes sure that what is stored is the wallet that was meant.
struct StoringOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Store nothing unless this is the wallet's address, in any of the forms that the chain has.",
      valueName: "address"))
  var expectAddress: String?

  @Flag(help: "Show address and path, and store nothing.")
  var dryRun = false

  @Flag(
    help:
      "When the vault has this wallet already, store nothing, and answer with the signature ID that it has.")
  var ifAbsent = false
}

/// Storing one secret for both networks.
struct NetworkOptions: ParsableArguments {
  @Flag(
    help:
      "Store a secret that the vault has for the other network of the chain, although a signature for one is good on both."
  )
  var bothNetworks = false
}

/// What a person knows about a key and the program can't see.
struct KeyOptions: ParsableArguments {
  @Flag(help: "The key really has fewer than 62 digits.")
  var shortKey = false

  var assurance: KeyAssurance {
    var assurance = KeyAssurance()
    assurance.isShort = shortKey
    return assurance
  }
}

/// A private key that words have at a path.
struct DerivedKeyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Take words, and store the one key that they have at this path (m/44'/60'/0'/0/0) or in this wallet program "
        + "(metamask).", valueName: "path"))
  var fromMnemonic: String?

  @Option(
    help: ArgumentHelp(
      "Read the passphrase of the words (25th word) from this file descriptor.", valueName: "n"))
  var passphraseFd: Int32?

  func validate() throws {
    if passphraseFd != nil, fromMnemonic == nil {
      throw ValidationError("--passphrase-fd belongs to --from-mnemonic")
    }
  }
}
