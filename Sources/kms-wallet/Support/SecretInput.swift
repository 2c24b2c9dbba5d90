import Glibc
import KMSChains
import KMSCrypto
import KMSPrimitives
import KMSPrivateKeys
import KMSProcess
import KMSRecords
import KMSSigning
import KMSVault

/// A mnemonic or a private key on its way in: from a person without echo, or from standard input when that is no
/// terminal. Never from the command line, which every user of the machine can read.
enum SecretInput {
  /// The longest text: a mnemonic of 25 words has 225 characters.
  private static let maximumLength = 4096

  /// Reads the secret; what surrounds it in files and on web pages is taken away (`KeyText`).
  ///
  /// - Throws: `ProgramFailure` (65) when there is none or too much; as `TerminalPrompt.ask`.
  ///
  /// - Parameters:
  ///   - what: what it is.
  ///   - isExact: whether only a line's end is taken away.
  static func read(_ what: String, isExact: Bool = false) throws -> SecretBytes {
    let text: SecretBytes
    if isatty(STDIN_FILENO) == 1 {
      text = try TerminalPrompt().ask("Enter \(what) to store: ", takesLines: true)
    } else {
      text = try readStandardInput(what)
    }
    let trimmed = try isExact ? withoutLineEnd(text) : KeyText.clean(text)
    guard trimmed.count > 0 else {
      throw ProgramFailure(
        .data, "there is no \(what) to store",
        hint: "it is read from standard input when that is not a terminal")
    }
    return trimmed
  }

  /// Reads a passphrase from a descriptor: one line, its white space kept.
  static func passphrase(descriptor: Int32) throws -> SecretBytes {
    do { return try PasswordSource.fileDescriptor(descriptor).password() } catch let error as VaultError
      where error.code == .emptyPassword
    {
      throw ProgramFailure(.data, "the passphrase is empty", hint: "without --passphrase-fd there is none")
    }
  }

  /// Makes sure that words are of one language.
  static func check(_ words: SecretBytes, language: MnemonicLanguage) throws {
    do throws(CryptoError) { _ = try Mnemonic.check(words, language: language) } catch {
      throw WalletError.invalidMnemonic(error.message)
    }
  }

  private static func withoutLineEnd(_ text: SecretBytes) throws -> SecretBytes {
    let end = text.withBytes { bytes in
      bytes.lastIndex { $0 != 10 && $0 != 13 }.map { $0 + 1 } ?? 0
    }
    return try text.slice(0..<end)
  }

  private static func readStandardInput(_ what: String) throws -> SecretBytes {
    do {
      guard let text = try Descriptor.secret(STDIN_FILENO, limit: maximumLength) else {
        throw ProgramFailure(
          .data, "standard input has more than \(maximumLength) bytes, which is no \(what)")
      }
      return text
    } catch let failure as Descriptor.Failure {
      throw ProgramFailure(.io, "standard input can't be read: \(failure.reason)")
    }
  }
}
