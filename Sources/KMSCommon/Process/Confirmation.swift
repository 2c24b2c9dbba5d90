internal import Glibc

/// A yes of a person at the terminal.
public enum Confirmation {
  /// Asks, and takes only the word `yes` for one.
  ///
  /// - Parameters:
  ///   - question: what is about to be done.
  ///   - flag: the option that gives the yes without a question, as in `--yes gives it`.
  /// - Throws: `ProgramFailure` (64) for any other answer, and when there is nobody to ask.
  public static func require(_ question: String, flag: String = "--yes") throws {
    let terminal = System.open("/dev/tty", O_RDWR | O_NOCTTY)
    defer { if terminal >= 0 { close(terminal) } }
    guard terminal >= 0 else {
      throw ProgramFailure(
        .usage, "this needs a yes, and there is no terminal to ask at", hint: "\(flag) gives it")
    }
    let text = Array("\(question) Type yes to go on: ".utf8)
    try Descriptor.put(terminal, text.span)
    guard Descriptor.answer(terminal) == "yes" else {
      throw ProgramFailure(
        .usage, "not confirmed, nothing was done", hint: "\(flag) does it without a question")
    }
  }
}
