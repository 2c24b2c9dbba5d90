import Foundation
import KMSChains
import KMSCrypto
import KMSPrimitives
import KMSRecords
import KMSVault
import SigningDoor
import Testing

/// SOL, ALGO and EGLD through all four stages; the sandbox decodes and verifies with code of its own.
@Suite struct Ed25519ChainPipelineTests {
  private func add(
    _ run: PipelineRun, _ id: Int, _ chain: String, _ wallets: [String], _ transaction: JSONValue,
    index: JSONValue = .null
  ) throws {
    try run.sandbox.control(
      "pending",
      [
        "id": .string("61dc0000000000000000000\(id)"), "chain": .string(chain),
        "hashes": .array(wallets.map { .string($0) }), "index": index,
        "serializedTransaction": .string(transaction.text),
      ])
  }

  private func address(of wallet: String, index: UInt32, _ run: PipelineRun) throws -> String {
    let (view, secret) = try #require(try run.vault.vault.secret(of: wallet))
    let chain = try #require(SigningRegistry.chains[view.chain])
    return try chain.wallets.key(kind: view.kind, secret: secret, index: index, testnet: true).address
  }

  private func expectSent(_ run: PipelineRun, _ count: Int) throws {
    let records = try run.poll()
    #expect(records.count == count)
    for (id, record) in records {
      #expect(record["result"]?["txId"] != nil, "\(id): \(record.error?.description ?? "no result")")
      #expect(record["result"]?["txId"] == record["signed"]?["txId"])
    }
    let broadcasts = try run.sandbox.look("broadcasts").array ?? []
    #expect(broadcasts.count == count)
    #expect(broadcasts.allSatisfy { $0["mismatches"] == [] && $0["flags"] == [] }, "\(broadcasts)")
  }

  // MARK: SOL

