import ArgumentParser
import KMSProcess
import KMSRecords
import KMSVault
import KMSWallets

/// Saves what can be saved of a damaged vault.
struct Recover: WalletCommand {
  static let configuration = CommandConfiguration(
    commandName: "recover",
    abstract: "Copy every wallet that still opens from a damaged vault into a new one.",
    discussion: """
      For when check finds a problem and there is no good backup. The damaged vault is only read; the new one has the same \
      password, a new key, and gets its name when it is complete. Prints what was found; the exit code is 65 when a \
      wallet is lost. Compare the result with a list of earlier: that a wallet was deleted can't be told when the list of \
      wallets itself is damaged.

      Example:
        kms-wallet recover ~/.tatumrc/recovered.dat
      """)

  @Argument(
    help: ArgumentHelp("The file or folder for the new vault.", valueName: "file"), completion: .file())
  var copy: String

  @OptionGroup(title: "Vault")
  var access: VaultAccess

  @OptionGroup
  var network: AnyNetwork

  func validate() throws {
    try access.refuseKey(because: "recover makes a new vault, which needs the password")
  }

  func perform() throws -> ExitStatus {
    let file = VaultOptions.expand(copy, name: "wallet.dat")
    try Vault.checkRecovering(from: access.options.file, to: file)
    let password = try access.options.password(isNew: false, cloud: access.cloud.source)
    access.warnOfUnlockedMemory()
    let recovery = try Vault.recover(from: access.options.file, password: password, to: file)
    try StandardOutput.write(pretty: [
      "path": .string(file), "wallets": .number(JSONNumber(recovery.wallets)),
      "lost": .array(recovery.lost.map(JSONValue.string)),
      "problems": .array(recovery.problems.map(JSONValue.string)),
    ])
    guard recovery.lost.isEmpty, !recovery.isIncomplete else {
      throw ProgramFailure(
        .data, "not every wallet could be recovered", hint: "look for the rest in backups, however old")
    }
    return .ok
  }
}
