public import KMSRecords

/// Why a chain refuses to prepare or sign a transaction.
public struct ChainError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The stable word that goes into the record.
  public let code: ErrorCode
  /// One sentence naming the member that is wrong and what to do; never a secret. About 1000 bytes at most.
  public let message: String

  /// Messages repeat parts of transactions, and a record may have 16 MiB.
  private static let longestMessage = 1000

  /// Creates a refusal; a message that is too long is cut.
  public init(_ code: ErrorCode, _ message: String) {
    self.code = code
    if message.utf8.count > Self.longestMessage {
      self.message = String(decoding: message.utf8.prefix(Self.longestMessage), as: UTF8.self) + "…"
    } else {
      self.message = message
    }
  }

  /// The code and the message.
  public var description: String { "\(code.rawValue): \(message)" }

  /// `malformed-transaction` with `message`.
  public static func malformed(_ message: String) -> ChainError { ChainError(.malformedTransaction, message) }

  /// `context-missing` naming the member that kms-fetch should have added.
  public static func contextMissing(_ member: String) -> ChainError {
    ChainError(
      .contextMissing,
      "context member \(member) is missing; kms-fetch adds it, or put it into the record by hand")
  }
}
