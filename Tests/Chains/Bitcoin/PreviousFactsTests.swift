import KMSPrimitives
import KMSRecords
import Testing

@testable import KMSChains

/// How kms-fetch finds the transactions that made what is spent: what the API and nodes say is held against the id.
@Suite struct PreviousFactsTests {
  private let transaction = AmountProofTests.previous([(123_456_789, [0x51]), (7, [0x52])], witness: true)
  private var hex: String { Hex.encode(transaction.encoded()) }
  private var stripped: String { Hex.encode(transaction.encoded(includingWitness: false)) }

  private func facts(_ chain: String, testnet: Bool = false) throws -> PreviousFacts {
    PreviousFacts(try BitcoinVectors.parameters(chain), testnet: testnet)
  }

  /// Holds the dialogue with `answer`; the calls that were made, and what came of it.
  private func hold(
    _ chain: String, testnet: Bool = false, _ answer: (Call) -> Answer
  ) throws -> (calls: [String], fact: Result<Fact, DialogueFailure>) {
    var calls: [String] = []
    var dialogue = try facts(chain, testnet: testnet).transaction(transaction.id).find(Need.Given())
    while true {
      switch dialogue {
      case .ask(let call, let then):
        calls.append(call.method == .get ? call.path : "\(call.path) \(call.body?["method"]?.string ?? "")")
        dialogue = .catching { () throws(DialogueFailure) in try then(answer(call)) }
      case .done(let fact): return (calls, .success(fact))
      case .failed(let failure): return (calls, .failure(failure))
      default:
        Issue.record("other steps than questions")
        return (calls, .failure(.notUnderstood(asking: "")))
      }
    }
  }

  private func raw(_ held: (calls: [String], fact: Result<Fact, DialogueFailure>)) throws -> String? {
    try held.fact.get()["raw"]?.string
  }

  private let unknown = Answer.failure(
    .refused(status: 403, code: "tx.not.found", words: NetworkWords("Transaction not found", code: nil)))

  @Test func bitcoinTellsTheBytes() throws {
    let held = try hold("BTC") { _ in .json(["hex": .string(hex)]) }
    #expect(try raw(held) == stripped)
    #expect(held.calls == ["/v3/bitcoin/transaction/\(transaction.id)"])
  }

  @Test(arguments: [
    ("LTC", "litecoin-core"), ("DOGE", "doge"), ("BCH", "bch"), ("BTC", "bitcoin"),
  ])
  func nodesTellTheBytes(_ chain: String, _ node: String) throws {
    for testnet in [false, true] {
      let held = try hold(chain, testnet: testnet) { call in
        call.method == .post ? .json(["jsonrpc": "2.0", "id": 1, "result": .string(hex)]) : unknown
      }
      #expect(try raw(held) == stripped)
      #expect(
        held.calls.last == "/v3/blockchain/node/\(node)-\(testnet ? "testnet" : "mainnet") getrawtransaction")
    }
  }

  private func members(_ form: String, value: (UInt64) -> JSONValue) -> JSONValue {
    let input = transaction.inputs[0], id = Hex.encode(input.outPoint.hash.reversed())
    let isCore = form == "core"
    return [
      "version": 2, "locktime": 650_000,
      isCore ? "vin" : "inputs": [
        isCore
          ? [
            "txid": .string(id), "vout": 3, "scriptSig": ["hex": ""], "sequence": 4_294_967_294,
          ]
          : ["prevout": ["hash": .string(id), "index": 3], "script": "", "sequence": 4_294_967_294]
      ],
      isCore ? "vout" : "outputs": .array(
        transaction.outputs.enumerated().map { i, output in
          isCore
            ? [
              "n": .number(JSONNumber(i)), "value": value(output.value),
              "scriptPubKey": ["hex": .string(Hex.encode(output.script))],
            ] : ["value": value(output.value), "script": .string(Hex.encode(output.script))]
        }),
    ]
  }

  @Test(arguments: ["LTC", "DOGE", "BCH", "BTC"], ["core", "bcoin"])
  func membersAreMadeIntoTheBytes(_ chain: String, _ form: String) throws {
    let texts: [(UInt64) -> JSONValue] = [
      { .number(JSONNumber($0)) },  // satoshi
      { $0 == 7 ? "0.00000007" : "1.23456789" },
      { (try? JSONValue(parsing: $0 == 7 ? "7e-8" : "1.23456789")) ?? .null },
    ]
    for value in texts {
      let held = try hold(chain) { call in
        call.method == .get ? .json(members(form, value: value)) : unknown
      }
      #expect(try raw(held) == stripped)
    }
  }

  /// Nobody can make the signer believe another amount: what has another id is no answer.
  @Test func anotherTransactionIsNoAnswer() throws {
    let other = Hex.encode(AmountProofTests.previous([(1, [0x51])]).encoded())
    for chain in BitcoinVectors.chains {
      let held = try hold(chain) { call in
        call.method == .get
          ? .json(["hex": .string(other)]) : .json(["result": .string(other)])
      }
      #expect(try raw(held) == nil)
      #expect(held.calls.count == 2)
    }
  }

  @Test func whatNobodyKnowsIsLeftOut() throws {
    for chain in BitcoinVectors.chains {
      #expect(try raw(hold(chain) { _ in unknown }) == nil)
      #expect(try raw(hold(chain) { _ in .json(["error": ["code": -5, "message": "No such"]]) }) == nil)
    }
  }

  /// Trouble passes: the transaction comes again with the next poll. A run that is over is over.
  @Test func troubleIsNoAnswer() throws {
    let held = try hold("BTC") { _ in .failure(.unavailable("HTTP 503")) }
    #expect(throws: DialogueFailure.self) { try held.fact.get() }
    #expect(held.calls.count == 2)
    let ended = try hold("BTC") { _ in .failure(.ended(.plan, "no credits")) }
    #expect(ended.calls.count == 1)
    guard case .failure(let failure) = ended.fact, case .ended = failure.kind else {
      Issue.record("the run goes on")
      return
    }
  }

  @Test func eachTransactionIsAskedForOnce() throws {
    let spender = BitcoinTransaction(
      version: 2,
      inputs: [0, 1, 0].enumerated().map { i, seed in
        .init(
          outPoint: .init(hash: [UInt8](repeating: UInt8(seed), count: 32), index: UInt32(i)),
          sequence: 0)
      }, outputs: [], lockTime: 0)
    #expect(try facts("LTC").needs(of: spender).count == 2)
  }
}
