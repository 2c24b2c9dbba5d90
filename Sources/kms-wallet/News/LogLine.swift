import Glibc
import KMSProcess
import KMSRecords

/// A line that one of the programs, or the script, has written on standard error.
struct LogLine {
  /// The whole line.
  let text: String
  /// `warning`, …; nil when the line has no such form.
  let level: String?
  let program: String?
  /// What stays the same when the line comes again: all but the time.
  let content: String
  /// Whether it is about one transaction.
  let isOfTransaction: Bool

  init(_ text: String) {
    self.text = text
    if text.utf8.first == UInt8(ascii: "{"), let json = try? JSONValue(parsing: Array(text.utf8)),
      var object = json.object
    {
      object["time"] = nil
      level = json["level"]?.string
      program = json["program"]?.string
      content = JSONValue.object(object).text
      isOfTransaction = json["id"] != nil
      return
    }
    let parts = text.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
    if parts.count == 4, parts[0].utf8.last == UInt8(ascii: "Z"), parts[0].utf8.count >= 20,
      Self.levels.contains(parts[1])
    {
      (level, program) = (parts[1], parts[2])
      content = parts[1...].joined(separator: " ")
      isOfTransaction = parts[3].firstRange(of: " id=") != nil
    } else {
      (level, program, content, isOfTransaction) = (nil, nil, text, false)
    }
  }

  private static let levels: Set = ["debug", "info", "notice", "warning", "error", "critical"]

  /// Whether it is worth a word when it does not come any more.
  var isTrouble: Bool { level.map { ["notice", "warning", "error", "critical"].contains($0) } ?? true }
}

/// The journal of systemd reads a level in front of each line (sd-daemon(3)), when standard error is connected to it.
enum SystemdJournal {
  static let isListening: Bool = {
    guard let value = System.variable("JOURNAL_STREAM"), let status = System.status(STDERR_FILENO) else {
      return false
    }
    return value == "\(status.st_dev):\(status.st_ino)"
  }()

  static func prefix(_ level: String?) -> String {
    guard isListening else { return "" }
    switch level {
    case "debug", "trace": return "<7>"
    case "info": return "<6>"
    case "notice": return "<5>"
    case "warning": return "<4>"
    default: return "<3>"
    }
  }
}
