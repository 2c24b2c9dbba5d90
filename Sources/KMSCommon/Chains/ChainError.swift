public import KMSRecords

/// Why a chain refuses to prepare or sign a transaction.
public struct ChainError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The stable word that goes into the record.
  public let code: ErrorCode
  /// One sentence naming the member that is wrong and what to do; never a secret.
  public let message: String

  /// Creates a refusal.
  public init(_ code: ErrorCode, _ message: String) {
    self.code = code
    self.message = message
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