  private func solVector(_ name: String) throws -> JSONValue {
    try #require(
      try SourceTree.transactionVectors("SOL").first { $0["name"]?.string?.hasPrefix(name) == true })
  }

  private func addSOL(_ run: PipelineRun, _ id: Int, _ vector: JSONValue) throws {
    let keys = try #require(vector["privateKeys"]?.array).compactMap { $0.string }
    let wallets = try keys.map { try run.vault.add("SOL", key: $0) }
    let text = try #require(vector["pending"]?["serializedTransaction"]?.string)
    try add(run, id, "SOL", wallets, JSONValue(parsing: text))
  }

  @Test func sendsSOLOfOneAndOfSeveralSigners() throws {
    let run = try PipelineRun()
    try addSOL(run, 1, solVector("same transaction, base58 key"))
    try addSOL(run, 2, solVector("separate fee payer, keys given in the other order"))
    try addSOL(run, 3, solVector("mint creation"))
    try addSOL(run, 4, solVector("SPL token transfer"))
    let fetched = try run.fetch()
    let signed = try run.sign(run.verify(fetched.outputText).outputText)
    // What is signed is told to people; the mint's key, which came with the record, is not.
    let secret = "99eUso3aSbE9tqGSTXzo3TLfKb9RkMTURrHKQ1K7Zh3StnzFNUx8FKCPPPPpR479qsw5zv2WNBKmgiz7WqgAJfM"
    #expect(signed.errorText.contains("summary=") && signed.errorText.contains("lamports from"))
    let sent = try run.broadcast(signed.outputText)
    for text in [fetched.errorText, signed.errorText, sent.errorText] { #expect(!text.contains(secret)) }
    let records = try sent.records
    #expect(records.count == 4)
    #expect(
      records.allSatisfy { $0["result"]?["txId"] == $0["signed"]?["txId"] && $0["result"]?["txId"] != nil })
    let broadcasts = try run.sandbox.look("broadcasts").array ?? []
    #expect(broadcasts.count == 4)
    #expect(broadcasts.allSatisfy { $0["mismatches"] == [] && $0["flags"] == [] }, "\(broadcasts)")
  }

  /// Defect F15: what is not confirmed in time is sent again, and never signed again.
  @Test func sendsTheSameBytesAgainWhenSOLIsNotConfirmed() throws {
    let run = try PipelineRun()
    try run.sandbox.control("state", ["chains": ["SOL": ["confirmAfter": 1000]]])
    try addSOL(run, 1, solVector("same transaction, base58 key"))
    let signed = try run.sign(run.verify(run.fetch().outputText).outputText)
    let first = try #require(try run.broadcast(signed.outputText, ["--timeout", "2"]).records.first)
    #expect(first.error?.outcome.rawValue == "unknown")
    #expect(try run.sandbox.look("broadcasts").array?.isEmpty == true)
    #expect(try run.sandbox.look("errors").array?.isEmpty == true)
    try run.sandbox.control("mine")
    try run.sandbox.control("state", ["chains": ["SOL": ["confirmAfter": 0]]])
    let second = try #require(try run.poll().values.first)
    #expect(second["signed"]?["reused"] == true)
    #expect(second["signed"]?["txData"] == first["signed"]?["txData"])
    #expect(second["result"]?["txId"] == first["signed"]?["txId"], "\(second.error?.description ?? "")")
    #expect(try run.sandbox.look("broadcasts").array?.count == 1)
  }

  @Test func paysTwiceWhatIsToBePaidTwice() throws {
    let run = try PipelineRun()
    let vector = try solVector("same transaction, base58 key")
    try addSOL(run, 1, vector)
    try addSOL(run, 2, vector)
    let first = try run.poll()
    try run.sandbox.control("mine")
    let second = try run.poll()
    #expect(first.count == 1 && second.count == 1)
    #expect(Set(first.keys) != Set(second.keys))
    let ids = [first, second].compactMap { $0.values.first?["result"]?["txId"]?.string }
    #expect(Set(ids).count == 2)
    #expect(try run.accepted().count == 2)
  }

  @Test func aSOLTransactionThatFailsOnTheChainIsRejected() throws {
    let run = try PipelineRun()
    try run.sandbox.control(
      "state", ["chains": ["SOL": ["failure": ["InstructionError": [0, ["Custom": 1]]]]]])
    try addSOL(run, 1, solVector("same transaction, base58 key"))
    let record = try #require(try run.poll().values.first)
    #expect(record.error?.code == .broadcastRejected)
    #expect(record.error?.outcome == .failed)
    #expect(try run.sandbox.look("broadcasts").array?.isEmpty == true)
    #expect(try run.sandbox.look("errors").array?.count == 1)
  }

  @Test func anExpiredSOLTransactionIsNotSignedAgain() throws {
    let run = try PipelineRun()
    try run.sandbox.control("state", ["chains": ["SOL": ["confirmAfter": 1000]]])
    try addSOL(run, 1, solVector("same transaction, base58 key"))
    let signed = try run.sign(run.verify(run.fetch().outputText).outputText)
    #expect(try signed.records.first?["signed"] != nil)
    try run.sandbox.control("state", ["chains": ["SOL": ["height": 250_000_151]]])
    let record = try #require(try run.poll().values.first)
    // The API's word about the height is not enough to call it expired: the same bytes go out again.
    #expect(record.error?.code != .signedButExpired)
    #expect(record["signed"]?["reused"]?.bool == true)
    #expect(record["signed"]?["txId"] == (try signed.records.first?["signed"]?["txId"]))
  }

  @Test func aMnemonicWalletOfSOLSignsAtItsIndex() throws {
    let run = try PipelineRun()
    let wallet = try run.vault.add("SOL", mnemonic: KeyedVault.TestKey.mnemonic)
    let address = try address(of: wallet, index: 3, run)
    let key = try #require(Base58.decode(address))
    // 9 lamports to oneself.
    let transfer: [UInt8] = [1, 1, 2, 0, 0, 12, 2, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0]
    let message: [UInt8] = [1, 0, 1, 2] + key + [UInt8](repeating: 0, count: 64) + transfer
    try add(run, 1, "SOL", [wallet], ["txData": .string(Hex.encode(message))], index: 3)
    try expectSent(run, 1)
  }

  // MARK: ALGO

  @Test func sendsALGOAndItsAssets() throws {
    let run = try PipelineRun()
    var count = 0
    for vector in try SourceTree.transactionVectors("ALGO") {
      guard let pending = vector["pending"], vector["testnet"] == true, vector["flag"] == nil,
        let key = vector["privateKeys"]?.array?.first?.string,
        vector["name"]?.string?.hasPrefix("key of another account") == false,
        // With the least fee it is the same transaction as another one, and the network takes it once.
        vector["name"]?.string?.hasPrefix("payment with fee 0") == false,
        vector["name"]?.string?.hasPrefix("wallet-core") == false
      else { continue }
      let wallet = try run.vault.add("ALGO", key: key)
      let text = try #require(pending["serializedTransaction"]?.string)
      try add(run, count, "ALGO", [wallet], JSONValue(parsing: text))
      count += 1
    }
    #expect(count == 6)
    try expectSent(run, count)
  }

  // MARK: EGLD

  @Test func sendsSeveralTransactionsOfOneEGLDAccount() throws {
    let run = try PipelineRun()
    let wallet = try run.vault.add("EGLD", mnemonic: KeyedVault.TestKey.mnemonic)
    let sender = try address(of: wallet, index: 0, run)
    let receiver: JSONValue = "erd1pnvwvgtmfgscspactrlm2zzg8nwd4kah5ggevunlwe99zznfyasq5m7fz2"
    try run.sandbox.control(
      "state",
      [
        "chains": [
          "EGLD": [
            "accounts": [sender: ["nonce": 5]], "estimates": [receiver.string ?? "": 425_000],
          ]
        ]
      ])
    try add(run, 1, "EGLD", [wallet], ["to": receiver, "value": "0.05"], index: 0)
    try add(
      run, 2, "EGLD", [wallet],
      [
        "from": .string(sender), "to": receiver, "value": "0",
        "data": "ESDTTransfer@4d59544f4b454e2d31323334@09184e72a000",
      ], index: 0)
    try add(
      run, 3, "EGLD", [wallet],
      ["from": .string(sender), "to": receiver, "value": "1", "gasLimit": 60000, "gasPrice": 1_500_000_000],
      index: 0)
    let records = try run.poll()
    #expect(records.values.allSatisfy { $0["result"]?["txId"] == $0["signed"]?["txId"] && $0.error == nil })
    #expect(records.values.compactMap { $0["signed"]?["nonce"]?.string }.sorted() == ["5", "6", "7"])
    let broadcasts = try run.sandbox.look("broadcasts").array ?? []
    #expect(broadcasts.count == 3)
    #expect(broadcasts.allSatisfy { $0["mismatches"] == [] && $0["flags"] == [] }, "\(broadcasts)")
    #expect(broadcasts.compactMap { $0["gas"]?.string }.sorted() == ["425000", "425000", "60000"])
  }

  @Test func theKeyOfAnotherEGLDAccountIsRefused() throws {
    let run = try PipelineRun()
    let wallet = try run.vault.add("EGLD", mnemonic: KeyedVault.TestKey.mnemonic)
    try add(
      run, 1, "EGLD", [wallet],
      [
        "from": "erd17kyxnqn8hma5kdd5hd4mx08ynjvaz9q47tw7w2htygwmalt3959s2wvqmr",
        "to": "erd1pnvwvgtmfgscspactrlm2zzg8nwd4kah5ggevunlwe99zznfyasq5m7fz2", "value": "1",
      ], index: 0)
    #expect(try run.poll().values.first?.error?.code == .keyNotSender)
  }
}
