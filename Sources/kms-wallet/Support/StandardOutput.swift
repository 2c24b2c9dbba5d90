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
  static func write(_ bytes: Span<UInt8>) throws { try Descriptor.put(STDOUT_FILENO, bytes) }

  static func write(_ text: String) throws { try write(text.utf8.span) }

  static func write(_ secret: SecretBytes) throws { try secret.withBytes { try write($0) } }

  /// Writes `value` as `JSON.stringify(value, null, 2)` does, and a newline.
  static func write(pretty value: JSONValue) throws { try write(value.prettyText + "\n") }

  /// Says on standard error that a secret is about to appear, when a person will see it.
  static func warnOfSecret(_ what: String) {
    guard isTerminal else { return }
    Message.warning("\(what) appears on this screen: who sees it can spend the coins")
  }
}
