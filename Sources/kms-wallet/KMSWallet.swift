import ArgumentParser
import KMSProcess
import KMSRecords

/// The vault's own tool: makes, stores, shows and removes wallets, and hands keys to the stages.
@main
struct KMSWallet: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kms-wallet",
    abstract: "Keeps the wallets that Tatum KMS signs with, in an encrypted file.",
    discussion: """
      Answers are JSON on standard output; questions and messages are on the terminal and on standard error. \
      Mnemonics, private keys and passwords are asked for without echo and never taken from the command line.

      Example:
        kms-wallet generatemanagedwallet ETH --testnet
      """,
    version: KMSVersion.current,
    groupedSubcommands: [
      CommandGroup(
        name: "Wallets",
        subcommands: [
          GenerateWallet.self, GenerateManagedWallet.self, StoreManagedWallet.self,
          StoreManagedPrivateKey.self,
          GenerateManagedPrivateKeyBatch.self, GetPrivateKey.self, GetAddress.self, GetManagedWallet.self,
          RemoveWallet.self, Export.self, List.self,
        ]),
      CommandGroup(
        name: "Vault",
        subcommands: [
          Unlock.self, ChangePassword.self, ChangeKey.self, Backup.self, Check.self, Recover.self,
          ImportWallets.self,
        ]),
      CommandGroup(name: "Debugging", subcommands: [MakeReport.self, CheckConfig.self]),
    ])
}
