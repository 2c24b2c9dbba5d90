import Foundation
import KMSChains
import KMSRecords
import KMSSigning

/// The wallets and pending transactions of the demo: one transaction of each blockchain.
struct DemoRun {
  let run: PipelineRun
  /// The name of each wallet, its chain, whether it is a mnemonic, and the secret.
  private let wallets: [(name: String, chain: String, isMnemonic: Bool, secret: String)]

  init() throws {
    run = try PipelineRun()
    wallets = try Self.text("wallets").split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
      let parts = line.split(separator: " ", maxSplits: 3).map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      guard parts.count == 4 else { throw CocoaError(.fileReadCorruptFile) }
      return (parts[0], parts[1], parts[2] == "mnemonic", parts[3])
    }
  }

  private static func text(_ name: String) throws -> String {
    try String(
      contentsOf: SourceTree.root.appendingPathComponent("Tests/Demo/all-chains/\(name)"), encoding: .utf8)
  }

  /// The transactions that made the coins of a chain's transaction, in hexadecimal.
  static func makers(_ chain: String) throws -> [String] {
    let state = try JSONValue(parsing: text("state.json"))
    return state["chains"]?[chain]?["transactions"]?.array?.compactMap(\.string) ?? []
  }

  /// Stores the wallets and tells the sandbox of the accounts; nothing is pending. Returns the demo's transactions by chain,
  /// of which `AnyNumber` makes as many as are wanted.
  func scene() throws -> [String: JSONValue] {
    var state = try Self.text("state.json")
    for wallet in wallets {
      let id =
        wallet.isMnemonic
        ? try run.vault.add(wallet.chain, mnemonic: wallet.secret)
        : try run.vault.add(wallet.chain, key: wallet.secret)
      state = state.replacing("@\(wallet.name)@", with: id)
    }
    let json = try JSONValue(parsing: state)
    try run.sandbox.control("state", ["testnet": true, "chains": json["chains"] ?? [:]])
    let pending = json["pending"]?.array ?? []
    return Dictionary(uniqueKeysWithValues: pending.map { ($0["chain"]?.string ?? "", $0) })
  }

  /// Stores the wallets for one network and sets the sandbox's scene; returns the pending transactions.
  ///
  /// Keys of the test network in the text form that names it are of no use on the other: a mnemonic takes their place.
  func prepare(testnet: Bool) throws -> [JSONValue] {
    var state = try Self.text("state.json")
    // The chain id that CELO's transaction carries.
    if !testnet { state = state.replacing("\"chainId\": 44787", with: "\"chainId\": 42220") }
    for wallet in wallets {
      let id: String
      if wallet.isMnemonic {
        id = try run.vault.add(wallet.chain, mnemonic: wallet.secret, testnet: testnet)
      } else if let stored = try? run.vault.add(wallet.chain, key: wallet.secret, testnet: testnet) {
        id = stored
      } else {
        id = try run.vault.add(wallet.chain, mnemonic: KeyedVault.TestKey.mnemonic, testnet: testnet)
      }
      state = state.replacing("@\(wallet.name)@", with: id)
    }
    let json = try JSONValue(parsing: state)
    // What is known of the test network's accounts stands before the network is switched.
    try run.sandbox.control(
      "state",
      testnet ? json : ["testnet": false, "chains": json["chains"]?["FLOW"].map { ["FLOW": $0] } ?? [:]])
    if !testnet { try run.sandbox.control("pending", json["pending"] ?? []) }
    return try run.sandbox.look("pending").array ?? []
  }

  /// kms-fetch for one network.
  func fetch(testnet: Bool) throws -> ProgramProcess.Result {
    try run.vault.run(
      "kms-fetch", key: .view,
      (testnet ? ["--testnet"] : []) + [
        "--path", run.vault.path, "--node-url", "VET=" + run.sandbox.url + "/vechain", "--node-url",
        "FLOW=" + run.sandbox.url + "/flow",
      ], input: "", environment: run.environment)
  }

  /// kms-broadcast.
  func broadcast(_ input: String) throws -> ProgramProcess.Result {
    try run.broadcast(input, ["--node-url", "FLOW=" + run.sandbox.url + "/flow"])
  }
}
