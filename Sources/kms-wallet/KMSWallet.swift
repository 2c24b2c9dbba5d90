import ArgumentParser
import KMSProcess
import KMSRecords
import KMSVault

/// The vault's own tool: makes, stores, shows and removes wallets, and hands keys to the stages.
@main
struct KMSWallet: KMSProgram {
  static let configuration = CommandConfiguration(
    commandName: TatumKMS.name,
    abstract: "Keeps the wallets that Tatum KMS signs with, in an encrypted file.",
    discussion: """
      Answers are JSON on standard output; questions and messages are on the terminal and on standard error. \
      Mnemonics, private keys and passwords are asked for without echo and never taken from the command line.

      Examples:
        tatum-kms daemon --chain=BTC,ETH --external-url=https://approver.internal
        kms-wallet generatemanagedwallet ETH --testnet
      """,
    version: KMSVersion.text(with: [.sqlite]),
    subcommands: [News.self],
    groupedSubcommands: [
      CommandGroup(name: "Service", subcommands: [Daemon.self, Status.self]),
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
          Unlock.self, Approver.self, ChangePassword.self, ChangeKey.self, Backup.self, Restore.self,
          Check.self,
          Recover.self, JournalCommand.self,
          ImportWallets.self,
        ]),
      CommandGroup(name: "Debugging", subcommands: [Doctor.self, MakeReport.self, CheckConfig.self]),
    ])

  /// What can stand in the place of a command.
  static let commandNames =
    (configuration.subcommands + configuration.groupedSubcommands.flatMap(\.subcommands)).map {
      $0._commandName
    } + ["help"]

  static func main() {
    do {
      let arguments = try TatumKMS.arguments()
      if arguments == ["--generate-completion-script", "fish"] {
        print(completionScript(for: .fish) + Completions.daemonWordsOfFish(program: TatumKMS.name))
        exit()
      }
      start(arguments)
    } catch let error as any ProgramError {
      Program.report(error, program: TatumKMS.name)
      exit(withError: ExitCode(error.exitStatus.rawValue))
    } catch { exit(withError: error) }
  }
}
