import Foundation
import KMSChains
import KMSCrypto
import KMSPrimitives
import KMSRecords
import KMSSigning
import SigningDoor
import Testing

/// The sandbox's own decoder of XRP, judged by published transactions, by these with one bit flipped, and by what must
/// not pass.
@Suite struct XRPSandboxTests {
  static let secret = "shunwft7BwrFHdcXmAA87CazLsRMY"
  static let account = "rKHuaCVSzJCFh43ji9EvFAysmu1KHdMb8N"
  static let other = "rPT1Sjq2YGrBMTttX4GZHjKu9dyfzbpAYe"
  static let otherSecret = "snoPBrXtMeMyMHUVTgbuqAfg1SUTb"
  static let payment: JSONValue = [
    "TransactionType": "Payment", "Account": .string(account), "Destination": .string(other),
    "Amount": "1000000", "Fee": "12", "Sequence": 123, "LastLedgerSequence": 501, "Flags": 0,
  ]

  private func sign(_ transaction: JSONValue, secret: String = secret) throws -> String {
    try LibrarySigning.sign("XRP", transaction.text, key: secret).txData
  }

  /// What the sandbox says; "accepted" when it says yes.
  private func answer(_ sandbox: SandboxProcess, _ txData: String, id: String? = nil) throws -> String {
    let answer = try sandbox.broadcast("xrp", txData, signatureID: id)
    return answer.status == 200 ? "accepted" : answer.json["message"]?.string ?? answer.text
  }

