internal import Glibc
internal import KMSPrimitives

/// Text for people, on standard error.
public enum StandardError {
  /// Writes `text` and a newline in one system call, so that lines of several programs do not mix.
  ///
  /// What could move a terminal's cursor or turn its text around is replaced, wherever it came from.
  public static func writeLine(_ text: String) {
    var bytes = Array(PrintableText.of(text, keepingLines: true).utf8)
    bytes.append(UInt8(ascii: "\n"))
    // Nobody can be told that standard error is gone.
    try? Descriptor.write(STDERR_FILENO, bytes.span)
  }

  /// Whether standard error is a terminal.
  public static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}
