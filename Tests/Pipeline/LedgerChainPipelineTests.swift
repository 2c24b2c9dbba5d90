import Foundation
import KMSChains
import KMSCrypto
import KMSRecords
import KMSSigning
import KMSVault
import KMSWallets
import Testing

/// XRP and XLM through all four stages; the sandbox decodes and verifies with code of its own.
@Suite struct LedgerChainPipelineTests {
  private static let ed25519 = "sEdTM1uX8pu2do5XvTnutH6HsouMaM2"
  private static let ed25519Account = "rG31cLyErnqeVj2eomEjBZtq7PYaupGYzL"

  private func id(_ number: Int) -> String { "61dc00000000000000000\(100 + number)" }

  private func add(
    _ run: PipelineRun, _ number: Int, _ chain: String, _ serialized: String, hashes: [String] = [],
    more: [(String, JSONValue?)] = []
  ) throws {
    let pending: JSONValue = [
      "id": .string(id(number)), "chain": .string(chain), "hashes": .array(hashes.map { .string($0) }),
      "serializedTransaction": .string(serialized), "index": .null, "withdrawalId": .null,
    ]
    try run.sandbox.control("pending", pending.changed(more))
  }

  private func expectSent(_ records: [String: Record], _ run: PipelineRun, _ count: Int) throws {
    #expect(records.count == count)
    for (id, record) in records {
      #expect(record["result"]?["txId"] != nil, "\(id): \(record.error?.description ?? "no result")")
      #expect(record["result"]?["txId"] == record["signed"]?["txId"])
    }
    let broadcasts = try run.sandbox.look("broadcasts").array ?? []
    #expect(broadcasts.count == count)
    #expect(broadcasts.allSatisfy { $0["mismatches"] == [] && $0["flags"] == [] }, "\(broadcasts)")
    #expect(try run.sandbox.look("pending").array?.isEmpty == true)
  }

  /// What an approver answers is bound to the record: a changed one is not signed.
  private func expectTamperingIsFound(_ run: PipelineRun) throws {
    let approved = try run.verify(run.fetch().outputText).outputText
    let record = try Record(parsing: Array(approved.utf8.dropLast())[...], chains: ChainRegistry.names)
    var context = record
    context["context"] = ["sequence": "1"]
    var pending = try #require(try? JSONValue(parsing: record.line).object)
    pending["pending"] = record.pending.changed([("withdrawalId", "61dc00000000000000000001")])
    for line in [context.line, JSONValue.object(pending).text] {
      let refused = try #require(try run.sign(line + "\n").records.first)
      #expect(refused.error?.code == .approvalInvalid)
    }
    #expect(try run.sign(record.line + "\n").records.first?["signed"] != nil)
  }

  /// The answer is lost, the same bytes are sent again, and what is there already counts as success: first while it
  /// waits, then when it is in a ledger.
  private func expectResending(_ run: PipelineRun, _ name: String, add: () throws -> Void) throws {
    try add()
    try run.sandbox.control(
      "faults", [["kind": "lost-answer", "path": .string("/v3/\(name)/broadcast"), "count": 1]])
    let first = try #require(try run.poll().values.first)
    #expect(first.error?.outcome == .unknown)
    #expect(first.error?.code == .answerLost)
    #expect(try run.accepted().count == 1)
    for _ in 0..<2 {
      try add()
      let again = try #require(try run.poll().values.first)
      #expect(again["signed"]?["reused"] == true)
      #expect(again["signed"]?["txData"] == first["signed"]?["txData"])
      #expect(again["result"]?["txId"] == first["signed"]?["txId"], "\(again.error?.description ?? "")")
      #expect(try run.sandbox.look("pending").array?.isEmpty == true)
      try run.sandbox.control("mine")
    }
    let raw = try run.sandbox.look("broadcasts").array?.compactMap { $0["raw"]?.string } ?? []
    #expect(Set(raw).count == 1)
    #expect(try run.sandbox.look("errors").array?.isEmpty == true)
  }

