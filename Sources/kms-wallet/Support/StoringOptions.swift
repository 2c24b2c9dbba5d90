import ArgumentParser
import Glibc
import KMSChains
import KMSCrypto
import KMSRecords
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
}

/// The flags of what a person knows about a key and the program can't see.
struct KeyOptions: ParsableArguments {
  @Flag(help: "The key really has fewer than 62 digits (FLOW).")
  var shortKey = false

  var assurance: KeyAssurance {
    var assurance = KeyAssurance()
    assurance.isShort = shortKey
    return assurance
  }
}
