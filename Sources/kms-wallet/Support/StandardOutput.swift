import Glibc
import KMSCrypto
import KMSProcess
import KMSRecords

/// What a command answers, on standard output.
enum StandardOutput {
  static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  /// Writes all of `bytes`.
  ///
  /// - Throws: `BrokenPipe` when the reader is gone, `ProgramFailure` (74) when writing fails otherwise.
  static func write(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = Glibc.write(STDOUT_FILENO, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if written >= 0 {
        rest = rest.dropFirst(written)
      } else if errno == EPIPE {
        throw BrokenPipe()
      } else if errno == EAGAIN {
        var wait = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
        _ = poll(&wait, 1, -1)
      } else if errno != EINTR {
        throw ProgramFailure(.io, "writing standard output failed: \(String(cString: strerror(errno)))")
      }
    }
  }

  static func write(_ text: String) throws { try Array(text.utf8).withUnsafeBytes(write) }

  static func write(_ secret: SecretBytes) throws { try secret.withUnsafeBytes(write) }

  /// Writes `value` as `JSON.stringify(value, null, 2)` does, and a newline.
  static func write(pretty value: JSONValue) throws { try write(value.prettyText + "\n") }

  /// Says on standard error that a secret is about to appear, when a person will see it.
  static func warnOfSecret(_ what: String) {
    guard isTerminal else { return }
    Message.warning("\(what) appears on this screen: who sees it can spend the coins")
  }
}
