import Foundation
import KMSRecords

/// A vault, a sandbox, and the stages run one after the other with their output handed on.
final class PipelineRun {
  let vault: KeyedVault
  let sandbox: SandboxProcess
  let eth: String
  let btc: [String]

  init() throws {
    vault = try KeyedVault()
    sandbox = try SandboxProcess()
    eth = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    btc = [
      try vault.add("BTC", key: KeyedVault.TestKey.btcFirst),
      try vault.add("BTC", key: KeyedVault.TestKey.btcSecond),
    ]
  }

  /// What the programs that talk to Tatum have in their environment.
  var environment: [String: String] {
    ["TATUM_API_URL": sandbox.url, "TATUM_API_KEY": sandbox.apiKey, "HOME": vault.folder.path]
  }

  /// Adds an ETH transfer to what is pending.
  func addETH(_ id: String, value: String = "1000", extra: [String: JSONValue] = [:]) throws {
    var transaction: JSONObject = JSONObject()
    transaction["from"] = 0
    transaction["to"] = "0x687422eea2cb73b5d3e242ba5456b782919afc85"
    transaction["value"] = .string(value)
    transaction["gasPrice"] = "20000000000"
    for (name, value) in extra { transaction[name] = value }
    try add(id, "ETH", [eth], JSONValue.object(transaction).text)
  }

  /// Adds the BTC transaction of two keys to what is pending.
  func addBTC(_ id: String) throws {
    let sample = try SampleRecord.btcOfTwoKeys(id, wallets: btc)
    try sandbox.control("pending", sample.record.pending)
  }

  private func add(_ id: String, _ chain: String, _ hashes: [String], _ serialized: String) throws {
    try sandbox.control(
      "pending",
      [
        "id": .string(id), "chain": .string(chain), "hashes": .array(hashes.map(JSONValue.string)),
        "serializedTransaction": .string(serialized), "index": .null, "withdrawalId": .null,
      ])
  }

  func fetch(_ arguments: [String] = []) throws -> ProgramProcess.Result {
    try vault.run(
      "kms-fetch", key: .view, ["--testnet", "--path", vault.path] + arguments, input: "",
      environment: environment)
  }

  func verify(_ input: String, approving: Bool = true) throws -> ProgramProcess.Result {
    try vault.run(
      "kms-verify", key: .approve, approving ? ["--external-url", sandbox.url + "/approve"] : [], input: input
    )
  }

  func sign(_ input: String) throws -> ProgramProcess.Result {
    try vault.run(
      "kms-sign", key: .vault, ["--testnet", "--path", vault.path, "--refusals", refusals], input: input)
  }

  /// Where the daemon has it, too: beside the vault.
  private var refusals: String {
    URL(fileURLWithPath: vault.path).deletingLastPathComponent().appendingPathComponent("refused.jsonl").path
  }

  func broadcast(_ input: String, _ arguments: [String] = []) throws -> ProgramProcess.Result {
    try vault.run(
      "kms-broadcast", ["--refusals", refusals] + arguments, input: input, environment: environment)
  }

  /// One poll: all four stages. Returns the results by id.
  func poll() throws -> [String: Record] {
    let fetched = try fetch()
    let approved = try verify(fetched.outputText)
    let signed = try sign(approved.outputText)
    let sent = try broadcast(signed.outputText)
    let records = try sent.records
    #if DEBUG
      if records.count != fetched.outputLines.count {
        throw CocoaError(
          .fileReadCorruptFile, userInfo: ["lost": "\(fetched.outputLines.count) \(records.count)"])
      }
    #endif
    return Dictionary(uniqueKeysWithValues: records.map { ($0.id, $0) })
  }

  /// The ids of transactions that the network accepted.
  func accepted() throws -> [String] {
    (try sandbox.look("broadcasts").array ?? []).compactMap { $0["signatureId"]?.string }
  }
}
