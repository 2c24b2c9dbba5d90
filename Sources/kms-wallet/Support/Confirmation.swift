import Glibc
import KMSProcess
import KMSRecords

/// A yes of a person at the terminal.
enum Confirmation {
  /// Asks, and takes only the word `yes` for one.
  ///
  /// - Parameters:
  ///   - question: what is about to be done.
  ///   - flag: the option that gives the yes without a question, as in `--yes gives it`.
  /// - Throws: `ProgramFailure` (64) for any other answer, and when there is nobody to ask.
  static func require(_ question: String, flag: String = "--yes") throws {
    let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
    defer { if terminal >= 0 { close(terminal) } }
    guard terminal >= 0 else {
      throw ProgramFailure(
        .usage, "this needs a yes, and there is no terminal to ask at", hint: "\(flag) gives it")
    }
    let text = Array("\(question) Type yes to go on: ".utf8)
    _ = text.withUnsafeBytes { write(terminal, $0.baseAddress, $0.count) }
    guard answer(terminal) == "yes" else {
      throw ProgramFailure(
        .usage, "not confirmed, nothing was done", hint: "\(flag) does it without a question")
    }
  }

  private static func answer(_ terminal: Int32) -> String {
    var line: [UInt8] = []
    while line.count < 100 {
      var byte: UInt8 = 0
      let count = read(terminal, &byte, 1)
      if count < 0 && errno == EINTR { continue }
      // The key Enter, whatever state a program that crashed has left the terminal in.
      if count <= 0 || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { break }
      line.append(byte)
    }
    return String(decoding: line, as: UTF8.self)
  }
}
