import Glibc
import KMSCrypto
import KMSProcess
import KMSRecords
import KMSVault

/// A mnemonic or a private key on its way in: from a person without echo, or from standard input when that is no
/// terminal. Never from the command line, which every user of the machine can read.
enum SecretInput {
  /// The longest text: a mnemonic of 25 words has 225 characters.
  private static let maximumLength = 4096

  /// Reads the secret; white space around it is taken away.
  ///
  /// - Throws: `ProgramFailure` (65) when there is none or too much; as `TerminalPrompt.ask`.
  static func read(_ what: String) throws -> SecretBytes {
    let text: SecretBytes
    if isatty(STDIN_FILENO) == 1 {
      text = try TerminalPrompt().ask("Enter \(what) to store: ")
    } else {
      text = try readStandardInput(what)
    }
    let trimmed = try trim(text)
    guard trimmed.count > 0 else {
      throw ProgramFailure(
        .data, "there is no \(what) to store",
        hint: "it is read from standard input when that is not a terminal")
    }
    return trimmed
  }

  private static func readStandardInput(_ what: String) throws -> SecretBytes {
    var filled = 0
    var failure: Int32?
    let buffer = try SecretBytes(count: maximumLength + 1) {
      (out: UnsafeMutableRawBufferPointer) throws(Never) in
      guard let base = out.baseAddress else { return }
      while filled < out.count {
        let count = Glibc.read(STDIN_FILENO, base + filled, out.count - filled)
        if count < 0 && errno == EINTR { continue }
        if count < 0 { failure = errno }
        if count <= 0 { return }
        filled += count
      }
    }
    if let failure {
      throw ProgramFailure(.io, "standard input can't be read: \(String(cString: strerror(failure)))")
    }
    guard filled <= maximumLength else {
      throw ProgramFailure(.data, "standard input has more than \(maximumLength) bytes, which is no \(what)")
    }
    return try buffer.slice(0..<filled)
  }

  private static func trim(_ text: SecretBytes) throws -> SecretBytes {
    let range = text.withUnsafeBytes { bytes in
      let start = bytes.firstIndex { !isSpace($0) } ?? bytes.count
      let end = bytes.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? start
      return start..<end
    }
    return try text.slice(range)
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0D ~= byte }
}
