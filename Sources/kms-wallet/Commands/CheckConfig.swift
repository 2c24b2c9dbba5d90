import ArgumentParser
import KMSProcess
import KMSRecords
import KMSVault

/// Shows what the programs would work with.
struct CheckConfig: WalletCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkconfig",
    abstract: "Show paths, environment variables and limits; of secrets only whether they are set.",
    discussion: "No password is asked for. The exit code is 0 also when there is no vault yet.")

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup(title: "Vault")
  var access: VaultAccess

  @OptionGroup
  var network: AnyNetwork

  func perform() throws -> ExitStatus {
    let configuration = try Configuration(access)
    try json ? StandardOutput.write(pretty: configuration.json) : StandardOutput.write(configuration.text)
    return .ok
  }
}
