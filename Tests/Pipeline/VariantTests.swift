import Foundation
import KMSChains
import KMSCrypto
import KMSPrimitives
import KMSRecords
import KMSSigning
import Testing

/// Variants of what was shown to get through once (another chain, spelling, order, member), each against kms-sign as it is run.
@Suite struct VariantTests {
  /// One attempt, and the code with which it ends; nil for one that is signed, to show that the others are refused for what
  /// they change.
  private struct Attempt {
    let name: String
    let chain: String
    let text: String
    var context: JSONValue = [:]
    let code: String?
  }

  private static let evmContext: JSONValue = [
    "nonce": "5", "gas": "90000", "gasPrice": "1000000000",
  ]
  private static let contract = "0x687422eea2cb73b5d3e242ba5456b782919afc85"

  private static func word(_ digits: String) -> String {
    String(repeating: "0", count: 64 - digits.utf8.count) + digits
  }

  private static let all = String(repeating: "f", count: 64)
  private static let approve = "095ea7b3" + word(String(repeating: "ab", count: 20)) + all

  private func evm(_ chain: String, _ data: String, member: String = "data", more: String = "") -> String {
    let to = chain == "XDC" ? "xdc" + Self.contract.dropFirst(2) : Self.contract
    return #"{"to":"\#(to)","\#(member)":"0x\#(data)"\#(more)}"#
  }

  /// Allowances: seven chains, six functions, three members.
  private func allowances() -> [Attempt] {
    let operators = "a22cb465" + Self.word("ab") + Self.word("1")
    let bundled =
      "ac9650d8" + Self.word("20") + Self.word("1") + Self.word("20") + Self.word("44") + Self.approve
      + String(repeating: "0", count: 56)
    var attempts = ["ETH", "BSC", "MATIC", "CELO", "KLAY", "ONE", "XDC"].map {
      Attempt(
        name: "approve on \($0)", chain: $0, text: evm($0, Self.approve), context: Self.evmContext,
        code: "allowance-refused")
    }
    for (name, data) in [
      ("increaseAllowance", "39509351" + Self.approve.dropFirst(8)), ("setApprovalForAll", operators),
      ("setOperator", "558a7297" + operators.dropFirst(8)), ("multicall", bundled),
      ("approveAndCall", "cae9ca51" + Self.approve.dropFirst(8) + Self.word("60") + Self.word("0")),
      (
        "permit of Permit2",
        "2b67b570" + Self.word("1") + Self.word("2") + Self.all + String(repeating: Self.word("3"), count: 4)
      ),
    ] {
      attempts.append(
        Attempt(
          name: name, chain: "ETH", text: evm("ETH", data), context: Self.evmContext,
          code: "allowance-refused"))
    }
    attempts += [
      Attempt(
        name: "approve in another member", chain: "ETH", text: evm("ETH", Self.approve, member: "input"),
        context: Self.evmContext, code: "allowance-refused"),
      Attempt(
        name: "approve in capital digits", chain: "ETH", text: evm("ETH", Self.approve.uppercased()),
        context: Self.evmContext, code: "allowance-refused"),
      Attempt(
        name: "approve in a clause", chain: "VET",
        text:
          #"{"clauses":[{"to":"\#(Self.contract)","value":"1"},{"to":"\#(Self.contract)","data":"0x\#(Self.approve)"}],"gas":90000}"#,
        context: ["chainTag": "39", "blockRef": "0x0010000034ef5678", "nonce": "0x0000000000000001"],
        code: "allowance-refused"),
      Attempt(
        name: "an amount", chain: "ETH",
        text: evm("ETH", "095ea7b3" + Self.word("ab") + Self.word("5")), context: Self.evmContext, code: nil),
    ]
    return attempts
  }

