import KMSCrypto
import KMSProcess
import KMSRecords
import KMSVault

/// A password that is being chosen.
enum NewPassword {
  /// Bytes below which a password is called short.
  private static let shortLength = 12

  /// Says so when a password is short; it is the only thing between a copy of the vault and its coins.
  static func warnIfShort(_ password: SecretBytes) {
    guard password.count < shortLength else { return }
    Message.warning(
      "this password has fewer than \(shortLength) characters: who gets a copy of the vault can try to guess it"
    )
  }

  /// Asks at the terminal, twice.
  ///
  /// - Parameter what: what it is for.
  /// - Throws: `ProgramFailure` (64) when that fails three times; as `TerminalPrompt.ask`.
  static func ask(_ what: String = "the new password") throws -> SecretBytes {
    for _ in 1...3 {
      let first = try TerminalPrompt().ask("Enter \(what): ")
      if first.count == 0 {
        Message.info("an empty password is not taken")
      } else if try TerminalPrompt().ask("Enter \(what) again: ") == first {
        return first
      } else {
        Message.info("the two differ")
      }
    }
    throw ProgramFailure(.usage, "\(what) was not entered twice alike; nothing was changed")
  }
}
