import ArgumentParser

@main
struct KMSFetch: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "kms-fetch")
}