  // MARK: XRP

  private func payment(_ sequence: Int, _ changes: [(String, JSONValue?)] = []) -> String {
    XRPSandboxTests.payment.changed([("Sequence", .number(JSONNumber(sequence)))] + changes).text
  }

  @Test func sendsXRPOfBothCurvesWhateverWayTheKeyIsNamed() throws {
    let run = try PipelineRun()
    let seed = try run.vault.add("XRP", key: XRPSandboxTests.secret)
    let edwards = try run.vault.add("XRP", key: Self.ed25519)
    let account: JSONValue = .string(Self.ed25519Account)
    try run.sandbox.control(
      "state",
      [
        "chains": [
          "XRP": [
            "ledger": 450, "onlyKnownAccounts": true,
            "accounts": [XRPSandboxTests.account: ["sequence": 1], Self.ed25519Account: ["sequence": 7]],
          ]
        ]
      ])
    let issued: JSONValue = ["currency": "USD", "value": "10.50", "issuer": .string(XRPSandboxTests.other)]
    try add(run, 1, "XRP", payment(1), hashes: [seed])
    // A wallet of one secret signs, whatever the index says.
    try add(
      run, 2, "XRP", payment(2, [("Amount", issued), ("DestinationTag", 7)]), hashes: [seed],
      more: [("index", 3)])
    try add(
      run, 3, "XRP",
      payment(
        3,
        [
          ("Amount", issued), ("SendMax", "1000"),
          ("Paths", [[["currency": "USD", "issuer": .string(Self.ed25519Account)]]]),
          ("Memos", [["Memo": ["MemoType": "6e6f7465", "MemoData": "00ff"]]]),
        ]),
      more: [("signatures", [["id": .string(seed), "index": 0]])])
    // The second of two is not asked.
    try add(run, 4, "XRP", payment(7, [("Account", account)]), hashes: [edwards, seed])
    try add(
      run, 5, "XRP",
      payment(
        8,
        [
          ("TransactionType", "TrustSet"), ("Account", account), ("Amount", nil), ("Destination", nil),
          ("LimitAmount", issued.changed([("value", "1000000000")])),
        ]), more: [("signatures", [["id": .string(edwards)]])])
    try add(
      run, 6, "XRP",
      payment(
        9,
        [
          ("TransactionType", "AccountSet"), ("Account", account), ("Amount", nil), ("Destination", nil),
          ("SetFlag", 8),
        ]), hashes: [edwards])
    try add(
      run, 7, "XRP",
      payment(
        10,
        [
          ("TransactionType", "NFTokenMint"), ("Account", account), ("Amount", nil), ("Destination", nil),
          ("NFTokenTaxon", 1), ("URI", "697066733a2f2f"),
        ]), hashes: [edwards])
    // An X-address with a tag.
    try add(
      run, 8, "XRP", payment(4, [("Destination", "T719a5UwUCnEs54UsxG9CJYYDhwmFCvbJNZbi37gBGkRkbE")]),
      hashes: [seed])
    try expectSent(try run.poll(), run, 8)
    let seen = try run.sandbox.look("broadcasts").array ?? []
    #expect(
      seen.contains {
        $0["outputs"] == [["to": "r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59", "tag": 1, "amount": "1000000"]]
      })
  }

  @Test func refusesAndReportsWhatXRPDoesNotTake() throws {
    let run = try PipelineRun()
    let seed = try run.vault.add("XRP", key: XRPSandboxTests.secret)
    try run.sandbox.control("state", ["chains": ["XRP": ["ledger": 502]]])
    try add(run, 1, "XRP", payment(1), hashes: [seed])
    try add(run, 2, "XRP", payment(2, [("LastLedgerSequence", 600)]), hashes: [seed])
    try add(run, 3, "XRP", payment(3, [("Account", .string(Self.ed25519Account))]), hashes: [seed])
    try add(
      run, 4, "XRP",
      payment(4, [("Destination", nil), ("Amount", nil), ("TransactionType", "SetRegularKey")]),
      hashes: [seed])
    try add(run, 5, "XRP", payment(5, [("LastLedgerSequence", 600)]), hashes: [seed])
    try add(run, 6, "XRP", payment(6, [("LastLedgerSequence", 600)]), hashes: [seed])
    try run.sandbox.control("approvals", ["deny": [.string(id(2))]])
    let records = try run.poll()
    // Too late for the ledger; denied; not the sender's; control of the account; taken; and the ledger wants 6 after 5.
    #expect(records[id(1)]?.error?.code == .broadcastRejected)
    #expect(records[id(1)]?.error?.message.contains("tefMAX_LEDGER: Ledger sequence too high") == true)
    #expect(records[id(2)]?.error?.outcome == .denied)
    #expect(records[id(3)]?.error?.code == .keyNotSender)
    #expect(records[id(4)]?.error?.code == .accountControlRefused)
    #expect(records[id(5)]?["result"] != nil)
    #expect(records[id(6)]?["result"] != nil)
    let reported = try run.sandbox.look("errors").array?.compactMap { $0["signatureId"]?.string } ?? []
    #expect(reported.sorted() == [id(1), id(3)])
    #expect(try run.accepted().sorted() == [id(5), id(6)])
    #expect(try run.sandbox.look("pending").array?.count == 4)
  }

  /// What the network keeps for later is not called failed, and goes through when its turn has come.
  @Test func waitsForXRPThatTheNetworkHolds() throws {
    let run = try PipelineRun()
    let seed = try run.vault.add("XRP", key: XRPSandboxTests.secret)
    try run.sandbox.control(
      "state", ["chains": ["XRP": ["accounts": [XRPSandboxTests.account: ["sequence": 5]]]]])
    try add(run, 1, "XRP", payment(6), hashes: [seed])
    let held = try #require(try run.poll()[id(1)])
    #expect(held.error?.outcome == .unknown)
    #expect(held.error?.code == .heldByNetwork)
    #expect(held.error?.message.contains("terPRE_SEQ") == true)
    #expect(try run.sandbox.look("errors").array?.isEmpty == true)
    try add(run, 2, "XRP", payment(5), hashes: [seed])
    #expect(try run.poll()[id(2)]?["result"] != nil)
    let sent = try #require(try run.poll()[id(1)])
    #expect(sent["signed"]?["txData"] == held["signed"]?["txData"])
    #expect(sent["result"]?["txId"] == held["signed"]?["txId"])
  }

  @Test func sendsTheSameXRPBytesAgain() throws {
    let run = try PipelineRun()
    let seed = try run.vault.add("XRP", key: XRPSandboxTests.secret)
    try expectResending(run, "xrp") { try add(run, 1, "XRP", payment(1), hashes: [seed]) }
  }

  @Test func findsTamperingWithXRP() throws {
    let run = try PipelineRun()
    let seed = try run.vault.add("XRP", key: XRPSandboxTests.secret)
    try add(run, 1, "XRP", payment(1), hashes: [seed])
    try expectTamperingIsFound(run)
  }

  // MARK: XLM

  @Test func sendsXLMWhateverWayTheKeyIsNamed() throws {
    let run = try PipelineRun()
    let wallet = try run.vault.add("XLM", key: StellarXDR.secret)
    let other = try run.vault.add("XLM", key: StellarXDR.otherSecret)
    let end = UInt64(Date().timeIntervalSince1970) + 300
    try run.sandbox.control(
      "state",
      [
        "chains": [
          "XLM": [
            "closeTime": .string(String(end - 300)),
            "accounts": [StellarXDR.account(StellarXDR.secret): ["sequence": "123"]],
          ]
        ]
      ])
    try add(run, 1, "XLM", StellarXDR.payment(sequence: 124, maxTime: end), hashes: [wallet])
    try add(
      run, 2, "XLM", StellarXDR.payment(sequence: 125, maxTime: end), hashes: [wallet], more: [("index", 9)])
    try add(
      run, 3, "XLM", StellarXDR.payment(sequence: 126, maxTime: StellarXDR.soon),
      more: [("signatures", [["id": .string(wallet)]])])
    try expectSent(try run.poll(), run, 3)
    // A fee bump around what its source signed elsewhere.
    let inner = try LibrarySigning.sign(
      "XLM", StellarXDR.payment(sequence: 127, maxTime: StellarXDR.soon), key: StellarXDR.secret
    ).txData
    try add(run, 4, "XLM", StellarXDR.feeBump(inner, fee: 1000), hashes: [other, wallet])
    let record = try #require(try run.poll()[id(4)])
    #expect(record["result"]?["txId"] == record["signed"]?["txId"], "\(record.error?.description ?? "")")
    let bump = try run.sandbox.look("broadcasts").array?.last
    #expect(bump?["type"] == "fee bump" && bump?["nonce"] == "127" && bump?["mismatches"] == [])
  }

  @Test func refusesAndReportsWhatXLMDoesNotTake() throws {
    let run = try PipelineRun()
    let wallet = try run.vault.add("XLM", key: StellarXDR.secret)
    let other = try run.vault.add("XLM", key: StellarXDR.otherSecret)
    try run.sandbox.control(
      "state", ["chains": ["XLM": ["accounts": [StellarXDR.account(StellarXDR.secret): ["sequence": "123"]]]]]
    )
    try add(run, 1, "XLM", StellarXDR.payment(sequence: 120, maxTime: StellarXDR.soon), hashes: [wallet])
    try add(run, 2, "XLM", StellarXDR.payment(sequence: 124, maxTime: StellarXDR.soon), hashes: [wallet])
    try add(
      run, 3, "XLM", StellarXDR.payment(sequence: 124, stroops: 7, maxTime: StellarXDR.soon), hashes: [other])
    try add(
      run, 4, "XLM", StellarXDR.payment(sequence: 124, stroops: 8, maxTime: 1_700_000_000), hashes: [wallet])
    try add(
      run, 5, "XLM", StellarXDR.payment(sequence: 124, fee: 10_000_001, maxTime: StellarXDR.soon),
      hashes: [wallet])
    try add(
      run, 6, "XLM", StellarXDR.payment(sequence: 124, stroops: 9, maxTime: StellarXDR.soon), hashes: [wallet]
    )
    try run.sandbox.control("approvals", ["deny": [.string(id(2))]])
    let records = try run.poll()
    #expect(records[id(1)]?.error?.code == .broadcastRejected)
    #expect(records[id(1)]?.error?.message.contains("tx_bad_seq") == true)
    #expect(records[id(2)]?.error?.outcome == .denied)
    #expect(records[id(3)]?.error?.code == .keyNotSender)
    #expect(records[id(4)]?.error?.code == .expired)
    #expect(records[id(5)]?.error?.code == .feeTooHigh)
    #expect(records[id(6)]?["result"] != nil)
    let reported = try run.sandbox.look("errors").array?.compactMap { $0["signatureId"]?.string } ?? []
    #expect(reported.sorted() == [id(1), id(3), id(4)])
    #expect(try run.accepted() == [id(6)])
  }

  /// The network says that the number is wrong, because an earlier one waits for its approval.
  @Test func aRefusalAfterOneThatWasDeniedIsNoVerdict() throws {
    let run = try PipelineRun()
    let wallet = try run.vault.add("XLM", key: StellarXDR.secret)
    try run.sandbox.control(
      "state", ["chains": ["XLM": ["accounts": [StellarXDR.account(StellarXDR.secret): ["sequence": "123"]]]]]
    )
    try add(run, 1, "XLM", StellarXDR.payment(sequence: 124, maxTime: StellarXDR.soon), hashes: [wallet])
    try add(run, 2, "XLM", StellarXDR.payment(sequence: 125, maxTime: StellarXDR.soon), hashes: [wallet])
    try run.sandbox.control("approvals", ["deny": [.string(id(1))]])
    let records = try run.poll()
    #expect(records[id(1)]?.error?.outcome == .denied)
    #expect(records[id(2)]?.error?.outcome == .unknown, "\(records[id(2)]?.error?.description ?? "sent")")
    #expect(records[id(2)]?.error?.message.contains("tx_bad_seq") == true)
    #expect(try run.sandbox.look("errors").array?.isEmpty == true)
    try run.sandbox.control("approvals", ["statuses": [id(1): 200]])
    let later = try run.poll()
    #expect(later[id(1)]?["result"] != nil && later[id(2)]?["result"] != nil)
    #expect(try run.accepted().sorted() == [id(1), id(2)])
  }

  /// The same words, because the earlier one is not even listed yet. What stays out of turn for good has failed once its time
  /// is over.
  @Test func aRefusalBeforeOneThatIsListedLaterIsNoVerdict() throws {
    let run = try PipelineRun()
    let wallet = try run.vault.add("XLM", key: StellarXDR.secret)
    let end = UInt64(Date().timeIntervalSince1970) + 3600
    try run.sandbox.control(
      "state",
      [
        "chains": [
          "XLM": [
            "closeTime": .string(String(end - 3600)),
            "accounts": [StellarXDR.account(StellarXDR.secret): ["sequence": "123"]],
          ]
        ]
      ])
    try add(run, 2, "XLM", StellarXDR.payment(sequence: 125, maxTime: end), hashes: [wallet])
    try add(run, 4, "XLM", StellarXDR.payment(sequence: 128, maxTime: end), hashes: [wallet])
    let records = try run.poll()
    for number in [2, 4] {
      #expect(records[id(number)]?.error?.outcome == .unknown)
    }
    #expect(records[id(2)]?.error?.code == .heldByNetwork)
    #expect(try run.sandbox.look("errors").array?.isEmpty == true)
    // Asked at the address that is described, and nowhere else.
    let asked = try run.sandbox.look("log").array?.compactMap { $0["path"]?.string } ?? []
    let account = try StellarXDR.account(StellarXDR.secret)
    #expect(asked.contains("/v3/xlm/account/" + account))

    // When nobody says how far the account is, nothing is decided.
    try run.sandbox.control(
      "faults", ["kind": "status", "of": "lookup", "answer": "unreachable-node", "path": "/v3/xlm/account/"])
    let undecided = try run.poll()[id(2)]?.error
    #expect(undecided?.outcome == .unknown, "\(undecided?.description ?? "sent")")
    try run.sandbox.control("faults", [])

    try add(run, 1, "XLM", StellarXDR.payment(sequence: 124, maxTime: end), hashes: [wallet])
    _ = try run.poll()
    let later = try run.poll()
    #expect(later[id(2)]?["result"] != nil)
    #expect(later[id(2)]?.error == nil, "\(later[id(2)]?.error?.description ?? "")")
    #expect(later[id(4)]?.error?.code == .heldByNetwork)
    #expect(try run.accepted().sorted() == [id(1), id(2)])

    try run.sandbox.control("state", ["chains": ["XLM": ["closeTime": .string(String(end + 1))]]])
    #expect(try run.poll()[id(4)]?.error?.outcome == .failed)
    #expect(try run.sandbox.look("errors").array?.compactMap { $0["signatureId"]?.string } == [id(4)])
  }

  @Test func sendsTheSameXLMBytesAgain() throws {
    let run = try PipelineRun()
    let wallet = try run.vault.add("XLM", key: StellarXDR.secret)
    try expectResending(run, "xlm") {
      try add(run, 1, "XLM", StellarXDR.payment(sequence: 5, maxTime: StellarXDR.soon), hashes: [wallet])
    }
  }

  @Test func findsTamperingWithXLM() throws {
    let run = try PipelineRun()
    let wallet = try run.vault.add("XLM", key: StellarXDR.secret)
    try add(run, 1, "XLM", StellarXDR.payment(sequence: 5, maxTime: StellarXDR.soon), hashes: [wallet])
    try expectTamperingIsFound(run)
  }
}
