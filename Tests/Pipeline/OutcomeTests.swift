import Foundation
import KMSChains
import KMSRecords
import Testing

/// What the answers of each chain's node software become: the record, the report, and the next poll. Whole programs; the
/// sandbox says what a node would.
@Suite struct OutcomeTests {
  /// Words of a chain's node software.
  private struct Words {
    /// It has the transaction, or may have it.
    let there: String
    let held: String
    let refused: String

    init(_ there: String, _ held: String, _ refused: String) {
      self.there = there
      self.held = held
      self.refused = refused
    }

    static func of(_ chain: String) -> Words {
      switch chain {
      case "BTC", "LTC", "DOGE", "BCH":
        Words("txn-already-in-mempool", "66: mempool min fee not met", "16: bad-txns-in-belowout")
      case "XRP":
        Words("tefALREADY: The exact transaction was already in this ledger.", "terQUEUED", "temBAD_FEE")
      case "XLM": Words("tx_status: DUPLICATE", "tx_insufficient_fee", "tx_bad_auth")
      case "TRON":
        Words("DUP_TRANSACTION_ERROR", "TAPOS_ERROR", "5349474552524f52202d2076616c6964617465 SIGERROR")
      case "VET":
        Words(
          "tx rejected: known tx", "tx rejected: tx is not executable",
          "bad tx: intrinsic gas exceeds provided gas")
      case "BNB":
        Words(
          "Tx already exists in cache", "Invalid sequence. Got 9, expected 7", "signature verification failed"
        )
      case "ALGO":
        Words(
          "TransactionPool.Remember: transaction already in ledger: 5P7F",
          "fee 1000 below threshold 2500 (10 per byte * 250 bytes)",
          "TransactionPool.Remember: transaction 5P7F: overspend (account ABC, data {}, tried to spend {1000})"
        )
      case "EGLD":
        Words(
          "transaction generation failed: invalid transaction lowerNonceInTx: true, veryHighNonceInTx: false",
          "transaction generation failed: invalid transaction lowerNonceInTx: false, veryHighNonceInTx: true",
          "transaction generation failed: insufficient funds, for address: erd1")
      case "ADA":
        Words(
          "All inputs are spent. Transaction has probably already been included",
          "OutsideValidityIntervalUTxO (ValidityInterval {invalidBefore = SJust (SlotNo 300)}) (SlotNo 200)",
          "UtxoFailure (FeeTooSmallUTxO (Mismatch {mismatchSupplied = Coin 1}))")
      case "SOL":
        Words(
          "Transaction simulation failed: This transaction has already been processed",
          "Transaction simulation failed: Blockhash not found",
          "Transaction simulation failed: Insufficient funds for fee")
      case "FLOW":
        Words(
          "transaction already exists", "invalid transaction: unknown reference block",
          "invalid transaction: transaction is missing required fields: [script]")
      default:
        Words("already known", "replacement transaction underpriced", "INTERNAL_ERROR: intrinsic gas too low")
      }
    }
  }

  /// What a chain's node says to a broadcast, with what surrounds it on its way here; `kind` as faults have it.
  private func fault(_ chain: String, _ kind: String, _ words: String) -> JSONValue {
    var fault = JSONObject()
    fault["kind"] = .string(kind)
    fault["of"] = "broadcast"
    fault["chain"] = .string(chain)
    fault["status"] = 403
    var body: JSONValue = [
      "statusCode": 403, "errorCode": .string("\(chain.lowercased()).broadcast.failed"),
      "message": "Unable to broadcast transaction.", "cause": .string(words),
    ]
    switch chain {
    case "SOL":
      fault["path"] = "/v3/blockchain/node/"
      fault["status"] = 200
      body = ["jsonrpc": "2.0", "id": 1, "error": ["code": -32002, "message": .string(words)]]
    case "FLOW":
      fault["path"] = "/flow/v1/transactions"
      fault["status"] = 400
      body = ["code": 400, "message": .string(words)]
    case "LTC":
      // A withdrawal, whose path names no chain.
      fault["chain"] = nil
      fault["path"] = "/v3/offchain/withdrawal/broadcast"
    case "ADA": fault["path"] = "/v3/ada/broadcast"
    default: break
    }
    fault["body"] = .string(body.text)
    return .object(fault)
  }

  private struct World {
    let demo: DemoRun
    let templates: [String: JSONValue]
    var run: PipelineRun { demo.run }