  /// Members and spellings of EVM chains.
  private func members() -> [Attempt] {
    let pay = #"{"to":"\#(Self.contract)","value":"1""#
    func eth(_ name: String, _ more: String, _ code: String?, _ changes: [(String, JSONValue?)] = [])
      -> Attempt
    {
      Attempt(
        name: name, chain: "ETH", text: pay + more + "}", context: Self.evmContext.changed(changes),
        code: code)
    }
    return [
      eth("the network of another chain", #","chainId":1"#, "chain-id-mismatch"),
      eth("the network of another chain in the context", "", "chain-id-mismatch", [("chainId", "56")]),
      eth("code for the account (EIP-7702)", #","authorizationList":[]"#, "malformed-transaction"),
      eth("a member with U+212A", ",\"\u{212A}ey\":1", "malformed-transaction"),
      eth("a fee by the price of the context", "", "fee-too-high", [("gasPrice", "99000000000000")]),
      eth("a fee by the limit of the context", "", "fee-too-high", [("gas", "1100000000")]),
      eth("a fee by EIP-1559", #","maxFeePerGas":"99000000000000""#, "fee-too-high"),
      eth("the largest count", "", "nonce-implausible", [("nonce", "9223372036854775808")]),
      eth("a first count above all", "", "nonce-implausible", [("nonce", "1000000001")]),
      eth("a nonce of its own that strands", #","nonce":"1000000001""#, "nonce-implausible"),
      eth("somebody else's account", #","from":"\#(Self.contract)""#, "key-not-sender"),
      eth("itself", "", nil),
    ]
  }

  private static func seconds(since start: UInt64) -> UInt64 { UInt64(Date().timeIntervalSince1970) - start }

  // MARK: TRON

  private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    [number << 3 | 2] + varint(UInt64(bytes.count)) + bytes
  }

  private static func varint(_ value: UInt64) -> [UInt8] {
    value < 128 ? [UInt8(value)] : [UInt8(value & 127) | 128] + varint(value >> 7)
  }

  private func tron(
    _ name: String, _ number: UInt8, _ shown: [(String, JSONValue?)], _ wire: [UInt8], hours: UInt64 = 1
  ) -> String {
    let owner = Hex.decode("41" + KeyedVault.TestKey.ethAddress.dropFirst(2)) ?? []
    let url = "type.googleapis.com/protocol.\(name)"
    let value = Self.field(1, owner) + wire
    let any = Self.field(1, Array(url.utf8)) + Self.field(2, value)
    let expiration = UInt64(Date().timeIntervalSince1970 * 1000) + hours * 3_600_000
    let inner: [UInt8] = [8, number] + Self.field(2, any)
    let raw: [UInt8] = [64] + Self.varint(expiration) + Self.field(11, inner)
    let transaction: JSONValue = [
      "visible": false, "txID": .string(Hex.encode(Hash.sha256(raw))),
      "raw_data_hex": .string(Hex.encode(raw)),
      "raw_data": [
        "expiration": .number(JSONNumber(expiration)),
        "contract": [
          [
            "type": .string(name),
            "parameter": [
              "type_url": .string(url),
              "value": JSONValue.object(JSONObject()).changed(
                [("owner_address", .string(Hex.encode(owner)))] + shown),
            ],
          ]
        ],
      ],
    ]
    return transaction.text
  }

  private func ofTron() -> [Attempt] {
    let other = [0x41] + [UInt8](repeating: 9, count: 20)
    let to = JSONValue.string(Hex.encode(other))
    func attempt(
      _ name: String, _ contract: String, _ number: UInt8, _ shown: [(String, JSONValue?)], _ wire: [UInt8],
      hours: UInt64 = 1, _ code: String?
    ) -> Attempt {
      Attempt(name: name, chain: "TRON", text: tron(contract, number, shown, wire, hours: hours), code: code)
    }
    let pay: [(String, JSONValue?)] = [("to_address", to), ("amount", 5)]
    let paid = Self.field(2, other) + [24, 5]
    let data = Hex.decode(Self.approve) ?? []
    return [
      attempt("a payment", "TransferContract", 1, pay, paid, nil),
      attempt("in two days", "TransferContract", 1, pay, paid, hours: 48, "validity-refused"),
      attempt(
        "another amount than shown", "TransferContract", 1, [("to_address", to), ("amount", 4)], paid,
        "content-mismatch"),
      attempt("a hidden receiver", "TransferContract", 1, [("amount", 5)], paid, "content-mismatch"),
      attempt(
        "approve, spelled 0x", "TriggerSmartContract", 31,
        [("contract_address", to), ("data", .string("0x" + Self.approve))],
        Self.field(2, other) + Self.field(4, data),
        "allowance-refused"),
      attempt(
        "lending by the older contract", "FreezeBalanceContract", 11,
        [("frozen_balance", 5), ("receiver_address", to)], [16, 5] + Self.field(15, other),
        "operation-refused"),
      attempt(
        "lending", "DelegateResourceContract", 57, [("balance", 5), ("receiver_address", to)],
        [24, 5] + Self.field(4, other), "operation-refused"),
      attempt(
        "a witness", "WitnessCreateContract", 5, [("url", "61")], Self.field(2, [0x61]), "operation-refused"),
    ]
  }

  // MARK: EGLD, XRP, XLM, SOL, ALGO, FLOW

  private func ofMultiversX(_ sender: String) -> [Attempt] {
    let context: JSONValue = [
      "nonce": "5", "gasPrice": "1000000000", "gasLimit": "90000", "chainId": "D", "version": "1",
    ]
    let other = "erd1spyavw0956vq68xj8y4tenjpq2wd5a9p2c6j8gsz7ztyrnpxrruqzu66jx"
    let contract = "erd1qqqqqqqqqqqqqqqpqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqzllls8a5w6u"
    return [
      ("a payment", other, "", nil), ("a guardian", sender, "SetGuardian@01@02", "operation-refused"),
      ("guarding", other, "GuardAccount", "operation-refused"),
      ("guarding, spelled otherwise", other, "guardACCOUNT", "operation-refused"),
      ("a call with a transfer", other, "ESDTTransfer@01@02@7377", "operation-refused"),
      ("giving a token away", contract, "transferOwnership@01@02", "operation-refused"),
      ("making a token", contract, "issue@01@02@03@04", nil),
    ].map { name, to, data, code in
      Attempt(
        name: name, chain: "EGLD",
        text: #"{"from":"\#(sender)","to":"\#(to)","value":"0","data":"\#(data)"}"#,
        context: context, code: code)
    }
  }

  private func ofXRP(_ base: JSONValue) -> [Attempt] {
    func xrp(_ name: String, _ changes: [(String, JSONValue?)], _ code: String?) -> Attempt {
      Attempt(
        name: name, chain: "XRP", text: base.changed([("LastLedgerSequence", 95_000_000)] + changes).text,
        code: code)
    }
    let none: [(String, JSONValue?)] = [("Amount", nil), ("Destination", nil), ("DestinationTag", nil)]
    return [
      xrp("a payment", [], nil), xrp("without an end", [("LastLedgerSequence", nil)], "validity-refused"),
      xrp(
        "an end in years",
        [("LastLedgerSequence", .number(JSONNumber(88_560_000 + Self.seconds(since: 1_717_859_811) / 3)))],
        "validity-refused"),
      xrp(
        "a key for somebody else", none + [("TransactionType", "SetRegularKey")], "account-control-refused"),
      xrp(
        "no freezing ever", none + [("TransactionType", "AccountSet"), ("SetFlag", 6)], "operation-refused"),
      xrp(
        "the master key", none + [("TransactionType", "AccountSet"), ("SetFlag", 4)],
        "account-control-refused"),
      xrp("a member with U+212A", [("SigningPub\u{212A}ey", "")], "malformed-transaction"),
      xrp("a fee", [("Fee", "2000001")], "fee-too-high"),
      xrp("a sidechain", [("NetworkID", 21_337)], "chain-id-mismatch"),
    ]
  }

  private func ofStellar() throws -> [Attempt] {
    let now = Self.seconds(since: 0)
    func xlm(_ name: String, _ body: [UInt8], end: UInt64? = now + 300, _ code: String?) throws -> Attempt {
      var envelope: [UInt8] = [0, 0, 0, 2, 0, 0, 0, 0]
      envelope += try StellarXDR.publicKey(StellarXDR.secret)
      envelope += [0, 0, 0, 100] + number(9)  // fee, sequence number
      // Time bounds or no conditions, no memo; one operation.
      envelope += end.map { [0, 0, 0, 1] + number(0) + $0.bigEndianBytes } ?? [0, 0, 0, 0]
      envelope += [0, 0, 0, 0] + [0, 0, 0, 1, 0, 0, 0, 0]
      envelope += body + [0, 0, 0, 0, 0, 0, 0, 0]
      return Attempt(name: name, chain: "XLM", text: Base64.encode(envelope), code: code)
    }
    func number(_ value: UInt8) -> [UInt8] { [0, 0, 0, 0, 0, 0, 0, value] }
    let native: [UInt8] = [0, 0, 0, 0]
    let other: [UInt8] = native + (try StellarXDR.publicKey(StellarXDR.otherSecret))
    let pay: [UInt8] = [0, 0, 0, 1] + other + native + number(5)
    let clawback: [UInt8] = [0, 0, 0, 19] + native + other + number(5)
    return [
      try xlm("a payment", pay, nil),
      try xlm("without conditions", pay, end: nil, nil),
      try xlm("without an end", pay, end: 0, nil),
      try xlm("over", pay, end: now - 10, "expired"),
      try xlm("merging", [0, 0, 0, 8] + other, "account-control-refused"),
      try xlm("taking back", clawback, "operation-refused"),
      try xlm("sponsoring", [0, 0, 0, 16] + other, "operation-refused"),
    ]
  }

  private func ofSolana(_ payer: [UInt8]) -> [Attempt] {
    let system = [UInt8](repeating: 0, count: 32), nobody = [UInt8](repeating: 8, count: 32)
    let token = Base58.decode("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA") ?? []
    func sol(
      _ name: String, _ program: [UInt8], _ data: [UInt8], table: Bool = false, height: UInt64 = 300_000_000,
      _ code: String?
    ) -> Attempt {
      let context: JSONValue = [
        "recentBlockhash": "EETubP5AKHgjPAhzPAFcb8BAY1hMH639CWCFTqi3hq1k",
        "lastValidBlockHeight": .string(String(height)),
      ]
      var message: [UInt8] = table ? [0x80, 1, 0, 1, 3] : [1, 0, 1, 3]
      message += payer + [UInt8](repeating: 7, count: 32) + program
      message += [UInt8](repeating: 9, count: 32)  // a blockhash
      message += [1, 2, 2, 0, table ? 3 : 1, UInt8(data.count)]  // one call, of the last account
      message += data
      if table { message += [1] + [UInt8](repeating: 6, count: 32) + [1, 0, 0] }
      return Attempt(
        name: name, chain: "SOL", text: #"{"txData":"\#(Hex.encode(message))"}"#, context: context, code: code
      )
    }
    let pay: [UInt8] = [2, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0]
    return [
      sol("a payment", system, pay, nil),
      // It must not take the others of its group with it.
      sol("a height that no journal keeps", system, pay, height: .max, "malformed-transaction"),
      sol("whom a table names", system, pay, table: true, "operation-refused"),
      sol("room in the account", system, [8, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0], "operation-refused"),
      sol("a durable nonce", system, [4, 0, 0, 0], "validity-refused"),
      sol("assigning the account", system, [1, 0, 0, 0] + nobody, "account-control-refused"),
      sol("approving tokens", token, [4, 255, 255, 255, 255, 255, 255, 255, 255], "operation-refused"),
      sol("another program", nobody, [1], "operation-refused"),
    ]
  }

  private func ofAlgorand(_ sender: String) -> [Attempt] {
    let hash = Base64.decode("SGO1GKSzyE7IEPItTxCByw9x8FmnrCDexi9/cOUJOiI=") ?? []
    let base: JSONValue = [
      "type": "pay", "from": .string(sender),
      "to": "TMETT6BXL3QUH7AH5TS6IONU7LVTLKIGG54CFCNPMQXWGRIZFIESZBYWP4",
      "amount": 5, "fee": 1000, "flatFee": true, "firstRound": 55_540_000, "lastRound": 55_541_000,
      "genesisID": "testnet-v1.0",
      "genesisHash": ["type": "Buffer", "data": .array(hash.map { .number(JSONNumber($0)) })],
    ]
    let later = 55_550_000 + Self.seconds(since: 1_757_852_484) / 2
    func algo(_ name: String, _ changes: [(String, JSONValue?)], _ code: String?) -> Attempt {
      Attempt(name: name, chain: "ALGO", text: base.changed(changes).text, code: code)
    }
    return [
      algo("a payment", [], nil), algo("a new key", [("reKeyTo", base["to"])], "account-control-refused"),
      algo("the rest", [("closeRemainderTo", base["to"])], "account-control-refused"),
      algo(
        "in years",
        [("firstRound", .number(JSONNumber(later))), ("lastRound", .number(JSONNumber(later + 1000)))],
        "validity-refused"),
      algo("a call", [("type", "appl"), ("to", nil), ("amount", nil), ("appIndex", 5)], "operation-refused"),
      algo("a fee", [("fee", 1_000_001)], "fee-too-high"),
    ]
  }

  /// Keys of published vectors.
  private func key(_ chain: String, _ start: String) throws -> (key: String, text: String) {
    let vector = try #require(
      try SourceTree.transactionVectors(chain).first { $0["name"]?.string?.hasPrefix(start) == true })
    let key = vector["privateKeys"]?.array?.first?.string ?? vector["privateKey"]?.string
    return (try #require(key), try #require(vector["pending"]?["serializedTransaction"]?.string))
  }

  @Test func noneGetsThrough() throws {
    let vault = try KeyedVault()
    let keys = [
      "EGLD": try key("EGLD", "tatum-js v1"), "XRP": try key("XRP", "tatum-js v2: 1 XRP"),
      "SOL": try key("SOL", "same transaction, base58 key"), "ALGO": try key("ALGO", "wallet-core: Sign"),
    ]
    var wallets: [String: String] = [:]
    for chain in ["ETH", "BSC", "MATIC", "CELO", "KLAY", "ONE", "XDC", "VET", "TRON"] {
      let key = KeyedVault.TestKey.eth
      wallets[chain] = try vault.add(chain, key: chain == "TRON" ? String(key.dropFirst(2)) : key)
    }
    for (chain, key) in keys { wallets[chain] = try vault.add(chain, key: key.key) }
    wallets["XLM"] = try vault.add("XLM", key: StellarXDR.secret)
    func account(_ chain: String) throws -> (address: String, publicKey: [UInt8]) {
      let secret = try SecretBytes(copying: Array(try #require(keys[chain]).key.utf8))
      let key = try #require(SigningRegistry.chains[chain]).wallets.key(
        kind: .privateKey, secret: secret, index: nil, testnet: true)
      return (key.address, key.publicKey)
    }
    let attempts =
      try allowances() + members() + ofTron() + ofMultiversX(account("EGLD").address)
      + ofXRP(JSONValue(parsing: try #require(keys["XRP"]).text)) + ofStellar()
      + ofSolana(account("SOL").publicKey)
      + ofAlgorand(account("ALGO").address)
    #expect(attempts.count >= 60)
    var lines: [String] = []
    for (i, attempt) in attempts.enumerated() {
      let (id, wallet) = ("v\(i)", try #require(wallets[attempt.chain]))
      var pending = JSONObject()
      pending["id"] = .string(id)
      pending["chain"] = .string(attempt.chain)
      pending["hashes"] = [.string(wallet)]
      pending["serializedTransaction"] = .string(attempt.text)
      var record = try Record(id: id, chain: attempt.chain, testnet: true, pending: .object(pending))
      var context = attempt.context
      if let network = ["ETH": "11155111", "CELO": "44787"][attempt.chain], context["chainId"] == nil {
        context = context.changed([("chainId", .string(network))])
      }
      record["context"] = context
      lines.append(record.line)
    }
    let result = try vault.sign(lines, ["--no-unlimited-allowances"])
    let records = try result.records
    #expect(records.count == attempts.count)
    for (attempt, record) in zip(attempts, records) {
      let name = "\(attempt.chain), \(attempt.name): \(record.error?.message ?? "signed")"
      #expect(record.error?.code.rawValue == attempt.code, Comment(rawValue: name))
      #expect((record["signed"] == nil) == (attempt.code != nil), Comment(rawValue: name))
    }
  }

  /// Ids that lenient routes and collations take for others: none is a record, and letter case makes no other id.
  @Test func idsHaveOneSpelling() throws {
    let vault = try KeyedVault()
    let wallet = try vault.add("ETH", key: KeyedVault.TestKey.eth)
    let line = try SampleRecord.eth("5fb7a", wallet: wallet).line
    #expect(try vault.sign([line]).status == 0)
    for id in [
      "5fb7a#", "5fb7a?x", "5fb7a/", "5fb7a;v=1", "5fb7a%00", "5fb7a.", " 5fb7a", "5fb7ａ", "5fb7a\\u0000",
    ] {
      let other = try vault.sign([line.replacing(#""5fb7a""#, with: "\"\(id)\"")])
      #expect(other.status == 65 && other.outputText.isEmpty, "\(id)")
    }
    let upper = try vault.sign([line.replacing(#""5fb7a""#, with: #""5FB7A""#)]).records.first
    #expect(upper?.error?.code == .changedAfterSigning)
  }
}
