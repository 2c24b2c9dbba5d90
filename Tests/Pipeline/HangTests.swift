import Foundation
import KMSChains
import KMSRecords
import Testing

/// One chain that hangs, in each place where it can: the others' transactions are sent while it still hangs.
///
/// `KMS_HANG=all swift test --filter HangTests` hangs each of the 22 chains in each place, and prints how long the others
/// took, beside runs in which nothing hung.
@Suite(.serialized) struct HangTests {
  /// Where a chain hangs.
  enum Place: String, CaseIterable {
    case list, facts, broadcast
    /// The answer about its transaction.
    case approver
  }

  private static let isLong = ProcessInfo.processInfo.environment["KMS_HANG"] == "all"
  /// In the suite: each place with chains whose dialogues differ, each chain once.
  private static let short: [(chain: String, place: Place)] = [
    ("BTC", .list), ("FLOW", .list), ("ETH", .facts), ("VET", .facts), ("ADA", .facts), ("SOL", .broadcast),
    ("XRP", .broadcast), ("BSC", .broadcast), ("TRON", .approver),
  ]

  /// A vault with wallets of all chains, and their transactions.
  private struct Scene {
    let run: PipelineRun
    let templates: [String: JSONValue]
    var round = 0

    init() throws {
      let demo = try DemoRun()
      run = demo.run
      templates = try demo.scene()
    }

    /// Has one new transaction of each chain pending, and hangs `chain`; gives the ids by chain.
    mutating func prepare(_ chain: String?, _ place: Place) throws -> [String: String] {
      var ids: [String: String] = [:]
      for (name, template) in templates {
        let pending = try AnyNumber.pending(name, round, from: template)
        ids[name] = pending["id"]?.string
        try run.sandbox.control("pending", pending)
      }
      round += 1
      try run.sandbox.control("faults", [])
      guard let chain else { return ids }
      var fault = JSONObject()
      fault["kind"] = "hang"
      if place == .approver {
        fault["path"] = .string("/approve/\(ids[chain] ?? "")")
      } else {
        fault["chain"] = .string(chain)
        fault["of"] = .string(place.rawValue)
      }
      try run.sandbox.control("faults", .object(fault))
      return ids
    }

    var arguments: [String] {
      [
        "--testnet", "--external-url", run.sandbox.url + "/approve", "--node-url",
        "VET=" + run.sandbox.url + "/vechain",
        "--node-url", "FLOW=" + run.sandbox.url + "/flow", "--timeout", "600",
      ]
    }

    /// The ids of what is done.
    func done() throws -> Set<String> {
      let left = Set((try run.sandbox.look("pending").array ?? []).compactMap { $0["id"]?.string })
      return Set(templates.keys.map { AnyNumber.id($0, round - 1) }).subtracting(left)
    }

    /// What was hung is sent after all, so that the next round begins with nothing.
    func heal() throws {
      try run.sandbox.control("faults", [])
      if try run.sandbox.look("pending").array?.isEmpty == true { return }
      let result = try run.startSupervisor(["--run-once"] + arguments).wait(timeoutSeconds: 120)
      let left = (try run.sandbox.look("pending").array ?? []).compactMap { $0["chain"]?.string }
      #expect(left == [], "\(result.errorText)")
    }
  }

  /// Runs one poll with a chain that hangs; gives the seconds in which all others were sent, nil when they were not.
  private func poll(_ scene: inout Scene, _ chain: String?, _ place: Place) throws -> (
    seconds: Double, left: [String]
  ) {
    let ids = try scene.prepare(chain, place)
    let wanted = Set(ids.filter { $0.key != chain }.map(\.value))
    let start = Date()
    let daemon = try scene.run.startSupervisor(["--run-once"] + scene.arguments)
    var done: Set<String> = []
    _ = try eventually(seconds: 120) {
      done = try scene.done()
      return done.isSuperset(of: wanted)
    }
    let seconds = Date().timeIntervalSince(start)
    let left = ids.filter { wanted.contains($0.value) && !done.contains($0.value) }.map(\.key).sorted()
    if !left.isEmpty { Issue.record("\(String(decoding: daemon.errorSoFar, as: UTF8.self))") }
    if let chain, let id = ids[chain], place != .facts || hasFacts(scene, chain) {
      #expect(!done.contains(id), "\(chain) hangs at \(place)")
    }
    daemon.send(SIGKILL)
    _ = daemon.wait()
    try scene.heal()
    return (seconds, left)
  }

