import KMSProcess
import KMSRecords

/// What the doctor found about one thing.
struct Finding {
  /// How it stands.
  enum Verdict: String {
    /// As it should be.
    case ok
    /// It works, and somebody should know.
    case note
    /// The daemon would not work, or would not be safe.
    case problem
    /// It could not be looked at; the text says why.
    case skipped
  }

  /// What it is about: `vault`, `API key`, …
  let subject: String
  let verdict: Verdict
  /// What was found, a sentence without a period.
  let text: String
  /// What to do about it.
  var advice: String?
  /// How the doctor ends because of it.
  var status = ExitStatus.ok

  static func ok(_ subject: String, _ text: String) -> Finding {
    Finding(subject: subject, verdict: .ok, text: text)
  }

  static func note(_ subject: String, _ text: String, advice: String?) -> Finding {
    Finding(subject: subject, verdict: .note, text: text, advice: advice)
  }

  static func skipped(_ subject: String, _ text: String, advice: String?) -> Finding {
    Finding(subject: subject, verdict: .skipped, text: text, advice: advice)
  }

  static func problem(_ subject: String, _ text: String, advice: String?, _ status: ExitStatus) -> Finding {
    Finding(subject: subject, verdict: .problem, text: text, advice: advice, status: status)
  }

  static func problem(_ subject: String, _ error: any ProgramError) -> Finding {
    .problem(subject, error.message, advice: error.hint, error.exitStatus)
  }

  /// For programs.
  var json: JSONValue {
    [
      "subject": .string(subject), "verdict": .string(verdict.rawValue), "message": .string(text),
      "advice": advice.map(JSONValue.string) ?? .null,
    ]
  }

  /// For people: verdict, subject, and the texts below each other in lines of at most `width` columns.
  func text(width: Int, isColored: Bool) -> String {
    let indent = 20
    let color = [.ok: "32", .note: "33", .problem: "31", .skipped: "2"][verdict] ?? "0"
    let word = verdict.rawValue + String(repeating: " ", count: 8 - verdict.rawValue.count)
    let name = subject + String(repeating: " ", count: max(1, indent - 8 - subject.count))
    let lines =
      Self.wrapped(text, max(20, width - indent - 1))
      + (advice.map { Self.wrapped("-> " + $0, max(20, width - indent - 1)) } ?? [])
    let margin = "\n" + String(repeating: " ", count: indent)
    return (isColored ? "\u{1b}[\(color)m\(word)\u{1b}[0m" : word) + name + lines.joined(separator: margin)
      + "\n"
  }

  private static func wrapped(_ text: String, _ width: Int) -> [String] {
    var lines = [""]
    for word in LineLogHandler.printable(text).split(separator: " ") {
      if !lines[lines.count - 1].isEmpty, lines[lines.count - 1].count + 1 + word.count > width {
        lines.append("")
      }
      lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "" : " ") + word
    }
    return lines
  }
}