  @Test func acceptsPublishedTransactions() throws {
    var accepted = 0
    for isTestnet in [false, true] {
      let sandbox = try SandboxProcess(state: ["testnet": .bool(isTestnet)])
      for vector in try SourceTree.transactionVectors("XRP")
      where (vector["testnet"] == true) == isTestnet && vector["expected"]?["error"] != true {
        let label = Comment(rawValue: vector["name"]?.string ?? "")
        let txData = try #require(vector["expected"]?["txData"]?.string)
        let raw = try #require(Hex.decode(txData))
        let sender = try #require(vector["unsigned"]?["Account"]?.string)
        let key = try #require(vector["privateKeys"]?.array?.first?.string)
        let pending = try #require(vector["pending"])
        let material = try #require(SigningRegistry.chains["XRP"]).wallets.key(
          kind: .privateKey, secret: SecretBytes(copying: Array(key.utf8)), index: nil, testnet: isTestnet)
        try sandbox.control("reset")
        // Some keys are not of Account: they are regular keys of it, then.
        try sandbox.control(
          "state",
          [
            "testnet": .bool(isTestnet),
            "chains": [
              "XRP": ["baseFee": 0, "accounts": [sender: ["regularKey": .string(material.address)]]]
            ],
          ])
        try sandbox.control("pending", pending)
        guard vector["unsigned"]?["Sequence"] != nil else {
          #expect(try answer(sandbox, txData).contains("'Sequence' is required but missing"), label)
          continue
        }
        for i in stride(from: accepted % 3, to: raw.count, by: 3) {
          var flipped = raw
          flipped[i] ^= 1 << (i % 8)
          #expect(try answer(sandbox, Hex.encode(flipped)) != "accepted", "\(label), byte \(i)")
        }
        let reply = try sandbox.broadcast("xrp", txData, signatureID: pending["id"]?.string)
        #expect(
          reply.json == ["txId": .string(vector["expected"]?["txId"]?.string?.uppercased() ?? "")],
          "\(label): \(reply.text)")
        let seen = try sandbox.look("broadcasts").array?.last
        #expect(seen?["senders"] == [.string(sender)], label)
        #expect(seen?["mismatches"] == [], "\(label): \(seen?.text ?? "")")
        #expect(try answer(sandbox, txData).contains("tefALREADY"), label)
        accepted += 1
      }
    }
    #expect(accepted == 53)
  }

  /// Every type with random members, made with another implementation.
  @Test func readsEveryTypeOfAnotherImplementation() throws {
    let file = SourceTree.root.appendingPathComponent("Tests/Chains/Vectors/generated/xrp.json")
    let vectors = try #require(JSONValue(parsing: Data(contentsOf: file))["vectors"]?.array)
    let sandbox = try SandboxProcess()
    var types: Set<String> = []
    for vector in vectors {
      let transaction = try #require(vector["transaction"])
      try sandbox.control("reset")
      try sandbox.control(
        "pending",
        [
          "id": "61dc00000000000000000001", "chain": "XRP", "hashes": [],
          "serializedTransaction": .string(transaction.text),
        ])
      let text = try answer(sandbox, vector["txData"]?.string ?? "", id: "61dc00000000000000000001")
      if transaction["NetworkID"] != nil {
        #expect(text.contains("telNETWORK_ID_MAKES_TX_NON_CANONICAL"), "\(text)")
      } else if transaction["TicketSequence"] != nil, transaction["Sequence"] != 0 {
        #expect(text.contains("temSEQ_AND_TICKET"), "\(text)")
      } else {
        #expect(text == "accepted", "\(transaction.text)")
        let seen = try sandbox.look("broadcasts").array?.last
        #expect(seen?["txId"] == vector["txId"])
        #expect(seen?["mismatches"] == [], "\(seen?.text ?? "")\n\(transaction.text)")
        types.insert(transaction["TransactionType"]?.string ?? "")
      }
    }
    #expect(types.count == 26, "\(types.sorted())")
  }

  /// Signed with the right key, but not what was asked for: each member that was changed is named.
  @Test func namesEveryMemberThatWasChanged() throws {
    let sandbox = try SandboxProcess()
    let issued: JSONValue = ["currency": "USD", "value": "10.5", "issuer": .string(Self.other)]
    let full = Self.payment.changed([
      ("Amount", issued), ("SendMax", "2000000"), ("SourceTag", 5), ("DestinationTag", 7),
      ("InvoiceID", .string(String(repeating: "AB", count: 32))),
      ("Memos", [["Memo": ["MemoType": "AA", "MemoData": "BB"]]]),
      (
        "Paths",
        [[["account": .string(Self.other)], ["currency": "EUR", "issuer": .string(Self.account)]]]
      ),
    ])
    let changes: [(String, JSONValue?)] = [
      ("Destination", .string(Self.account)), ("Amount", "1"),
      ("Amount", issued.changed([("value", "10.6")])), ("Amount", issued.changed([("currency", "EUR")])),
      ("Amount", issued.changed([("issuer", .string(Self.account))])), ("SendMax", "2000001"),
      ("SendMax", nil), ("SourceTag", 6), ("DestinationTag", nil), ("Fee", "13"), ("Flags", 131_072),
      ("LastLedgerSequence", 502), ("InvoiceID", .string(String(repeating: "AC", count: 32))),
      ("Memos", [["Memo": ["MemoType": "AA", "MemoData": "BC"]]]), ("Memos", nil),
      ("Paths", [[["account": .string(Self.other)], ["currency": "EUR", "issuer": .string(Self.other)]]]),
      ("DeliverMin", "1"), ("TicketSequence", nil),
    ]
    for (i, change) in changes.enumerated() {
      let id = "61dc000000000000000000\(10 + i)"
      try sandbox.control(
        "pending",
        [
          "id": .string(id), "chain": "XRP", "hashes": [],
          "serializedTransaction": .string(full.changed([("Sequence", .number(JSONNumber(i)))]).text),
        ])
      let signed = full.changed([change, ("Sequence", .number(JSONNumber(i)))])
      #expect(try answer(sandbox, sign(signed), id: id) == "accepted")
      let expected: JSONValue = change.0 == "TicketSequence" ? [] : [.string(change.0)]
      #expect(try sandbox.look("broadcasts").array?.last?["mismatches"] == expected, "\(change)")
    }
  }

  @Test func refusesForeignAndDamagedSignatures() throws {
    let sandbox = try SandboxProcess()
    let good = try sign(Self.payment)
    #expect(try answer(sandbox, sign(Self.payment, secret: Self.otherSecret)).contains("tefBAD_AUTH"))
    let ed25519 = "sEdTM1uX8pu2do5XvTnutH6HsouMaM2"
    #expect(try answer(sandbox, sign(Self.payment, secret: ed25519)).contains("tefBAD_AUTH"))
    // The signature of one transaction on another one.
    let raw = try #require(Hex.decode(good))
    let other = try #require(Hex.decode(sign(Self.payment.changed([("Amount", "1000001")]))))
    let (own, foreign) = (try signatureField(raw), try signatureField(other))
    let spliced = raw[..<own.lowerBound] + other[foreign] + raw[own.upperBound...]
    #expect(try answer(sandbox, Hex.encode(spliced)).contains("Invalid signature."))
    // s in the upper half is the same signature to the curve, and no signature to the ledger.
    #expect(try answer(sandbox, Hex.encode(withHighS(raw))).contains("Invalid signature."))
    for text in ["", "zz", "00", "1200", good + "00", String(good.dropLast(2)), good + "E1", good + "F1"] {
      #expect(try answer(sandbox, text) != "accepted", "\(text.suffix(20))")
    }
    #expect(try answer(sandbox, good) == "accepted")
  }

  /// Where TxnSignature stands: header, length, DER.
  private func signatureField(_ raw: [UInt8]) throws -> Range<Int> {
    let start = try #require(
      raw.indices.first { raw[$0...].starts(with: [0x74]) && raw[($0 + 2)...].first == 0x30 })
    return start..<start + 2 + Int(raw[start + 1])
  }

  /// The same transaction with n - s in its signature.
  private func withHighS(_ raw: [UInt8]) throws -> [UInt8] {
    let field = try signatureField(raw)
    let der = Array(raw[field].dropFirst(2))
    let parsed = try #require(ECDSASignature(der: der))
    var order = try #require(
      Hex.decode("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"))
    var borrow = 0
    let s = Array(parsed.s)
    for i in (0..<32).reversed() {
      let difference = Int(order[i]) - Int(s[i]) - borrow
      order[i] = UInt8(truncatingIfNeeded: difference)
      borrow = difference < 0 ? 1 : 0
    }
    let high = try ECDSASignature(rs: Array(parsed.r) + order, recoveryID: 0).der
    return raw[..<field.lowerBound] + [0x74, UInt8(high.count)] + high + raw[field.upperBound...]
  }

  @Test func refusesWhatIsNotCanonical() throws {
    let sandbox = try SandboxProcess()
    let good = try sign(Self.payment)
    // TransactionType and Flags; the other way round; Flags in the long form of its header; twice.
    let head = "1200002200000000"
    #expect(good.hasPrefix(head))
    let rest = good.dropFirst(head.count)
    #expect(try answer(sandbox, "2200000000120000" + rest).contains("stands behind"))
    #expect(try answer(sandbox, "120000200200000000" + rest).contains("invalid field number"))
    #expect(try answer(sandbox, "12000022000000002200000000" + rest).contains("Duplicate field"))
    #expect(try answer(sandbox, "12006322000000" + "00" + rest).contains("Invalid transaction type 99"))
    #expect(try answer(sandbox, "220000000" + "0" + rest).contains("TransactionType"))
    // A member that payments don't have.
    let odd = head + "2024" + "00000001" + rest
    #expect(try answer(sandbox, odd) != "accepted")
  }

  @Test func keepsSequencesLedgersAndFees() throws {
    let sandbox = try SandboxProcess(state: [
      "chains": ["XRP": ["ledger": 500, "accounts": [Self.account: ["sequence": 123]]]]
    ])
    func at(_ sequence: Int, _ more: [(String, JSONValue?)] = []) throws -> String {
      try sign(Self.payment.changed([("Sequence", .number(JSONNumber(sequence)))] + more))
    }
    #expect(try answer(sandbox, at(122)).contains("tefPAST_SEQ: This sequence number has already passed."))
    #expect(try answer(sandbox, at(124)).contains("terPRE_SEQ"))
    #expect(try answer(sandbox, at(123, [("Fee", "9")])).contains("telINSUF_FEE_P: Fee insufficient."))
    #expect(
      try answer(sandbox, at(123, [("LastLedgerSequence", 499)])).contains(
        "tefMAX_LEDGER: Ledger sequence too high."))
    #expect(try answer(sandbox, at(123, [("NetworkID", 1)])).contains("telNETWORK_ID_MAKES_TX_NON_CANONICAL"))
    #expect(try answer(sandbox, at(123)) == "accepted")
    #expect(
      try answer(sandbox, at(123)).contains("tefALREADY: The exact transaction was already in this ledger."))
    #expect(try answer(sandbox, at(124)) == "accepted")
    try sandbox.control("mine")
    #expect(try answer(sandbox, at(123)).contains("tefPAST_SEQ"))
    // The other way to know.
    let txID = try LibrarySigning.sign("XRP", Self.payment.text, key: Self.secret).txID ?? ""
    #expect(try sandbox.send("GET", "/v3/xrp/transaction/\(txID)").json["hash"]?.string == txID)
    let unknown = String(repeating: "A", count: 64)
    #expect(try sandbox.send("GET", "/v3/xrp/transaction/\(unknown)").status == 403)
    try sandbox.control("mine")
    #expect(try answer(sandbox, at(125)).contains("tefMAX_LEDGER"))
  }

  @Test func queuesWhatPaysTooLittleForTheOpenLedger() throws {
    let sandbox = try SandboxProcess(state: ["chains": ["XRP": ["openLedgerFee": 5000]]])
    #expect(try answer(sandbox, sign(Self.payment)) == "accepted")
    #expect(try sandbox.look("broadcasts").array?.last?["flags"] == ["queued", "no-signature-id"])
  }

  @Test func knowsRegularKeysAndTickets() throws {
    let sandbox = try SandboxProcess(state: [
      "chains": [
        "XRP": [
          "onlyKnownAccounts": true,
          "accounts": [
            Self.account: [
              "sequence": 200, "regularKey": "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh", "masterDisabled": true,
              "tickets": [150, 151],
            ]
          ],
        ]
      ]
    ])
    let first = Self.payment.changed([("Sequence", 200)])
    #expect(try answer(sandbox, sign(first)).contains("tefMASTER_DISABLED: Master key is disabled."))
    #expect(try answer(sandbox, sign(first, secret: Self.otherSecret)) == "accepted")
    func ticket(_ number: Int, sequence: Int = 0) throws -> String {
      try sign(
        Self.payment.changed([
          ("Sequence", .number(JSONNumber(sequence))), ("TicketSequence", .number(JSONNumber(number))),
        ]), secret: Self.otherSecret)
    }
    #expect(try answer(sandbox, ticket(150)) == "accepted")
    try sandbox.control("mine")
    #expect(try answer(sandbox, ticket(150)).contains("tefNO_TICKET"))
    #expect(try answer(sandbox, ticket(152)).contains("tefNO_TICKET"))
    #expect(try answer(sandbox, ticket(151, sequence: 201)).contains("temSEQ_AND_TICKET"))
    let unknown = Self.payment.changed([("Account", "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh")])
    #expect(
      try answer(sandbox, sign(unknown, secret: Self.otherSecret)).contains(
        "terNO_ACCOUNT: The source account does not exist."))
  }
}
