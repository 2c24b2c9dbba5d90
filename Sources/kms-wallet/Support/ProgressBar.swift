import Glibc
import KMSProcess
import KMSRecords

/// How far a long command is, redrawn in one line of the terminal; silent when standard error is no terminal.
struct ProgressBar {
  private static let width = 30
  private let label: String
  private let total: Int
  private let start = ContinuousClock.now
  private var lastDrawn: ContinuousClock.Instant?

  init(_ label: String, total: Int) {
    self.label = label
    self.total = total
  }

  /// Shows that `done` are done; at most ten times a second.
  mutating func show(_ done: Int) {
    guard StandardError.isTerminal else { return }
    let now = ContinuousClock.now
    if let lastDrawn, now - lastDrawn < .milliseconds(100), done < total { return }
    lastDrawn = now
    let milliseconds = max(1, (now - start) / .milliseconds(1))
    let rate = Int(Double(done) * 1000 / milliseconds)
    let numbers = "\(done)/\(total)  \(rate)/s"
    // In one line of any terminal: a line that wraps is not drawn over.
    let room = min(Self.width, Self.columns - label.count - numbers.count - 5)
    let filled = done * max(0, room) / max(total, 1)
    let bar =
      room < 4
      ? "" : "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: room - filled) + "] "
    write("\r\(label) \(bar)\(numbers)\u{1b}[K")
  }

  private static var columns: Int {
    var size = winsize()
    return unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
      ? Int(size.ws_col) : 80
  }

  /// Ends the line.
  func finish() { if StandardError.isTerminal, lastDrawn != nil { write("\n") } }

  private func write(_ text: String) {
    let bytes = Array(text.utf8)
    try? Descriptor.write(STDERR_FILENO, bytes.span)
  }
}
