import ArgumentParser
import KMSPrimitives
import KMSProcess
import KMSRecords
import KMSVault

/// Shows what the daemon is at, from the small file that it keeps beside the vault.
struct Status: WalletCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show the last poll, and what is denied or unknown since when.",
    discussion: """
      No password is asked for. Ends with status 0 while polls end in time, 69 when the daemon does not run or its last poll \
      is too old, 66 when no daemon ever ran with this vault.
      """)

  @Flag(help: "Print JSON.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "How old the last poll may be. (default: three periods, at least 60)", valueName: "seconds"))
  var maxAge: Int?

  @OptionGroup(title: "Vault")
  var access: VaultAccess

  @OptionGroup
  var network: AnyNetwork

  func validate() throws {
    if let maxAge, maxAge < 1 { throw ValidationError("--max-age is a number of seconds, from 1") }
  }

  func perform() throws -> ExitStatus {
    let file = StatusFile(besideVault: access.options.file)
    guard let board = file.read() else {
      throw ProgramFailure(
        .noInput, "there is no status at \(file.path): no daemon has run with this vault",
        hint: "tatum-kms daemon runs it; --path names another vault")
    }
    let now = Timestamp.unixTime()
    let trouble = trouble(of: board, now: now)
    if json {
      var object = board.object ?? JSONObject()
      object["verdict"] = .string(trouble == nil ? "ok" : "problem")
      object["problem"] = trouble.map(JSONValue.string) ?? .null
      try StandardOutput.write(pretty: .object(object))
    } else {
      try StandardOutput.write(text(of: board, trouble: trouble, now: now))
    }
    return trouble == nil ? .ok : .unavailable
  }

  /// Why the daemon does not do its work; nil when it does.
  private func trouble(of board: JSONValue, now: Int64) -> String? {
    let period = board["period"]?.number?.int64 ?? 0
    if let stopped = board["stopped"]?.string, period > 0 { return "the daemon has stopped, at \(stopped)" }
    guard let ended = board["poll"]?["ended"]?.string ?? board["began"]?.string,
      let time = Timestamp.unixTime(of: ended)
    else { return "no poll has ended" }
    // Runs of cron come as often as their table says.
    guard period > 0 || maxAge != nil else { return nil }
    let most = maxAge.map(Int64.init) ?? max(60, min(period, 1 << 30) * 3)
    return now - time > most ? "the last poll ended \(Self.duration(now - time)) ago" : nil
  }

  private func text(of board: JSONValue, trouble: String?, now: Int64) -> String {
    func count(_ outcome: String) -> String {
      board["counts"]?[outcome]?.number?.uint64.map { "\($0)" } ?? "0"
    }
    func age(_ time: String?) -> String {
      guard let time, let then = Timestamp.unixTime(of: time) else { return "?" }
      return Self.duration(max(0, now - then))
    }
    let poll = board["poll"]
    let number = poll?["number"]?.number?.uint64 ?? 0
    var lines = [
      ("Daemon", trouble ?? "works, since \(board["began"]?.string ?? "?")"),
      (
        "Last poll",
        poll?["ended"]?.string.map { "number \(number), ended \(age($0)) ago" } ?? "none has ended"
      ),
      (
        "Since the start",
        "\(count("sent")) sent, \(count("denied")) denied, \(count("unknown")) unknown, \(count("failed")) failed"
      ),
    ]
    for trouble in board["troubles"]?.array ?? [] {
      lines.append(("For \(age(trouble["since"]?.string))", trouble["message"]?.string ?? "?"))
    }
    var text = lines.map { name, value in
      let name = LineLogHandler.printable(name)
      return name + String(repeating: " ", count: max(1, 18 - name.count)) + LineLogHandler.printable(value)
        + "\n"
    }.joined()
    let open = board["open"]?.array ?? []
    if !open.isEmpty {
      text += "\n\(open.count) still pending:\n"
      for entry in open {
        let words = ["chain", "outcome", "id"].map { LineLogHandler.printable(entry[$0]?.string ?? "?") }
        text +=
          "\(words[0]) \(words[1]) for \(age(entry["since"]?.string))  \(words[2])  "
          + LineLogHandler.printable(entry["message"]?.string ?? "") + "\n"
      }
    }
    return text
  }

  /// Such as `3 h 5 min`.
  static func duration(_ seconds: Int64) -> String {
    switch seconds {
    case ..<120: "\(seconds) s"
    case ..<7200: "\(seconds / 60) min"
    case ..<172_800: "\(seconds / 3600) h \(seconds % 3600 / 60) min"
    default: "\(seconds / 86_400) days"
    }
  }
}
