import Foundation
import KMSChains
import KMSRecords
import Testing

/// One chain that hangs, in each place where it can: the others' transactions are sent while it still hangs, poll after poll.
///
/// `KMS_HANG=all swift test --filter HangTests` hangs each of the 22 chains in each place, and prints how long the others
/// took, beside rounds in which nothing hung.
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
    ("DOGE", .list), ("ETH", .facts), ("VET", .facts), ("ADA", .facts), ("SOL", .broadcast),
    ("XRP", .broadcast),
    ("EGLD", .approver),
  ]
  /// Far more than it takes: only a chain that waits for the one that hangs is not done by then.
  private static let patience: Double = 600

  /// A daemon with wallets of all chains, and their transactions.
  private final class Scene {
    let run: PipelineRun
    let daemon: ProgramProcess
    private let templates: [String: JSONValue]
    /// How many transactions of each chain there were: sequence numbers have no gaps.
    private var counts: [String: Int] = [:]

    init() throws {
      let demo = try DemoRun()
      run = demo.run
      templates = try demo.scene()
      daemon = try run.startSupervisor([
        "--period=1", "--testnet", "--external-url", run.sandbox.url + "/approve",
        "--node-url", "VET=" + run.sandbox.url + "/vechain",
        // What hangs hangs to the end.
        "--node-url", "FLOW=" + run.sandbox.url + "/flow", "--timeout", "3600",
      ])
    }

    deinit {
      daemon.send(SIGKILL)
      _ = daemon.wait()
    }

    /// The id of the next transaction of a chain.
    func nextID(_ chain: String) -> String { AnyNumber.id(chain, counts[chain, default: 0]) }

    /// Has one new transaction of each chain pending but for `left`; gives the ids by chain.
    func add(without left: String? = nil) throws -> [String: String] {
      var ids: [String: String] = [:]
      for (name, template) in templates where name != left {
        ids[name] = nextID(name)
        let number = counts[name, default: 0]
        try run.sandbox.control("pending", try AnyNumber.pending(name, number, from: template))
        counts[name] = number + 1
      }
      return ids
    }

    /// Lets requests of `chain` hang; `id` is its transaction's.
    func hang(_ chain: String, _ place: Place, _ id: String) throws {
      var fault = JSONObject()
      fault["kind"] = "hang"
      if place == .approver {
        fault["path"] = .string("/approve/\(id)")
      } else {
        fault["chain"] = .string(chain)
        fault["of"] = .string(place.rawValue)
      }
      try run.sandbox.control("faults", .object(fault))
    }

    /// Ends that, also for the requests that hang.
    func heal() throws {
      try run.sandbox.control("faults", [])
      try run.sandbox.control("hang-up")
    }

    var pending: [String: String] {
      get throws {
        let items = try run.sandbox.look("pending").array ?? []
        return Dictionary(
          items.map { ($0["id"]?.string ?? "", $0["chain"]?.string ?? "") }, uniquingKeysWith: { a, _ in a })
      }
    }

    /// Waits until none of `ids` is pending; gives the seconds, and the chains of those that are.
    func wait(for ids: some Collection<String>) throws -> (seconds: Double, left: [String]) {
      let start = Date()
      var left: [String] = []
      _ = try eventually(seconds: HangTests.patience) {
        let pending = try pending
        left = ids.compactMap { pending[$0] }.sorted()
        return left.isEmpty
      }
      if !left.isEmpty {
        Issue.record("\(left): \(String(decoding: daemon.errorSoFar, as: UTF8.self).suffix(4000))")
      }
      return (Date().timeIntervalSince(start), left)
    }

    /// Whether a request of the chain hangs: not all ask for facts.
    func hangs(_ chain: String) throws -> Bool {
      (try run.sandbox.look("log").array ?? []).contains {
        $0["chain"]?.string == chain && $0["fault"]?.string == "hang"
      }
    }
  }

  @Test(.timeLimit(.minutes(240))) func theOthersAreSentWhileOneChainHangs() throws {
    let scene = try Scene()
    var alone: [Double] = []
    for _ in 0..<(Self.isLong ? 5 : 1) { alone.append(try scene.wait(for: scene.add().values).seconds) }
    let cases =
      Self.isLong
      ? Place.allCases.flatMap { place in ChainRegistry.names.all.map { ($0, place) } } : Self.short
    var table: [String: [Place: Double]] = [:]
    for (chain, place) in cases {
      _ = try scene.run.sandbox.send("DELETE", "/sandbox/log")
      try scene.hang(chain, place, scene.nextID(chain))
      let ids = try scene.add()
      let (seconds, left) = try scene.wait(for: ids.filter { $0.key != chain }.values)
      #expect(left == [], "while \(chain) hung at \(place)")
      table[chain, default: [:]][place] = seconds
      // Another poll, while it hangs on.
      #expect(try scene.wait(for: scene.add(without: chain).values).left == [], "\(chain) at \(place)")
      if try place != .facts || scene.hangs(chain) {
        #expect(try scene.pending.values.contains(chain), "\(chain) hangs at \(place)")
      }
      try scene.heal()
      #expect(try scene.wait(for: ids.values).left == [], "\(chain), which hung at \(place)")
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
}
