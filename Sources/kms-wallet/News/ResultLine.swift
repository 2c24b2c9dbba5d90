import Glibc
import KMSProcess
import KMSRecords

/// A record that has gone through the pipeline, for people.
struct ResultLine {
  let id: String
  let chain: String
  /// `sent`, `denied`, `failed` or `unknown`.
  let outcome: String
  /// The transaction's id on the chain, or what went wrong.
  let detail: String
  /// What it lets others dispose of, in words.
  private(set) var allowances: [String] = []

  init(_ record: Record) {
    (id, chain) = (record.id, record.chain)
    if let error = record.error {
      outcome = error.outcome.rawValue
      detail = LineLogHandler.printable("\(error.code.rawValue): \(error.message)")
    } else {
      outcome = record["result"] == nil ? "unknown" : "sent"
      detail = record["result"]?["txId"]?.string ?? ""
      allowances = (record["signed"]?["allowances"]?.array ?? []).compactMap(\.string)
        .map(LineLogHandler.printable)
    }
  }

  /// What makes it another result.
  var state: String { "\(outcome) \(detail)" }

  /// One line: time, chain, outcome, id, and what fits of the rest; below it, in full, what it lets others dispose of.
  ///
  /// - Parameters:
  ///   - width: columns of the terminal.
  ///   - isColored: whether the outcome has a colour beside its word.
  func text(time: String, width: Int, isColored: Bool) -> String {
    let shownID = Self.middle(LineLogHandler.printable(id), width >= 80 ? 24 : 13)
    let head = width >= 70 ? time + "  " : ""
    let word = outcome + String(repeating: " ", count: max(0, 7 - outcome.count))
    let name = chain + String(repeating: " ", count: max(0, 5 - chain.count))
    let used = head.count + name.count + 1 + 7 + 2 + shownID.count + 2
    let room = max(0, width - 1 - used)
    let rest = outcome == "sent" ? Self.middle(detail, room) : Self.start(detail, room)
    let color = ["sent": "32", "failed": "31", "denied": "33"][outcome] ?? "35"
    let shown = isColored ? "\u{1b}[\(color)m\(word)\u{1b}[0m" : word
    return (["\(head)\(name) \(shown)  \(shownID)  \(rest)"] + allowances.map { "  it \($0)" })
      .joined(separator: "\n")
  }

  private static func start(_ text: String, _ room: Int) -> String {
    text.count <= room ? text : room < 2 ? "" : text.prefix(room - 1) + "…"
  }

  private static func middle(_ text: String, _ room: Int) -> String {
    guard text.count > room else { return text }
    guard room >= 5 else { return "" }
    return text.prefix((room - 1) / 2) + "…" + text.suffix(room - 1 - (room - 1) / 2)
  }
}

/// The terminal that results are shown on.
enum ResultTerminal {
  static let isTerminal = isatty(STDOUT_FILENO) == 1

  /// https://no-color.org: set and not empty.
  static let isColored =
    isTerminal && System.variable("NO_COLOR") == nil
    && System.hasVariable("TERM") && System.variable("TERM") != "dumb"

  /// The columns, asked each time: windows change.
  static var width: Int {
    var size = winsize()
    guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  static func clock() -> String {
    var (now, parts) = unsafe (time(nil), tm())
    unsafe localtime_r(&now, &parts)
    return unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(
      separator: ":")
  }
}
