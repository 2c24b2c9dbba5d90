import ArgumentParser
import Glibc
import KMSChains
import KMSCrypto
import KMSProcess
import KMSRecords
import KMSSigning
import KMSVault

/// Looks at some wallets and says what is wrong with them.
struct MakeReport: WalletCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Show a report of the system and of wallets, with warnings.",
    discussion: """
      Each wallet is opened, and what its secret yields is compared with what is stored. The exit code is 66 when a \
      signature ID is unknown and 65 when a wallet is damaged.
      """)

  @Argument(
    help: ArgumentHelp("The wallets, separated by commas.", valueName: "signature-id,…"),
    completion: Completions.signatureIDs, transform: Arguments.signatureIDs)
  var signatureIds: [String] = []

  @OptionGroup(title: "Vault")
  var access: VaultAccess

  @OptionGroup
  var network: AnyNetwork

  func perform() throws -> ExitStatus {
    let vault = try access.open()
    var status = ExitStatus.ok
    var wallets = JSONObject()
    var warnings: [JSONValue] = []
    for id in signatureIds {
      do {
        if let (view, secret) = try vault.secret(of: id) {
          wallets[id] = Self.report(view, secret: secret)
        } else {
          warnings.append(.string("No wallet found for signatureId: \(id)"))
          status = status.combined(with: .noInput)
        }
      } catch let error as VaultError where error.code == .damaged {
        wallets[id] = ["type": "OTHER", "warnings": [.string(error.message)]]
        status = status.combined(with: .data)
      }
    }
    try StandardOutput.write(pretty: report(wallets, warnings))
    return status
  }

  private func report(_ wallets: JSONObject, _ warnings: [JSONValue]) -> JSONValue {
    var report = JSONObject()
    report["system"] = [
      "kmsVersion": .string(KMSVersion.current),
      "nodeVersion": "N/A",  // of the original, which ran on Node.js; its readers find the member still
      "store": ["type": "LOCAL", "exists": true],
    ]
    report["wallets"] = .object(wallets)
    report["apiKey"] = System.hasVariable("TATUM_API_KEY") ? "set" : "N/A"
    if !warnings.isEmpty { report["warnings"] = .array(warnings) }
    return .object(report)
  }

  private static func report(_ view: WalletView, secret: SecretBytes) -> JSONValue {
    var report = JSONObject()
    switch view.kind {
    case .mnemonic: report["type"] = "MNEMONIC"
    case .privateKey: report["type"] = "PRIVATE_KEY"
    case .secret: report["type"] = "SECRET"
    }
    report["chain"] = .string(view.chain)
    report["testnet"] = .bool(view.testnet)
    report["path"] = view.path.map(JSONValue.string)
    let warnings = warnings(view, secret: secret)
    if !warnings.isEmpty { report["warnings"] = .array(warnings.map(JSONValue.string)) }
    return .object(report)
  }

  /// What keeps this wallet from signing, or makes it sign for something else than it shows.
  private static func warnings(_ view: WalletView, secret: SecretBytes) -> [String] {
    guard let scheme = SigningRegistry.chains[view.chain]?.wallets else {
      return ["This version can't sign for \(view.chain)"]
    }
    do {
      let scheme = try scheme.scheme(of: view)
      let derived =
        view.kind == .mnemonic
        ? try scheme.wallet(mnemonic: secret, testnet: view.testnet)
        : try scheme.wallet(privateKey: secret, testnet: view.testnet)
      var warnings: [String] = []
      if derived.xpub != view.xpub { warnings.append("Field 'xpub' is not what the secret yields") }
      if derived.address != view.address { warnings.append("Field 'address' is not what the secret yields") }
      if derived.publicKey != view.publicKey {
        warnings.append("Field 'publicKey' is not what the secret yields")
      }
      return warnings
    } catch {
      return ["The secret is not one of \(view.chain): \(error)"]
    }
  }
}
