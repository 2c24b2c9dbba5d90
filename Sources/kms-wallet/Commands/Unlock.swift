import ArgumentParser
import KMSProcess
import KMSRecords
import KMSVault
import Logging

/// Turns the password into keys for the stages.
struct Unlock: WalletCommand {
  static let configuration = CommandConfiguration(
    commandName: "unlock",
    abstract: "Print the key of the vault that a stage of the pipeline needs.",
    discussion: """
      One line for a pipe into the stage, which reads it from a descriptor, so that the password is hashed once and \
      no stage gets a key that it does not need:
        kms-fetch --key-fd 3 3< <(kms-wallet unlock --stage fetch)
      "all" prints the keys of kms-sign, kms-fetch and kms-verify in this order; the first opens everything.
      """)

  /// Who gets the key.
  enum Stage: String, ExpressibleByArgument, CaseIterable {
    case fetch, verify, sign, all

    var keys: [StageKey.Kind] {
      switch self {
      case .fetch: [.view]
      case .verify: [.approve]
      case .sign: [.vault]
      case .all: [.vault, .view, .approve]
      }
    }
  }

  @Option(help: "The stage.")
  var stage: Stage

  @Flag(help: "Print the key even on a terminal.")
  var force = false

  @OptionGroup(title: "Vault")
  var access: VaultAccess

  @OptionGroup
  var network: AnyNetwork

  func perform() throws -> ExitStatus {
    if StandardOutput.isTerminal && !force {
      throw ProgramFailure(
        .usage, "a key of the vault does not belong on a screen",
        hint: "give it to a stage through a pipe, or --force")
    }
    let vault = try access.open()
    if let time = vault.unlockTime {
      let milliseconds = Int(time / .milliseconds(1))
      access.log.logger(for: "kms-wallet").info(
        "unlocked", metadata: ["milliseconds": "\(milliseconds)", "argon2id": "\(vault.cost)"])
    }
    for kind in stage.keys { try StandardOutput.write(vault.key(for: kind).line()) }
    return .ok
  }
}
