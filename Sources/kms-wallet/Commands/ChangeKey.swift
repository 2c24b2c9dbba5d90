import ArgumentParser
import KMSProcess
import KMSRecords
import KMSVault

/// Gives the vault another key.
struct ChangeKey: WalletCommand {
  static let configuration = CommandConfiguration(
    commandName: "rekey",
    abstract: "Seal every wallet anew under a new key of the vault.",
    discussion: """
      For when a key that a stage held, or an old password with an old copy of the file, may have leaked. The password \
      stays. Keys that unlock gave out do not open the vault any more: restart the daemon. If the secrets \
      themselves may have leaked, only moving the coins to new wallets helps.
      """)

  @OptionGroup(title: "Vault")
  var access: VaultAccess

  @OptionGroup
  var network: AnyNetwork

  func validate() throws {
    try access.refuseKey(because: "rekey needs the password")
  }

  func perform() throws -> ExitStatus {
    let (vault, password) = try access.openWithPassword()
    try vault.rekey(password: password)
    Message.info("the vault has a new key; keys that were handed out before do not open it any more")
    return .ok
  }
}
