import Glibc
import KMSProcess

/// Tells the service manager what the daemon is at, and that it lives.
///
/// That the key holder runs says little. What counts is that polls begin and end, and that `kms-wallet news` sees it, which
/// writes a line for each: these lines are the signs of life. The manager hears of them as often as it asks for, and no more
/// when none came for as long as it would wait, or for three periods.
struct LifeSigns {
  private let notice: ServiceNotice?
  private let patience: Duration
  private var last = ContinuousClock.now
  private var lastSent = ContinuousClock.now
  private var status = ""
  /// Where the lines come from; -1 when there are no more.
  private(set) var descriptor: Int32
  private var rest: [UInt8] = []

  /// Longer lines are none.
  private static let longestLine = 300

  /// - Parameters:
  ///   - descriptor: the end of a pipe that does not block.
  ///   - period: seconds from poll to poll.
  init(_ notice: ServiceNotice?, descriptor: Int32, period: Int) {
    self.notice = notice
    self.descriptor = descriptor
    patience = max(.microseconds(notice?.patience ?? 0), .seconds(3 * period))
  }

  /// The pipeline runs.
  func begin(period: Int?) {
    notice?.send("READY=1", "STATUS=" + (period.map { "polls every \($0) s" } ?? "polls once"))
  }

  /// A wish to stop has come.
  func stop() { notice?.send("STOPPING=1", "STATUS=finishes what was fetched") }

  /// Milliseconds until the manager wants to hear something; -1 for never.
  var pause: Int32 {
    guard let interval else { return -1 }
    let left = interval - lastSent.duration(to: .now)
    return Int32(
      clamping: max(1, left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000))
  }

  /// Twice as often as the manager expects it (sd_watchdog_enabled(3)).
  private var interval: Duration? { notice?.patience.map { .microseconds($0 / 2) } }

  /// Tells the manager that the daemon lives, when it is time to and when it does.
  mutating func beat() {
    guard let interval, lastSent.duration(to: .now) >= interval else { return }
    lastSent = .now
    if last.duration(to: .now) <= patience { notice?.send("WATCHDOG=1") }
  }

  /// Reads the lines that have come: what the daemon is at, in plain ASCII.
  mutating func read() {
    var chunk = [UInt8](repeating: 0, count: 4096)
    let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
    if count < 0, errno == EAGAIN || errno == EINTR { return }
    guard count > 0 else {
      close(descriptor)
      descriptor = -1
      return
    }
    let lines = (rest + chunk[..<count]).split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    rest = lines.last.map { Array($0.prefix(Self.longestLine)) } ?? []
    guard let line = lines.dropLast().last else { return }
    last = .now
    let isPlain = line.count <= Self.longestLine && line.allSatisfy { (0x20...0x7E).contains($0) }
    let text = isPlain ? String(decoding: line, as: UTF8.self) : status
    if text != status { notice?.send("STATUS=\(text)") }
    status = text
  }
}