  /// Whether the chain asks for facts at all: whether the fault was met.
  private func hasFacts(_ scene: Scene, _ chain: String) -> Bool {
    let log = (try? scene.run.sandbox.look("log").array) ?? []
    return log.contains { $0["chain"]?.string == chain && $0["fault"]?.string == "hang" }
  }

  @Test(.timeLimit(.minutes(60))) func theOthersAreSentWhileOneChainHangs() throws {
    var scene = try Scene()
    var alone: [Double] = []
    for _ in 0..<(Self.isLong ? 5 : 1) {
      let (seconds, left) = try poll(&scene, nil, .list)
      #expect(left == [])
      alone.append(seconds)
    }
    let cases =
      Self.isLong
      ? Place.allCases.flatMap { place in ChainRegistry.names.all.map { ($0, place) } } : Self.short
    var table: [String: [Place: Double]] = [:]
    for (chain, place) in cases {
      _ = try scene.run.sandbox.send("DELETE", "/sandbox/log")
      let (seconds, left) = try poll(&scene, chain, place)
      #expect(left == [], "while \(chain) hung at \(place)")
      table[chain, default: [:]][place] = seconds
    }
    guard Self.isLong else { return }
    print("nothing hangs: \(alone.map { String(format: "%.2f", $0) }.joined(separator: " ")) s")
    print("chain " + Place.allCases.map { "  " + $0.rawValue }.joined())
    for chain in ChainRegistry.names.all {
      let cells = Place.allCases.map { place in
        table[chain]?[place].map { String(format: "%8.2f", $0) } ?? "       -"
      }
      print(chain.padding(toLength: 6, withPad: " ", startingAt: 0) + cells.joined())
    }
  }

  /// From poll to poll: a chain hangs for good, the others go on.
  @Test(
    .timeLimit(.minutes(10)),
    arguments: [("DOGE", Place.list), ("ONE", .facts), ("XLM", .broadcast), ("EGLD", .approver)])
  func theOthersAreSentPollAfterPoll(chain: String, place: Place) throws {
    var scene = try Scene()
    let first = try scene.prepare(chain, place)
    let daemon = try scene.run.startSupervisor(["--period=1"] + scene.arguments)
    defer {
      daemon.send(SIGKILL)
      _ = daemon.wait()
    }
    func othersAreDone(_ ids: [String: String]) throws {
      let wanted = Set(ids.filter { $0.key != chain }.map(\.value))
      var done: Set<String> = []
      let isDone = try eventually(seconds: 120) {
        done = try scene.done()
        return done.isSuperset(of: wanted)
      }
      let missing = ids.filter { wanted.contains($0.value) && !done.contains($0.value) }.map(\.key)
      #expect(isDone, "\(missing.sorted()) \(String(decoding: daemon.errorSoFar, as: UTF8.self))")
    }
    try othersAreDone(first)
    for _ in 0..<2 {
      var ids: [String: String] = [:]
      for (name, template) in scene.templates where name != chain {
        let pending = try AnyNumber.pending(name, scene.round, from: template)
        ids[name] = pending["id"]?.string
        try scene.run.sandbox.control("pending", pending)
      }
      scene.round += 1
      try othersAreDone(ids)
    }
    let left = Set((try scene.run.sandbox.look("pending").array ?? []).compactMap { $0["chain"]?.string })
    #expect(left == [chain], "it hangs still")
  }
}
