import ArgumentParser

@main
struct KMSSign: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "kms-sign")
}