    init() throws {
      demo = try DemoRun()
      templates = try demo.scene()
    }

    func add(_ number: Int) throws {
      for (chain, template) in templates {
        try run.sandbox.control("pending", AnyNumber.pending(chain, number, from: template))
      }
    }

    /// One poll of all chains; gives the records by chain.
    func poll() throws -> [String: Record] {
      let fetched = try demo.fetch(testnet: true)
      let signed = try run.sign(run.verify(fetched.outputText).outputText)
      #expect(signed.status == 0, "\(signed.errorText)")
      let records = try demo.broadcast(signed.outputText).records
      return Dictionary(uniqueKeysWithValues: records.map { ($0.chain, $0) })
    }

    func reported() throws -> [String] {
      (try run.sandbox.look("errors").array ?? []).compactMap { $0["signatureId"]?.string }
    }

    func pending() throws -> Set<String> {
      Set((try run.sandbox.look("pending").array ?? []).compactMap { $0["chain"]?.string })
    }
  }

  private static let all = Set(ChainRegistry.names.all)

  @Test(.timeLimit(.minutes(20))) func everyOutcomeOnEveryChain() throws {
    let world = try World()
    // Accepted.
    try world.add(0)
    for (chain, record) in try world.poll() {
      #expect(record["result"] != nil, "\(chain): \(record.error?.description ?? "")")
    }
    #expect(try world.pending() == [] && world.reported() == [])

    // Trouble, and held: unknown, unreported, pending; the same bytes at the next poll, which sends them.
    for (number, isHeld) in [(1, false), (2, true)] {
      try world.add(number)
      for chain in ChainRegistry.names.all {
        let words =
          isHeld ? Words.of(chain).held : "Unable to communicate with blockchain. timeout of 30000ms exceeded"
        try world.run.sandbox.control("faults", ["add": [fault(chain, "status", words)]])
      }
      let first = try world.poll()
      #expect(Set(first.keys) == Self.all)
      for (chain, record) in first {
        #expect(record.error?.outcome == .unknown, "\(chain): \(record.error?.description ?? "sent")")
        #expect(record.error?.stage == .broadcast, "\(chain)")
        if isHeld {
          #expect(record.error?.code == .heldByNetwork, "\(chain): \(record.error?.description ?? "")")
        }
      }
      #expect(try world.reported() == [] && world.pending() == Self.all)
      try world.run.sandbox.control("faults", [])
      for (chain, record) in try world.poll() {
        #expect(record["result"] != nil, "\(chain): \(record.error?.description ?? "")")
        #expect(record["signed"]?["reused"] == true, "\(chain)")
        #expect(record["signed"]?["txData"] == first[chain]?["signed"]?["txData"], "\(chain)")
      }
      #expect(try world.pending() == [] && world.reported() == [])
    }

    // The network has it, and the node says that it has it already: looked up, and sent.
    try world.add(3)
    for chain in ChainRegistry.names.all {
      let spoiled = fault(chain, "status-after", Words.of(chain).there)
      try world.run.sandbox.control("faults", ["add": [spoiled]])
    }
    for (chain, record) in try world.poll() {
      #expect(record["result"] != nil, "\(chain): \(record.error?.description ?? "")")
    }
    try world.run.sandbox.control("faults", [])
    #expect(try world.pending().subtracting(["SOL"]) == [] && world.reported() == [])
    _ = try world.poll()
    #expect(try world.pending() == [])

    // Refused for good: failed and reported, once each.
    try world.add(4)
    for chain in ChainRegistry.names.all {
      try world.run.sandbox.control("faults", ["add": [fault(chain, "status", Words.of(chain).refused)]])
    }
    for (chain, record) in try world.poll() {
      #expect(record.error?.outcome == .failed, "\(chain): \(record.error?.description ?? "sent")")
      #expect(record.error?.code == .broadcastRejected, "\(chain)")
    }
    #expect(try world.reported().sorted() == ChainRegistry.names.all.map { AnyNumber.id($0, 4) }.sorted())
    // The network has the others, each once, whoever told the API.
    var made: [String: Set<String>] = [:]
    for item in try world.run.sandbox.look("pending?all=true").array ?? [] {
      guard let txID = item["txId"]?.string else { continue }
      made[item["chain"]?.string ?? "", default: []].insert(txID)
    }
    for chain in ChainRegistry.names.all { #expect(made[chain]?.count == 4, "\(chain)") }
  }
}
