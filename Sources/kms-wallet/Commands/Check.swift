import ArgumentParser
import KMSProcess
import KMSRecords
import KMSVault

/// Opens every record of the vault.
struct Check: WalletCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Open every record of the vault and check that none is missing.",
    discussion: "Prints what was found; the exit code is 65 when something is wrong.")

  @OptionGroup(title: "Vault")
  var access: VaultAccess

  @OptionGroup
  var network: AnyNetwork

  func perform() throws -> ExitStatus {
    let report = try access.open().check()
    try StandardOutput.write(pretty: [
      "wallets": .number(JSONNumber(report.wallets)),
      "damaged": .array(report.damaged.map(JSONValue.string)),
      "problems": .array(report.problems.map(JSONValue.string)),
    ])
    guard report.isSound else {
      throw ProgramFailure(
        .data, "the vault has \(report.problems.count) problems",
        hint: "stop using it; restore it from a backup, or save what still opens with `kms-wallet recover`")
    }
    return .ok
  }
}
