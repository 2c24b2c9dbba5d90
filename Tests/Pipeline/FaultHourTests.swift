import Foundation
import KMSRecords
import Testing

/// An API in trouble, for a while: lost answers, wrappers, 429, 5xx, resets, cut bodies, credits used up and back.
///
/// Every pending transaction ends exactly once: it is on the chain once, as it was asked for, or it was reported, once its
/// owner has seen that it can't be done. `KMS_FAULT_POLLS=2000 KMS_FAULT_SEED=7 swift test --filter FaultHourTests` makes it
/// long; the seed chooses faults and times.
@Suite struct FaultHourTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let polls = environment["KMS_FAULT_POLLS"].flatMap { Int($0) } ?? 10
  /// Whether wrappers are among the faults: `KMS_FAULT_WRAPPERS=1`.
  private static let hasWrappers = environment["KMS_FAULT_WRAPPERS"] == "1"
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
    ["kind": "status", "of": "completion", "answer": "internal-error", "oneIn": 2],
    ["kind": "status", "answer": "too-many", "retryAfter": 0, "oneIn": 4],
    ["kind": "status", "answer": "internal-error", "oneIn": 4],
    ["kind": "status", "answer": "bad-gateway", "oneIn": 4], ["kind": "reset-before", "oneIn": 4],
    ["kind": "hang", "of": "facts", "chain": "ETH", "oneIn": 2], ["kind": "lagging-nonce", "oneIn": 2],
  ]

  /// The API's own trouble in the clothes of a refusal: 403 wrappers and used-up credits (decision 22).
  private static let wrappers: [JSONValue] = [
    ["kind": "status-after", "of": "broadcast", "answer": "broadcast-timeout", "oneIn": 3],
    ["kind": "status-after", "of": "broadcast", "answer": "unreachable-node", "oneIn": 3],
    ["kind": "status", "of": "broadcast", "answer": "unexpected-error", "oneIn": 3],
    ["kind": "status", "of": "facts", "answer": "unexpected-error", "oneIn": 3],
    ["kind": "status", "of": "facts", "answer": "unreachable-node", "oneIn": 2],
    ["kind": "status", "of": "lookup", "answer": "unreachable-node", "oneIn": 2],
    ["kind": "status", "answer": "credits", "oneIn": 2], ["kind": "status", "answer": "credits"],
  ]

  /// A sender whose transactions its chain refuses for good: it has nothing.
  private static let poor = "0x68f7f1d4b05b8b9a6e4e3cbd6cd6b9a1fc0c3c0ad3ad9a1d9d1d1fc1d5b4c3a2"

  private func poll(_ run: PipelineRun) throws {
    let fetched = try run.fetch(["--timeout", "1"])
    let signed = try run.sign(run.verify(fetched.outputText).outputText)
    let sent = try run.broadcast(signed.outputText, ["--timeout", "1"])
    #expect(sent.outputLines.count == fetched.outputLines.count)
    for result in [fetched, sent] { #expect([0, 69, 75].contains(result.status), "\(result.errorText)") }
  }

  /// What the owner of the transactions does: what was reported is taken back. Returns the ids.
  private func takeBack(_ run: PipelineRun, _ ended: inout [String: Int]) throws {
    let reports = (try run.sandbox.look("errors").array ?? []).compactMap { $0["signatureId"]?.string }
    let pending = Set((try run.sandbox.look("pending").array ?? []).compactMap { $0["id"]?.string })
    for id in Set(reports).intersection(pending) {
      try run.sandbox.control("remove", ["id": .string(id)])
      ended[id, default: 0] += 1
    }
  }

  @Test(.timeLimit(.minutes(240))) func everyTransactionEndsExactlyOnce() throws {
    var chance = Chance(state: Self.seed)
    let run = try PipelineRun()
    let poorWallet = try run.vault.add("ETH", key: Self.poor)
    let bsc = try run.vault.add("BSC", key: KeyedVault.TestKey.eth)
    try run.sandbox.control(
      "state",
      [
        "chains": [
          "ETH": ["onlyKnownAccounts": true, "accounts": [KeyedVault.TestKey.ethAddress: ["nonce": 3]]]
        ]
      ])
    var good: [String] = [], bad: [String] = [], ended: [String: Int] = [:]
    var added = 0
    func add(_ chain: String, _ wallet: String) throws -> String {
      added += 1
      let id = "61dc0000000000000\(1_000_000 + added)"
      let transaction: JSONValue = [
        "to": "0x687422eea2cb73b5d3e242ba5456b782919afc85", "value": .string(String(1000 + added)),
      ]
      try run.sandbox.control(
        "pending",
        [
          "id": .string(id), "chain": .string(chain), "hashes": [.string(wallet)], "index": .null,
          "serializedTransaction": .string(transaction.text),
        ])
      return id
    }
    for number in 0..<Self.polls {
      good.append(try add("ETH", run.eth))
      good.append(try add("BSC", bsc))
      if number % 4 == 0 { bad.append(try add("ETH", poorWallet)) }
      let chosen = (Self.faults + (Self.hasWrappers ? Self.wrappers : [])).shuffled(using: &chance).prefix(
        Int.random(in: 0...4, using: &chance))
      try run.sandbox.control("faults", [])
      try run.sandbox.control(
        "faults",
        [
          "add": .array(Array(chosen)),
          "seed": .number(JSONNumber(UInt32.random(in: 0...UInt32.max, using: &chance))),
        ])
      try poll(run)
      try takeBack(run, &ended)
      if Bool.random(using: &chance) { try run.sandbox.control("mine") }
    }
    try run.sandbox.control("faults", [])
    for _ in 0..<6 where try run.sandbox.look("pending").array?.isEmpty == false {
      try poll(run)
      try takeBack(run, &ended)
      try run.sandbox.control("mine")
    }
    let left = (try run.sandbox.look("pending").array ?? []).compactMap { $0["id"]?.string }
    #expect(left == [], "seed \(Self.seed): nothing stays for ever")
    let sent = try run.sandbox.look("broadcasts").array ?? []
    let counts = Dictionary(grouping: sent) { $0["signatureId"]?.string ?? "" }.mapValues(\.count)
    for id in good {
      #expect(counts[id] == 1, "seed \(Self.seed): \(id) is on the chain \(counts[id] ?? 0) times")
    }
    #expect(sent.allSatisfy { $0["mismatches"] == [] })
    for id in good { #expect(ended[id] == nil, "seed \(Self.seed): \(id) was reported, and is on the chain") }
    for id in bad {
      #expect(counts[id] == nil && ended[id] == 1, "seed \(Self.seed): \(id) was refused for good")
    }
  }
}
