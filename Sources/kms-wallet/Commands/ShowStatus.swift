import ArgumentParser
import Glibc
import KMSProcess
import KMSRecords
import KMSVault

/// What the daemon does, from the small file that it keeps beside the vault; for people, monitoring and health checks.
struct ShowStatus: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Say whether the daemon polls, and what is denied or unknown since when.",
    discussion: """
      Needs no password. Ends with 0 when the daemon of this vault polls, with 69 when it has ended or has not polled for \
      three periods, at least five minutes, and with 66 when no daemon has run yet.
      """)

  @Option(
    name: .customLong("path"),
    help: ArgumentHelp("The vault. (default: ~/.tatumrc/wallet.dat)", valueName: "file"))
  var path = "~/.tatumrc/wallet.dat"

  @Flag(help: "Print the file itself.")
  var json = false

  @Flag(name: .shortAndLong, help: "Print nothing: the exit status says it.")
  var quiet = false

  func run() throws {
    try Program.run(TatumKMS.name) {
      let file = StateFile.path(besides: VaultOptions.expand(path, name: "wallet.dat"))
      guard let text = StateFile.read(file), let state = try? JSONValue(parsing: Array(text.utf8)) else {
        throw ProgramFailure(
          .noInput, "no daemon has left word in \(file)",
          hint: "tatum-kms daemon writes it; --path names another vault")
      }
      let health = Health(state, now: Timestamp.unixTime())
      if json {
        try StandardOutput.write(text)
      } else if !quiet {
        try StandardOutput.write(Self.lines(state, health).joined(separator: "\n") + "\n")
      }
      return health == .polling ? .ok : .unavailable
    }
  }

  private static func lines(_ state: JSONValue, _ health: Health) -> [String] {
    func number(_ name: String) -> Int64? { state[name]?.number?.int64 }
    func time(_ seconds: Int64?) -> String { seconds.map { Timestamp.text(unixTime: $0) } ?? "never" }
    let network = state["testnet"] == .bool(true) ? "testnets" : "mainnet"
    var lines = [
      "\(health.words); process \(number("process") ?? 0), \(network), every \(number("period") ?? 0) s, "
        + "\(number("polls") ?? 0) polls since \(time(number("started")))",
      "last poll began \(time(number("pollBegan"))), the last end of one was \(time(number("pollEnded")))",
    ]
    let open = state["open"]?.array ?? []
    let count = number("openCount") ?? 0
    lines.append(count == 0 ? "nothing is denied or unknown" : "\(count) denied or unknown:")
    for entry in open {
      func text(_ name: String, _ width: Int) -> String {
        let text = LineLogHandler.printable(entry[name]?.string ?? "?")
        return text + String(repeating: " ", count: max(0, width - text.count))
      }
      lines.append(
        "  \(text("chain", 6))\(text("outcome", 9))\(text("id", 26))\(text("code", 22))since "
          + time(entry["since"]?.number?.int64))
    }
    if count > open.count { lines.append("  and \(Int(count) - open.count) more") }
    return lines
  }
}

/// Whether the daemon that a state is of does its work.
enum Health: Equatable {
  case polling, stopped(Int64), silent(Int64?)

  init(_ state: JSONValue, now: Int64) {
    let period = state["period"]?.number?.int64 ?? 0
    let latest = state["pollBegan"]?.number?.int64
    if let stopped = state["stopped"]?.number?.int64 {
      self = .stopped(stopped)
    } else if now - (latest ?? state["started"]?.number?.int64 ?? 0)
      > max(300, period.multipliedClamped(by: 3))
    {
      self = .silent(latest)
    } else {
      self = .polling
    }
  }

  /// For people.
  var words: String {
    switch self {
    case .polling: "polling"
    case .stopped(let time): "stopped at \(Timestamp.text(unixTime: time))"
    case .silent(let latest):
      "SILENT: no poll since \(latest.map { Timestamp.text(unixTime: $0) } ?? "the start")"
    }
  }
}

extension Int64 {
  fileprivate func multipliedClamped(by factor: Int64) -> Int64 {
    let (product, overflow) = multipliedReportingOverflow(by: factor)
    return overflow ? .max : product
  }
}
