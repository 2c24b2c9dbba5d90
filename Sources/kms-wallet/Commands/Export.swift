import ArgumentParser
import KMSProcess
import KMSRecords
import KMSVault

/// Prints every stored wallet with its secret.
struct Export: WalletCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Print all managed wallets with their secrets.",
    discussion: """
      One JSON object, each wallet under its signature ID. Asks for a yes when standard output is a terminal. A wallet \
      that is damaged is named on standard error and left out; the exit code is 65 then.
      """)

  @Flag(help: "Do not ask.")
  var yes = false

  @OptionGroup(title: "Vault")
  var access: VaultAccess

  @OptionGroup
  var network: AnyNetwork

  func perform() throws -> ExitStatus {
    let vault = try access.open()
    let ids = try vault.chains().flatMap { try vault.signatureIDs(chain: $0.chain, testnet: $0.testnet) }
    if StandardOutput.isTerminal && !yes {
      try Confirmation.require("This shows the secrets of \(ids.count) wallets on the screen.")
    }
    StandardOutput.warnOfSecret("every secret of the vault")
    var status = ExitStatus.ok
    var isFirst = true
    for id in ids {
      do {
        guard let (view, secret) = try vault.secret(of: id) else { continue }  // removed a moment ago
        let object = try SecretJSON.object(WalletJSON.members(view, secret: secret), depth: 1)
        try StandardOutput.write("\(isFirst ? "{" : ",")\n  \"\(id)\": ")
        try StandardOutput.write(object)
        isFirst = false
      } catch let error as VaultError where error.code == .damaged {
        Program.report(error, program: "kms-wallet")
        status = .data
      }
    }
    try StandardOutput.write(isFirst ? "{}\n" : "\n}\n")
    return status
  }
}
