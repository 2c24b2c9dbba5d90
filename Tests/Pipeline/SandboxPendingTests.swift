import Foundation
import KMSCrypto
import KMSPrimitives
import KMSRecords
import Testing

/// How the sandbox makes pending transactions, and what it says became of them.
@Suite("Sandbox's pending transactions") struct SandboxPendingTests {
  private func serialized(_ sandbox: SandboxProcess, _ chain: String, _ transaction: JSONValue) throws
    -> String
  {
    try sandbox.control(
      "pending",
      ["id": "61dc00000000000000000001", "chain": .string(chain), "hashes": [], "transaction": transaction])
    let pending = try #require(try sandbox.look("pending").array?.first)
    #expect(pending["transaction"] == nil)
    return try #require(pending["serializedTransaction"]?.string)
  }

  @Test func makesTheTextOfWhatATransactionIsToDo() throws {
    let sandbox = try SandboxProcess()
    let transfer: JSONValue = ["from": 0, "to": "0x8cb76aed9c5e336ef961265c6079c14e9cd3d2ea", "value": "1"]
    #expect(try serialized(sandbox, "ETH", transfer) == transfer.text)
    #expect(try serialized(sandbox, "BCH", "02000000:[1]") == "02000000:[1]")
  }

  @Test func makesTransactionsOfTRONThatAreValidNow() throws {
    let vector = try #require(
      try SourceTree.transactionVectors("TRON").first { $0["name"]?.string == "TRC20 transfer" })
    let published = try JSONValue(parsing: vector["pending"]?["serializedTransaction"]?.string ?? "")
    let text = try serialized(SandboxProcess(), "TRON", published)
    let made = try JSONValue(parsing: text)
    let bytes = try #require(made["raw_data_hex"]?.string.flatMap { Hex.decode($0) })
    #expect(made["txID"]?.string == Hex.encode(Hash.sha256(bytes)))
    #expect(made["raw_data"]?["contract"] == published["raw_data"]?["contract"])
    let expiration = try #require(made["raw_data"]?["expiration"]?.uint64)
    let left = Double(expiration) / 1000 - Date().timeIntervalSince1970
    #expect((590...601).contains(left), "\(left)")
    #expect(
      bytes.count
        == published["raw_data_hex"]?.string?.utf8.count.quotientAndRemainder(dividingBy: 2).quotient)
  }

  @Test func tellsWhatBecameOfAPendingTransaction() throws {
    let (pending, id, txData, txID) = try SandboxServerTests.transfer()
    let sandbox = try SandboxProcess(state: SandboxServerTests.ready)
    func verdict() throws -> JSONValue? { try sandbox.look("verdicts").array?.first }
    try sandbox.control("pending", pending)
    #expect(
      try verdict() == [
        "id": .string(id), "chain": "ETH", "verdict": "not-sent", "txId": .null, "doubts": [],
      ])
    _ = try sandbox.broadcast("ethereum", String(txData.dropLast(2)), signatureID: id)
    #expect(try verdict()?["verdict"] == "refused")
    _ = try sandbox.broadcast("ethereum", txData, signatureID: id)
    #expect(
      try verdict() == [
        "id": .string(id), "chain": "ETH", "verdict": "accepted", "txId": .string(txID), "doubts": [],
      ])
  }

  @Test func doubtsWhatIsNotAsItWasAskedFor() throws {
    let (pending, id, txData, _) = try SandboxServerTests.transfer()
    var other = try #require(pending.object)
    let text = try #require(pending["serializedTransaction"]?.string)
    var transaction = try #require(try JSONValue(parsing: text).object)
    transaction["value"] = "12345"
    other["serializedTransaction"] = .string(JSONValue.object(transaction).text)
    let sandbox = try SandboxProcess(state: SandboxServerTests.ready)
    try sandbox.control("pending", .object(other))
    _ = try sandbox.broadcast("ethereum", txData, signatureID: id)
    let verdict = try sandbox.look("verdicts").array?.first
    #expect(verdict?["verdict"] == "doubtful" && verdict?["doubts"] == ["value"], "\(verdict?.text ?? "")")
  }
}
