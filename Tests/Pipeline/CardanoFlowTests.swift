import Foundation
import KMSChains
import KMSCrypto
import KMSPrimitives
import KMSRecords
import KMSSigning
import SigningDoor
import Testing

/// ADA and FLOW: the sandbox's own decoders, judged by published transactions, then both chains through all four stages.
@Suite struct CardanoFlowTests {
  // MARK: The sandbox

  private func cborHead(_ type: UInt8, _ count: Int) -> [UInt8] {
    [type << 5 | 25, UInt8(count >> 8), UInt8(count & 255)]
  }

  /// Rosetta's envelope around a transaction.
  private func envelope(_ hex: String) -> String {
    Hex.encode([0x82] + cborHead(3, hex.utf8.count) + Array(hex.utf8) + [0xA0])
  }

  private func vectors(_ chain: String) throws -> [JSONValue] {
    try SourceTree.transactionVectors(chain).filter { $0["pending"] != nil && $0["expected"]?["txId"] != nil }
  }

  private func state(_ vector: JSONValue) throws -> JSONValue {
    let ttl = try #require(vector["context"]?["ttl"]?.uint64)
    return [
      "testnet": vector["testnet"] ?? true, "chains": ["ADA": ["slot": .number(JSONNumber(ttl - 1))]],
      "pending": vector["pending"] ?? .null,
    ]
  }

  @Test func acceptsPublishedTransactionsOfADA() throws {
    let sandbox = try SandboxProcess()
    var accepted = 0
    for vector in try vectors("ADA") {
      let label = Comment(rawValue: vector["name"]?.string ?? "")
      let txData = try #require(vector["expected"]?["txData"]?.string)
      try sandbox.control("reset")
      try sandbox.control("state", state(vector))
      let raw = try #require(Hex.decode(txData))
      for i in stride(from: accepted % 3, to: raw.count, by: 3) {
        var flipped = raw
        flipped[i] ^= 1 << (i % 8)
        let answer = try sandbox.broadcast("ada", envelope(Hex.encode(flipped)))
        #expect(answer.status == 403, "\(label), byte \(i): \(answer.text)")
      }
      #expect(try sandbox.broadcast("ada", txData).status == 403, "without envelope")
      let id = vector["pending"]?["id"]?.string
      let answer = try sandbox.broadcast("ada", envelope(txData), signatureID: id)
      #expect(answer.json == ["txId": vector["expected"]?["txId"] ?? .null], "\(label): \(answer.text)")
      let seen = try sandbox.look("broadcasts").array?.last
      #expect(seen?["mismatches"] == [] && seen?["flags"] == [], "\(label): \(seen?.text ?? "")")
      let again = try sandbox.broadcast("ada", envelope(txData))
      #expect(again.status == 403 && again.text.contains("all inputs are spent"), label)
      accepted += 1
    }
    #expect(accepted == 10)
  }

