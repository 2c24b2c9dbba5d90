import ArgumentParser

@main
struct KMSVerify: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "kms-verify")
}
