import Foundation
import KMSRecords
import Testing

/// Withdrawals of virtual accounts, which go to an endpoint of their own.
@Suite struct WithdrawalTests {
  @Test func sendsAnETHWithdrawalWithTheGasOfThePendingTransaction() throws {
    let run = try PipelineRun()
    let id = "61dc00000000000000000001"
    let transaction: JSONValue = [
      "from": 0, "to": "0x687422eea2cb73b5d3e242ba5456b782919afc85", "value": "1000", "gas": "50000",
      "gasPrice": "20000000000",
    ]
    try run.sandbox.control(
      "pending",
      [
        "id": .string(id), "chain": "ETH", "hashes": [.string(run.eth)],
        "serializedTransaction": .string(transaction.text), "withdrawalId": "60ab4a6bb6cf6d123cae3f98",
      ])
    let record = try #require(try run.poll()[id])
    #expect(record["result"]?["txId"] == record["signed"]?["txId"], "\(record.error?.description ?? "")")
    let paths = (try run.sandbox.look("log").array ?? []).compactMap { $0["path"]?.string }
    #expect(paths.contains("/v3/offchain/withdrawal/broadcast"))
    #expect(!paths.contains("/v3/ethereum/broadcast"))
    #expect(!paths.contains { $0.contains("fee") }, "nothing is asked for that the transaction carries")
  }

  @Test func signsABTCWithdrawalWithTheKeysOfItsInputs() throws {
    let run = try PipelineRun()
    let vectors = try SourceTree.transactionVectors("BTC")
    let vector = try #require(vectors.first { $0["pending"]?["withdrawalId"] != nil })
    let mnemonic = try #require(vector["mnemonic"]?.string)
    let wallet = try run.vault.add("BTC", mnemonic: mnemonic)
    var pending = try #require(vector["pending"]?.object)
    pending["hashes"] = [.string(wallet)]
    let id = try #require(pending["id"]?.string)
    try run.sandbox.control("pending", .object(pending))
    let record = try #require(try run.poll()[id])
    #expect(
      record["signed"]?["txData"] == vector["expected"]?["txData"], "\(record.error?.description ?? "")")
    #expect(record["result"]?["txId"] == vector["expected"]?["txId"])
    let paths = (try run.sandbox.look("log").array ?? []).compactMap { $0["path"]?.string }
    #expect(paths.contains("/v3/offchain/withdrawal/broadcast"))
  }
}