  @Test func refusesADAOfAnotherPendingTransactionOrTime() throws {
    let vector = try #require(try vectors("ADA").first)
    let txData = envelope(try #require(vector["expected"]?["txData"]?.string))
    let sandbox = try SandboxProcess(state: state(vector))
    try sandbox.control("state", ["chains": ["ADA": ["slot": vector["context"]?["ttl"] ?? 0]]])
    #expect(try sandbox.broadcast("ada", txData).text.contains("OutsideValidityInterval"))
    try sandbox.control("state", ["chains": ["ADA": ["slot": 1]]])
    let serialized = try #require(vector["pending"]?["serializedTransaction"]?.string)
    try sandbox.control(
      "pending",
      [
        "id": "61dc00000000000000000001", "chain": "ADA", "hashes": [],
        "serializedTransaction": .string(serialized.replacing("\"1000000\"", with: "\"1000001\"")),
      ])
    _ = try sandbox.broadcast("ada", txData, signatureID: "61dc00000000000000000001")
    #expect(try sandbox.look("broadcasts").array?.last?["mismatches"] == ["outputs"])
  }

  /// The body of `POST /v1/transactions` of a vector, with one byte of one part changed where `flip` says.
  private func submission(_ vector: JSONValue, flip: (part: Int, byte: Int)? = nil) throws -> JSONValue {
    let unsigned = try #require(vector["unsigned"]), expected = try #require(vector["expected"])
    var part = 0
    func text(_ bytes: [UInt8]) -> JSONValue {
      var bytes = bytes
      if let flip, flip.part == part { bytes[flip.byte % bytes.count] ^= 1 }
      part += 1
      return .string(Base64.encode(bytes))
    }
    func signature(_ address: JSONValue?, _ key: JSONValue?, _ name: String) throws -> JSONValue {
      [
        "address": address ?? .null, "key_index": .string(key?.number?.digits ?? "0"),
        "signature": text(try #require(expected[name]?.string.flatMap { Hex.decode($0) })),
      ]
    }
    let proposer = unsigned["proposalKey"]
    return [
      "script": text(Array(try #require(unsigned["cadence"]?.string).utf8)),
      "arguments": .array((unsigned["arguments"]?.array ?? []).map { .string(Base64.encode($0.encoded())) }),
      "reference_block_id": unsigned["refBlock"] ?? .null, "gas_limit": "9999",
      "payer": unsigned["payer"] ?? .null,
      "proposal_key": [
        "address": proposer?["address"] ?? .null, "key_index": proposer?["keyId"] ?? .null,
        "sequence_number": proposer?["sequenceNum"] ?? .null,
      ],
      "authorizers": unsigned["authorizers"] ?? .null,
      "payload_signatures": [
        try signature(unsigned["authorizers"]?.array?.first, nil, "authorizerSignature"),
        try signature(proposer?["address"], proposer?["keyId"], "proposerSignature"),
      ],
      "envelope_signatures": [try signature(unsigned["payer"], nil, "payerSignature")],
    ]
  }

  private static let flowKey = "37afa218d41d9cd6a2c6f2b96d9eaa3ad96c598252bc50e4d45d62f9356a51f8"
  private static let flowPublicKey =
    "968c3ce11e871cb2b7161b282655ee5fcb051f3c04894705d771bf11c6fbebfc6556ab8a0c04f45ea56281312336d0668529077c9d66891a6cad3db877acbe90"
  private static let flowAccount = "0x955cd3f17b2fd8ad"

  @Test func acceptsPublishedTransactionsOfFLOW() throws {
    let sandbox = try SandboxProcess(state: [
      "chains": ["FLOW": ["accounts": [Self.flowAccount: ["publicKey": .string(Self.flowPublicKey)]]]]
    ])
    var accepted = 0
    for vector in try vectors("FLOW") where vector["expected"]?["envelope"] != nil {
      let label = Comment(rawValue: vector["name"]?.string ?? "")
      for part in 0..<4 {
        for byte in [0, 7, 31, 63] {
          let answer = try sandbox.post("/flow/v1/transactions", submission(vector, flip: (part, byte)))
          #expect(answer.status == 400, "\(label), part \(part): \(answer.text)")
        }
      }
      let txID = try #require(vector["expected"]?["txId"]?.string)
      let answer = try sandbox.post("/flow/v1/transactions", submission(vector))
      #expect(answer.status == 201 && answer.json == ["id": .string(txID)], "\(label): \(answer.text)")
      let result = try sandbox.send("GET", "/flow/v1/transaction_results/\(txID)").json
      let isInOrder = vector["unsigned"]?["proposalKey"]?["sequenceNum"]?.uint64 == 0
      #expect((result["error_message"]?.string == "") == isInOrder, "\(label): \(result.text)")
      #expect(try sandbox.broadcast("flow", txID).status == (isInOrder ? 200 : 403), label)
      accepted += 1
    }
    #expect(accepted == 5)
  }

  // MARK: The pipeline

  private func stages(
    _ run: PipelineRun, fetch: [String] = [], broadcast: [String] = []
  ) throws -> [Record] {
    let signed = try run.sign(run.verify(run.fetch(fetch).outputText).outputText)
    return try run.broadcast(signed.outputText, broadcast).records
  }

  private func expectSent(_ records: [Record], _ count: Int, _ run: PipelineRun) throws {
    #expect(records.count == count)
    for record in records {
      #expect(record["result"]?["txId"] != nil, "\(record.error?.description ?? "no result")")
    }
    let broadcasts = try run.sandbox.look("broadcasts").array ?? []
    #expect(broadcasts.count == count)
    #expect(broadcasts.allSatisfy { $0["mismatches"] == [] && $0["flags"] == [] }, "\(broadcasts)")
    #expect(try run.sandbox.look("refusals") == [])
  }

  private func adaOperations(_ coin: Int, from: [String], to: String) -> JSONValue {
    let inputs = from.enumerated().map { i, address -> JSONValue in
      [
        "type": "input", "account": ["address": .string(address)],
        "amount": ["value": "-5000000", "currency": ["symbol": "ADA", "decimals": 6]],
        "coin_change": [
          "coin_identifier": ["identifier": .string(String(repeating: "\(coin)\(i)", count: 32) + ":\(i)")]
        ],
      ]
    }
    let output: JSONValue = [
      "type": "output", "account": ["address": .string(to)],
      "amount": [
        "value": .string(String(from.count * 5_000_000 - 200_000)),
        "currency": ["symbol": "ADA", "decimals": 6],
      ],
    ]
    return .array(inputs + [output])
  }

  @Test func sendsADAWithAllKindsOfKeys() throws {
    let run = try PipelineRun()
    let key =
      "8873d5e84af86978f03b63d9ffc9c6f940bd8501d32e91980c904e8d81c305507dc95992faa5aefccb263b28b411eda2dde7882d922742663804a69d78182e34"
    let keyAddress = "addr_test1vzfp68vn36ze5yz7x7evracmasuptjmz99qk4j23gun3pcqhlevq5"
    let single = try run.vault.add("ADA", key: key)
    let mnemonic = try run.vault.add("ADA", mnemonic: KeyedVault.TestKey.mnemonic)
    let secret = try SecretBytes(copying: Array(KeyedVault.TestKey.mnemonic.utf8))
    let scheme = try #require(SigningRegistry.chains["ADA"]?.wallets)
    let addresses = try [UInt32(0), 1].map {
      try scheme.key(kind: .mnemonic, secret: secret, index: $0, testnet: true).address
    }
    func add(_ id: Int, _ operations: JSONValue, _ members: [(String, JSONValue)]) throws {
      var pending = JSONObject()
      pending["id"] = .string("61dc0000000000000000000\(id)")
      pending["chain"] = "ADA"
      pending["hashes"] = []
      pending["serializedTransaction"] = .string(operations.text)
      for (name, value) in members { pending[name] = value }
      try run.sandbox.control("pending", .object(pending))
    }
    let signatures: JSONValue = [
      ["id": .string(mnemonic), "index": 0], ["id": .string(mnemonic), "index": 1],
    ]
    try add(
      1, adaOperations(1, from: [keyAddress, keyAddress], to: addresses[0]), [("hashes", [.string(single)])])
    try add(
      2, adaOperations(2, from: [addresses[1]], to: keyAddress),
      [("hashes", [.string(mnemonic)]), ("index", 1)])
    try add(
      3, adaOperations(3, from: [addresses[1], keyAddress, addresses[0]], to: keyAddress),
      [("hashes", [.string(mnemonic), .string(single)]), ("signatures", signatures)])
    try add(
      4, adaOperations(4, from: addresses, to: keyAddress),
      [
        ("hashes", [.string(mnemonic)]), ("withdrawalId", "61dc00000000000000000099"),
        ("signatures", signatures),
      ])
    let records = try stages(run)
    try expectSent(records, 4, run)
    for record in records { #expect(record["result"]?["txId"] == record["signed"]?["txId"]) }
    let paths = (try run.sandbox.look("log").array ?? []).compactMap { $0["path"]?.string }
    #expect(paths.filter { $0 == "/v3/offchain/withdrawal/broadcast" }.count == 1)
    #expect(paths.filter { $0 == "/v3/ada/broadcast" }.count == 3)
  }

  /// The record that comes back has a context with a later time to live; what is sent is what was signed.
  @Test func sendsTheBytesOfADAAgainThatDidNotArrive() throws {
    let run = try PipelineRun()
    let mnemonic = try run.vault.add("ADA", mnemonic: KeyedVault.TestKey.mnemonic)
    let secret = try SecretBytes(copying: Array(KeyedVault.TestKey.mnemonic.utf8))
    let scheme = try #require(SigningRegistry.chains["ADA"]?.wallets)
    let from = try scheme.key(kind: .mnemonic, secret: secret, index: 1, testnet: true).address
    try run.sandbox.control(
      "pending",
      [
        "id": "61dc00000000000000000001", "chain": "ADA", "hashes": [.string(mnemonic)], "index": 1,
        "serializedTransaction": .string(
          adaOperations(
            1, from: [from], to: "addr_test1vzfp68vn36ze5yz7x7evracmasuptjmz99qk4j23gun3pcqhlevq5"
          ).text),
      ])
    try run.sandbox.control("faults", ["kind": "status", "path": "/v3/ada/broadcast", "status": 503])
    let first = try #require(try stages(run, broadcast: ["--timeout", "2"]).first)
    #expect(first["error"]?["outcome"] == "unknown")
    try run.sandbox.control("faults", [])
    try run.sandbox.control("mine", [:])
    let second = try #require(try stages(run).first)
    #expect(second["signed"]?["reused"] == true && second["context"]?["ttl"] != first["context"]?["ttl"])
    #expect(second["result"]?["txId"] == first["signed"]?["txId"])
    try expectSent([second], 1, run)
  }

  private func flow(
    _ run: PipelineRun, _ id: Int, _ wallet: String, _ type: Int, _ body: JSONValue, index: JSONValue = .null,
    account: String = flowAccount
  ) throws {
    var object = body.object ?? JSONObject()
    object["account"] = .string(account)
    let serialized: JSONValue = ["type": .number(JSONNumber(type)), "body": .object(object)]
    try run.sandbox.control(
      "pending",
      [
        "id": .string("61dc0000000000000000000\(id)"), "chain": "FLOW", "hashes": [.string(wallet)],
        "index": index, "serializedTransaction": .string(serialized.text),
      ])
  }

  @Test func sendsFLOWOfAllTypes() throws {
    let run = try PipelineRun()
    let single = try run.vault.add("FLOW", key: Self.flowKey)
    // The same key, at index 1 of the mnemonic.
    let mnemonic = try run.vault.add("FLOW", mnemonic: KeyedVault.TestKey.mnemonic)
    let other = try run.vault.add("FLOW", key: "1")
    // The wallet's key is not the account's first one.
    let keys: JSONValue = [
      ["publicKey": .string(String(repeating: "1", count: 128))],
      ["publicKey": .string(Self.flowPublicKey), "keyId": 2],
    ]
    try run.sandbox.control("state", ["chains": ["FLOW": ["accounts": [Self.flowAccount: keys]]]])
    let to: JSONValue = "0x21cbd745a4df66f1"
    try flow(run, 1, single, 2, ["to": to, "amount": "0.001", "currency": "FLOW"])
    try flow(run, 2, mnemonic, 2, ["to": to, "amount": "12.5", "currency": "FUSD"], index: 1)
    try flow(run, 3, single, 0, ["publicKey": .string(Self.flowPublicKey)])
    try flow(run, 4, single, 4, ["to": to, "url": "ipfs://ž", "contractAddress": "t"])
    try flow(run, 5, single, 6, ["tokenId": "196", "contractAddress": "t"])
    try flow(run, 6, single, 7, ["tokenId": "196", "to": to])
    try flow(run, 9, single, 5, ["to": [to, to], "url": ["a", "b"], "contractAddress": "t"])
    try flow(run, 0, single, 1, ["publicKey": .string(Self.flowPublicKey)])
    // Refused here: a script of the server, and a key that is not the account's.
    try flow(run, 7, single, 8, ["transaction": "transaction {}", "args": []])
    try flow(run, 8, other, 2, ["to": to, "amount": "1", "currency": "FLOW"])
    let node = ["--node-url", "FLOW=" + run.sandbox.url + "/flow"]
    let records = try stages(run, fetch: node, broadcast: node)
    #expect(
      records.compactMap(\.error?.code.rawValue).sorted() == ["custom-script-refused", "key-not-sender"])
    #expect(records.allSatisfy { $0["signed"]?["payloadSignature"]?["keyId"].map { $0 == "2" } != false })
    try expectSent(records.filter { $0.error == nil }, 8, run)
    // All proposal keys came back, also those of what was refused.
    let chains = try run.sandbox.look("chains")
    #expect(chains["FLOW"]?["lent"] == [])
    #expect(chains["FLOW"]?["executed"]?.array?.count == 8)
  }

  @Test func doesNotPayTwiceWhenTheAPIForgets() throws {
    let run = try PipelineRun()
    let wallet = try run.vault.add("FLOW", key: Self.flowKey)
    try run.sandbox.control(
      "state",
      ["chains": ["FLOW": ["accounts": [Self.flowAccount: ["publicKey": .string(Self.flowPublicKey)]]]]])
    let node = ["--node-url", "FLOW=" + run.sandbox.url + "/flow"]
    let body: JSONValue = ["to": "0x21cbd745a4df66f1", "amount": "1", "currency": "FLOW"]
    try flow(run, 1, wallet, 2, body)
    let first = try #require(try stages(run, fetch: node, broadcast: node).first)
    #expect(first["result"]?["txId"] != nil)
    // It is pending again: the same payload, the same transaction.
    try flow(run, 1, wallet, 2, body)
    let second = try #require(try stages(run, fetch: node, broadcast: node).first)
    #expect(second["signed"]?["reused"]?.bool == true)
    #expect(second["result"]?["txId"] == first["result"]?["txId"])
    #expect(try run.sandbox.look("chains")["FLOW"]?["executed"]?.array?.count == 1)
    #expect(try run.sandbox.look("chains")["FLOW"]?["lent"] == [])
  }
}
