import ArgumentParser

@main
struct KMSBroadcast: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "kms-broadcast")
}
