import ArgumentParser

@main
struct KMSWallet: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "kms-wallet")
}
