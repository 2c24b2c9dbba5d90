import Glibc
import KMSProcess

/// Writes to a descriptor whose reader may stop reading, without ever waiting for it.
struct PatientOutput {
  let descriptor: Int32
  private var waiting: [UInt8] = []
  private var start = 0
  /// Since when nothing could be written of what waits.
  private(set) var stalledSince: ContinuousClock.Instant?
  /// Whether the reader has gone.
  private(set) var isGone = false

  /// A pipe that is writable takes this much without blocking (pipe(7), PIPE_BUF).
  private static let portion = 4096

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// Bytes that wait.
  var count: Int { waiting.count - start }

  mutating func add(_ line: String) {
    guard !isGone else { return }
    waiting += Array(line.utf8) + [UInt8(ascii: "\n")]
    flush()
  }

  /// Writes what the reader takes now, and notices when there is no reader any more, also of a pipe to which nothing is
  /// written (poll(2), POLLERR).
  mutating func flush() {
    var state = [pollfd(fd: descriptor, events: 0, revents: 0)]
    if System.poll(&state, milliseconds: 0) > 0, state[0].revents & Int16(POLLERR | POLLNVAL) != 0 {
      isGone = true
    }
    while count > 0, !isGone {
      var ready = [pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)]
      guard System.poll(&ready, milliseconds: 0) > 0 else {
        stalledSince = stalledSince ?? .now
        return
      }
      let (from, length) = (start, min(count, Self.portion))
      let written = unsafe waiting.withUnsafeBytes {
        unsafe write(descriptor, $0.baseAddress.map { unsafe $0 + from }, length)
      }
      if written < 0, errno == EINTR || errno == EAGAIN { continue }
      guard written > 0 else {
        isGone = true
        break
      }
      stalledSince = nil
      start += written
    }
    if count == 0 || isGone { (waiting, start) = ([], 0) }
    if start > 1 << 20 {
      waiting.removeFirst(start)
      start = 0
    }
  }
}
