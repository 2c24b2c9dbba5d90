import Foundation
import KMSChains
import KMSRecords
import KMSSigning
import Testing

/// One transaction of each chain through all four stages; the sandbox decodes and verifies it with code of its own.
@Suite struct ChainPipelineTests {
  @Test(arguments: ["ETH", "BSC", "MATIC", "XDC", "KLAY", "KCS", "ONE", "FLR"])
  func sendsNativeAndTokenTransfers(chain: String) throws {
    let run = try PipelineRun()
    let key = try run.vault.add(chain, key: KeyedVault.TestKey.eth)
    let mnemonic = try run.vault.add(chain, mnemonic: KeyedVault.TestKey.mnemonic)
    let transactions: [(JSONValue, String, JSONValue)] = [
      (["from": 0, "to": "0x687422eea2cb73b5d3e242ba5456b782919afc85", "value": "1000"], key, .null),
      (
        [
          "from": 0, "to": "0x1c7d4b196cb0c7b01d743fbc6116a902379c7238",
          "data":
            "0xa9059cbb000000000000000000000000687422eea2cb73b5d3e242ba5456b782919afc8500000000000000000000000000000000000000000000000000000000017d7840",
        ], key, .null
      ),
      (["from": 0, "to": "0x687422eea2cb73b5d3e242ba5456b782919afc85", "value": "0x3e8"], mnemonic, 2),
    ]
    for (i, (transaction, wallet, index)) in transactions.enumerated() {
      try run.sandbox.control(
        "pending",
        [
          "id": .string("61dc0000000000000000000\(i)"), "chain": .string(chain), "hashes": [.string(wallet)],
          "index": index, "serializedTransaction": .string(transaction.text),
        ])
    }
    try expectAllSent(run, 3)
  }

  @Test(arguments: [false, true]) func sendsCeloWithAndWithoutAFeeCurrency(hasFeeCurrency: Bool) throws {
    let run = try PipelineRun()
    let wallet = try run.vault.add("CELO", key: KeyedVault.TestKey.eth)
    var transaction = JSONObject()
    transaction["chainId"] = 44787
    transaction["to"] = "0x687422eea2cb73b5d3e242ba5456b782919afc85"
    transaction["value"] = "0x3e8"
    transaction["gasLimit"] = "0"
    if hasFeeCurrency { transaction["feeCurrency"] = "0x874069fa1eb16d44d622f2e0ca25eea172369bc1" }
    try run.sandbox.control(
      "pending",
      [
        "id": "61dc00000000000000000001", "chain": "CELO", "hashes": [.string(wallet)],
        "serializedTransaction": .string(JSONValue.object(transaction).text),
      ])
    try expectAllSent(run, 1)
    let raw = try run.sandbox.look("broadcasts").array?.first?["raw"]?.string ?? ""
    #expect(raw.hasPrefix("0x7b") == hasFeeCurrency)
  }

  @Test(arguments: ["BTC", "LTC", "DOGE", "BCH"]) func sendsThePublishedTransactions(chain: String) throws {
    let run = try PipelineRun()
    var sent = 0
    for vector in try SourceTree.transactionVectors(chain) {
      guard vector["testnet"]?.bool == true, vector["flag"] == nil, vector["expected"]?["txData"] != nil,
        var pending = vector["pending"]?.object, pending["withdrawalId"] == nil,
        let keys = vector["privateKeys"]?.array?.compactMap(\.string), vector["privateKeyFormat"] == nil
      else { continue }
      // Some vectors that are labelled testnet have mainnet keys, which a testnet wallet refuses.
      guard let hashes = try? keys.map({ JSONValue.string(try run.vault.add(chain, key: $0)) }) else {
        continue
      }
      pending["hashes"] = .array(hashes)
      // Several vectors spend the same output.
      try run.sandbox.control("reset")
      try run.sandbox.control("pending", .object(pending))
      for (id, record) in try run.poll() {
        // What pays for a mistyped amount is refused, which is right, too; nothing else may be.
        if record.error?.code == .feeTooHigh { continue }
        #expect(
          record["result"]?["txId"] == record["signed"]?["txId"], "\(id): \(record.error?.description ?? "")")
        if record["result"] != nil { sent += 1 }
      }
    }
    #expect(sent >= 2)
  }

  private func expectAllSent(_ run: PipelineRun, _ count: Int) throws {
    let records = try run.poll()
    #expect(records.count == count)
    for (id, record) in records {
      #expect(record["result"]?["txId"] != nil, "\(id): \(record.error?.description ?? "")")
      #expect(record["result"]?["txId"] == record["signed"]?["txId"])
    }
    let broadcasts = try run.sandbox.look("broadcasts").array ?? []
    #expect(broadcasts.count == count)
    #expect(broadcasts.allSatisfy { $0["mismatches"]?.array?.isEmpty ?? true }, "\(broadcasts)")
  }
}
