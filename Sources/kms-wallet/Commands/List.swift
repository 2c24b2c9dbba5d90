import ArgumentParser
import KMSChains
import KMSNetwork
import KMSProcess
import KMSRecords
import KMSSigning
import KMSVault

/// Shows which wallets there are, without secrets.
struct List: WalletCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Show the managed wallets, without their secrets.",
    discussion: """
      A table, and below it the number of wallets of each chain beside the 25,000 that the Tatum API takes. With \
      --json one line for each wallet:
      {"signatureId":…,"chain":…,"testnet":…,"kind":…,"address":…,"xpub":…,"publicKey":…,"path":…}
      The path is shown where it is not the chain's own.
      """)

  @Option(help: "Only wallets of this blockchain.", completion: Completions.chains)
  var chain: String?

  @Flag(inversion: .prefixedNo, help: "Only wallets of test networks, or none of them.")
  var testnet: Bool?

  @Flag(help: "One JSON object a line.")
  var json = false

  @Flag(help: "Only the numbers of wallets.")
  var count = false

  @OptionGroup(title: "Vault")
  var access: VaultAccess

  func validate() throws {
    if let chain, !chain.utf8.allSatisfy({ $0 < 0x80 }) || !ChainRegistry.names.contains(chain.uppercased()) {
      throw ValidationError(
        "there is no blockchain \(chain); there are \(ChainRegistry.names.all.joined(separator: ", "))")
    }
  }

  func perform() throws -> ExitStatus {
    let vault = try access.open()
    let chain = chain?.uppercased()
    let counts = try vault.chains(testnet: testnet).filter { chain == nil || $0.chain == chain }
    if !count {
      let views = try vault.views(chain: chain, testnet: testnet)
      json ? try writeLines(views.map(Self.json)) : try StandardOutput.write(Self.table(views))
    }
    if json {
      if count { try writeLines(counts.map(Self.json)) }
    } else {
      if !count, !counts.isEmpty { try StandardOutput.write("\n") }
      try StandardOutput.write(Self.table(counts))
    }
    return .ok
  }

  private func writeLines(_ objects: [JSONValue]) throws {
    var lines: [UInt8] = []
    for object in objects {
      object.write(to: &lines)
      lines.append(UInt8(ascii: "\n"))
    }
    try StandardOutput.write(lines.span)
  }

  private static func json(_ view: WalletView) -> JSONValue {
    var object = JSONObject()
    object["signatureId"] = .string(view.signatureID)
    object["chain"] = .string(view.chain)
    object["testnet"] = .bool(view.testnet)
    object["kind"] = .string(view.kind.rawValue)
    object["address"] = view.address.flatMap { $0.isEmpty ? nil : .string($0) }
    object["xpub"] = view.xpub.map(JSONValue.string)
    object["publicKey"] = view.publicKey.map(JSONValue.string)
    object["path"] = view.path.map(JSONValue.string)
    return .object(object)
  }

  private static func json(_ count: Vault.ChainCount) -> JSONValue {
    [
      "chain": .string(count.chain), "testnet": .bool(count.testnet),
      "wallets": .number(JSONNumber(count.wallets)),
    ]
  }

  private static func table(_ views: [WalletView]) -> String {
    guard !views.isEmpty else { return "no wallets\n" }
    var text = row("SIGNATURE ID", "CHAIN", "NETWORK", "KIND", "ADDRESS OR EXTENDED PUBLIC KEY")
    for view in views {
      text += row(
        view.signatureID, view.chain, view.network, view.kind.rawValue,
        (view.shownAddress ?? view.xpub ?? "-") + (view.path.map { "  \($0)" } ?? ""))
    }
    return text
  }

  private static func row(_ id: String, _ chain: String, _ network: String, _ kind: String, _ last: String)
    -> String
  {
    "\(pad(id, 36))  \(pad(chain, 5))  \(pad(network, 7))  \(pad(kind, 10))  \(last)\n"
  }

  private static func table(_ counts: [Vault.ChainCount]) -> String {
    var text = ""
    for count in counts {
      let network = count.testnet ? "testnet" : "mainnet"
      let limit = TatumAPI.maximumSignatureIDs
      let remark = count.wallets > limit ? "  too many for one API key" : ""
      text += "\(pad(count.chain, 5))  \(pad(network, 7))  \(count.wallets) of \(limit)\(remark)\n"
    }
    return text
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.utf8.count))
  }
}
