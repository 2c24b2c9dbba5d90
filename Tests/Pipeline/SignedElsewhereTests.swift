import Foundation
import KMSRecords
import Testing

/// A pending transaction with a `txId` was signed, here or elsewhere: signing it again would pay twice.
@Suite struct SignedElsewhereTests {
  private static let id = "61dc00000000000000000001"
  private static let txID: JSONValue = "0x1111111111111111111111111111111111111111111111111111111111111111"

  /// The sandbox does not list what has a `txId`, as little as Tatum should; a server that does lists it here.
  private func records(_ run: PipelineRun, listing txID: JSONValue) throws -> [Record] {
    let transaction: JSONValue = ["to": "0x687422eea2cb73b5d3e242ba5456b782919afc85", "value": "1000"]
    let list: JSONValue = [
      [
        "id": .string(Self.id), "chain": "ETH", "hashes": [.string(run.eth)], "index": .null,
        "serializedTransaction": .string(transaction.text), "txId": txID,
      ]
    ]
    try run.sandbox.control(
      "faults", [["kind": "wrong-json", "path": "/v3/kms/pending/ETH", "body": .string(list.text)]])
    return try run.fetch().records
  }

  @Test(arguments: [txID, 1, ["hash": "0x11"], false])
  func asksForNoFactsAndDoesNotSign(txID: JSONValue) throws {
    let run = try PipelineRun()
    let fetched = try records(run, listing: txID)
    #expect(fetched.map(\.error?.code) == [.alreadySigned])
    #expect(fetched.map(\.error?.outcome) == [.denied])
    let asked = (try run.sandbox.look("log").array ?? []).compactMap { $0["path"]?.string }
    #expect(asked.allSatisfy { $0.hasPrefix("/v3/kms/pending/") }, "\(asked)")
    let sent = try run.broadcast(run.sign(fetched.map { $0.line + "\n" }.joined()).outputText)
    #expect(try sent.records.map(\.error?.code) == [.alreadySigned])
    #expect(try run.accepted().isEmpty)
    #expect(try run.sandbox.look("errors") == [], "what is denied is not reported")
  }

  /// kms-sign does not rely on kms-fetch, and does not need the vault for this.
  @Test func isRefusedBySigningToo() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    var record = try SampleRecord.eth(Self.id, wallet: wallet)
    record["pending"] = record.pending.changed([("txId", Self.txID)])
    let signed = try vault.sign([record.line], ["--testnet"])
    #expect(signed.status == 0)
    #expect(try signed.records.map(\.error?.code) == [.alreadySigned])
    #expect(try signed.records.map(\.error?.outcome) == [.denied])
    #expect(try signed.records.first?["signed"] == nil)
  }

  @Test func isRefusedAlsoWhenTheJournalHasIt() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    var record = try SampleRecord.eth(Self.id, wallet: wallet)
    let first = try #require(try vault.sign([record.line], ["--testnet"]).records.first)
    record["pending"] = record.pending.changed([("txId", first["signed"]?["txId"])])
    let again = try #require(try vault.sign([record.line], ["--testnet"]).records.first)
    #expect(again.error?.code == .alreadySigned)
    #expect(again["signed"] == nil)
  }

  @Test(arguments: [JSONValue.null, ""]) func meansNothingWhenItIsEmpty(txID: JSONValue) throws {
    let run = try PipelineRun()
    let fetched = try records(run, listing: txID)
    #expect(fetched.map(\.error) == [nil])
    #expect(try run.sign(fetched.map { $0.line + "\n" }.joined()).records.first?["signed"] != nil)
  }
}
