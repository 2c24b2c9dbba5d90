import ArgumentParser
import KMSChains
import KMSCrypto
import KMSProcess
import KMSRecords
import KMSSigning
import KMSVault
import KMSWallets

/// Opens every record of the vault.
struct Check: WalletCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Open every record of the vault and check that none is missing.",
    discussion: """
      Prints what was found; the exit code is 65 when something is wrong. Wallets whose secret everybody has, and keys that \
      others can find or that may be no keys at all, are named among the warnings.
      """)

  @OptionGroup(title: "Vault")
  var access: VaultAccess

  @OptionGroup
  var network: AnyNetwork

  func perform() throws -> ExitStatus {
    var known = KnownKeysOfChains()
    var warnings: [String] = []
    let report = try access.open().check { view, secret in
      if let warning = try Self.warning(view, secret, &known) {
        warnings.append("wallet \(view.signatureID) (\(view.chain) \(view.network)): \(warning)")
      }
    }
    try StandardOutput.write(pretty: [
      "wallets": .number(JSONNumber(report.wallets)),
      "damaged": .array(report.damaged.map(JSONValue.string)),
      "problems": .array(report.problems.map(JSONValue.string)),
      "warnings": .array(warnings.map(JSONValue.string)),
    ])
    for warning in warnings { Message.warning(warning) }
    guard report.isSound else {
      throw ProgramFailure(
        .data, "the vault has \(report.problems.count) problems",
        hint: "stop using it; restore it from a backup, or save what still opens with `kms-wallet recover`")
    }
    return .ok
  }

  /// What makes a sound wallet one that others can spend from.
  private static func warning(
    _ view: WalletView, _ secret: SecretBytes, _ known: inout KnownKeysOfChains
  ) throws -> String? {
    if let origin = try known.origin(of: view.kind, secret, chain: view.chain, testnet: view.testnet) {
      return "everybody has this secret: it is \(origin)"
    }
    guard view.kind == .privateKey, let scheme = SigningRegistry.chains[view.chain]?.wallets else {
      return nil
    }
    do {
      _ = try scheme.accept(privateKey: secret, assurance: KeyAssurance(), testnet: view.testnet)
      return nil
    } catch let error as WalletError { return error.message }
  }
}
