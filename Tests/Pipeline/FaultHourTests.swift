import Foundation
import KMSChains
import KMSRecords
import Testing

/// An API in trouble, for a while, on all chains: lost answers, 403 wrappers, 429, 5xx, resets, cut bodies, hangs, credits
/// used up and back.
///
/// Every pending transaction ends exactly once: it is on the chain once, as it was asked for, or it was reported, once its
/// owner has seen that it can't be done. `KMS_FAULT_MINUTES=60 KMS_FAULT_SEED=7 swift test --filter FaultHourTests` makes it
/// long; the seed chooses faults and times.
@Suite struct FaultHourTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let minutes = environment["KMS_FAULT_MINUTES"].flatMap { Double($0) }
  private static let polls = environment["KMS_FAULT_POLLS"].flatMap { Int($0) } ?? 5
  private static let seed = environment["KMS_FAULT_SEED"].flatMap { UInt64($0) } ?? 20_261_126

  private struct Chance: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var z = state
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      return z ^ (z >> 31)
    }
  }

  /// Faults as they come: each concerns some of the requests, and comes and goes with the polls.
  private static let faults: [JSONValue] = [
    ["kind": "lost-answer", "of": "broadcast", "oneIn": 3],
    ["kind": "reset-after", "of": "broadcast", "oneIn": 3],
    ["kind": "cut-off", "of": "broadcast", "oneIn": 3],
    ["kind": "hang-after", "of": "broadcast", "oneIn": 4],
    ["kind": "failed-true", "oneIn": 2], ["kind": "truncated-json", "oneIn": 5],
    ["kind": "wrong-json", "of": "broadcast", "oneIn": 5],
    ["kind": "status", "of": "completion", "answer": "internal-error", "oneIn": 2],
    ["kind": "status", "answer": "too-many", "retryAfter": 0, "oneIn": 4],
    ["kind": "status", "answer": "internal-error", "oneIn": 4],
    ["kind": "status", "answer": "bad-gateway", "oneIn": 4], ["kind": "reset-before", "oneIn": 4],
    ["kind": "hang", "of": "facts", "oneIn": 9], ["kind": "hang", "of": "list", "oneIn": 9],
    ["kind": "hang", "of": "lookup", "oneIn": 4], ["kind": "cut-off", "of": "list", "oneIn": 4],
    ["kind": "reset-after", "oneIn": 6], ["kind": "lagging-nonce", "oneIn": 2],
    // The API's own trouble in the clothes of a refusal (decision 22).
    ["kind": "status-after", "of": "broadcast", "answer": "broadcast-timeout", "oneIn": 3],
    ["kind": "status-after", "of": "broadcast", "answer": "unreachable-node", "oneIn": 3],
    ["kind": "status", "of": "broadcast", "answer": "unexpected-error", "oneIn": 3],
    ["kind": "status", "of": "facts", "answer": "unexpected-error", "oneIn": 3],
    ["kind": "status", "of": "facts", "answer": "unreachable-node", "oneIn": 2],
    ["kind": "status", "of": "lookup", "answer": "unreachable-node", "oneIn": 2],
    ["kind": "status", "answer": "credits", "oneIn": 2], ["kind": "status", "answer": "credits"],
    ["kind": "status-after", "of": "broadcast", "answer": "credits", "oneIn": 3],
    ["kind": "status", "answer": "subscription", "oneIn": 6],
  ]

  /// A sender whose transactions its chain refuses for good: it has nothing.
  private static let poor = "0x68f7f1d4b05b8b9a6e4e3cbd6cd6b9a1fc0c3c0ad3ad9a1d9d1d1fc1d5b4c3a2"

  /// What is pending and what became of it.
  private struct World {
    let run: PipelineRun
    let templates: [String: JSONValue]
    let poorWallet: String
    var good: [String: String] = [:]
    var bad: [String] = []
    var ended: [String: Int] = [:]
    /// What was pending no more, each once.
    var settled: Set<String> = []

    init() throws {
      let demo = try DemoRun()
      run = demo.run
      templates = try demo.scene()
      poorWallet = try run.vault.add("KCS", key: FaultHourTests.poor)
      let ripple = try #require(templates["XRP"]?["transaction"]?["Account"]?.string)
      let stellar = try #require(
        templates["XLM"]?["transaction"]?.string.flatMap { Data(base64Encoded: $0) })
      // Which numbers come first: else the first transaction that gets in would say so.
      try run.sandbox.control(
        "state",
        [
          "chains": [
            "KCS": ["onlyKnownAccounts": true], "XRP": ["accounts": [ripple: ["sequence": "123"]]],
            "XLM": ["accounts": [StrKey.address(of: Array(stellar[8..<40])): ["sequence": "123"]]],
          ]
        ])
    }

    /// One new transaction of each chain, and now and then some that can't be done.
    mutating func add(_ number: Int) throws {
      for (chain, template) in templates {
        let pending = try AnyNumber.pending(chain, number, from: template)
        good[AnyNumber.id(chain, number)] = chain
        try run.sandbox.control("pending", pending)
      }
      guard number % 4 == 0 else { return }
      // The chain refuses it: its sender has nothing. The signer refuses the others: nothing can be read there.
      let transfer: JSONValue = [
        "to": "0x687422eea2cb73b5d3e242ba5456b782919afc85", "value": .string(String(1000 + number)),
        "gas": "21000",
      ]
      try addBad("KCS", "61dc000000000001\(10_000_000 + number)", [.string(poorWallet)], transfer.text)
      for (place, (chain, template)) in templates.sorted(by: { $0.key < $1.key }).enumerated() {
        let id = "61dc0000000000\(10 + place)\(10_000_000 + number)"
        try addBad(chain, id, template["hashes"]?.array ?? [], "nothing that \(chain) knows")
      }
    }

    private mutating func addBad(_ chain: String, _ id: String, _ wallets: [JSONValue], _ text: String) throws
    {
      bad.append(id)
      try run.sandbox.control(
        "pending",
        [
          "id": .string(id), "chain": .string(chain), "hashes": .array(wallets), "index": .null,
          "serializedTransaction": .string(text),
        ])
    }

    /// The four stages.
    func poll() throws {
      let nodes = ["--node-url", "FLOW=" + run.sandbox.url + "/flow"]
      let fetched = try run.fetch(
        ["--timeout", "1", "--node-url", "VET=" + run.sandbox.url + "/vechain"] + nodes)
      let signed = try run.sign(run.verify(fetched.outputText).outputText)
      let sent = try run.broadcast(signed.outputText, ["--timeout", "1"] + nodes)
      #expect(sent.outputLines.count == fetched.outputLines.count)
      for result in [fetched, sent] {
        #expect([0, 69, 75, 77].contains(result.status), "\(result.errorText)")
      }
    }

    /// What the owner of the transactions does: what was reported is taken back.
    mutating func takeBack() throws {
      let errors = try run.sandbox.look("errors").array ?? []
      let reports = errors.compactMap { $0["signatureId"]?.string }
      let pending = Set((try run.sandbox.look("pending").array ?? []).compactMap { $0["id"]?.string })
      for id in Set(reports).intersection(pending) {
        try run.sandbox.control("remove", ["id": .string(id)])
        ended[id, default: 0] += 1
        guard let chain = good[id] else { continue }
        let words = errors.filter { $0["signatureId"]?.string == id }.map(\.text)
        Issue.record("\(chain) \(id) was reported: \(words)")
      }
    }

    /// Compares what is on the chains with what was asked for.
    func check(_ seed: UInt64) throws {
      let left = try run.sandbox.look("pending").array ?? []
      let names = left.map { "\($0["chain"]?.string ?? "") \($0["id"]?.string ?? "")" }
      #expect(names.sorted() == [], "seed \(seed): nothing stays for ever")
      let sent = try run.sandbox.look("broadcasts").array ?? []
      // The API may be told twice of what is on the chain (SOL), or told by marking it as complete (FLOW): what counts is
      // that there is one transaction.
      var made: [String: Set<String>] = [:]
      for entry in sent {
        made[entry["signatureId"]?.string ?? "", default: []].insert(entry["txId"]?.string ?? "")
      }
      for item in try run.sandbox.look("pending?all=true").array ?? [] {
        guard let id = item["id"]?.string, let chain = good[id] else { continue }
        let txID = item["txId"]?.string ?? ""
        #expect(!txID.isEmpty, "seed \(seed): \(chain) \(id) is not done")
        made[id, default: []].insert(txID)
      }
      for (id, chain) in good {
        #expect(made[id]?.count == 1, "seed \(seed): \(chain) \(id) is \(made[id] ?? [])")
      }
      let all = good.keys.flatMap { made[$0] ?? [] }
      #expect(Set(all).count == all.count, "two of them are one payment")
      for entry in sent {
        let isRight = entry["mismatches"] == []
        #expect(isRight, "seed \(seed): \(entry["chain"]?.string ?? "") \(entry["mismatches"]?.text ?? "")")
      }
      for id in good.keys {
        #expect(ended[id] == nil, "seed \(seed): \(id) was reported, and is on the chain")
      }
      for id in bad {
        #expect(made[id] == nil && ended[id] == 1, "seed \(seed): \(id) was refused for good")
      }
    }
  }

  @Test(.timeLimit(.minutes(240))) func everyTransactionEndsExactlyOnce() throws {
    var chance = Chance(state: Self.seed)
    var world = try World()
    let end = Self.minutes.map { Date().addingTimeInterval($0 * 60) }
    var number = 0
    while end.map({ Date() < $0 }) ?? (number < Self.polls) {
      try world.add(number)
      number += 1
      let chosen = Self.faults.shuffled(using: &chance).prefix(Int.random(in: 0...4, using: &chance))
      try world.run.sandbox.control("faults", [])
      try world.run.sandbox.control(
        "faults",
        [
          "add": .array(Array(chosen)),
          "seed": .number(JSONNumber(UInt32.random(in: 0...UInt32.max, using: &chance))),
        ])
      try world.poll()
      try world.takeBack()
      if Bool.random(using: &chance) { try world.run.sandbox.control("mine") }
    }
    try world.run.sandbox.control("faults", [])
    for _ in 0..<8 where try world.run.sandbox.look("pending").array?.isEmpty == false {
      try world.poll()
      try world.takeBack()
      try world.run.sandbox.control("mine")
    }
    try world.check(Self.seed)
    if Self.minutes != nil {
      print("\(number) polls, \(world.good.count) transactions, \(world.bad.count) that can't be done")
    }
  }
}
