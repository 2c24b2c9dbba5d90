/// What can go wrong in KMSCrypto. No case carries a secret.
public struct CryptoError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A stable kebab-case word for programs.
  public let code: String
  /// One sentence for people; never contains key material.
  public let message: String

  /// Creates an error of this library.
  public init(_ code: String, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message.
  public var description: String { message }

  /// A private key is zero, not below the group order, or of the wrong length.
  public static let invalidPrivateKey = CryptoError(
    "invalid-private-key", "the private key is not in the range of the curve")
  /// A public key is not a point of the curve or of the wrong length.
  public static let invalidPublicKey = CryptoError(
    "invalid-public-key", "the public key is not a point of the curve")
  /// A signature can't be parsed or nothing can be recovered from it.
  public static let invalidSignature = CryptoError("invalid-signature", "the signature is not valid")
  /// Authenticated decryption failed: another key, or changed data.
  public static let authenticationFailed = CryptoError(
    "authentication-failed", "the sealed data was changed or belongs to another key")
  /// Memory for a secret could not be allocated.
  public static let noSecretMemory = CryptoError(
    "no-secret-memory", "no protected memory could be allocated for a secret")
  /// A primitive of a C library reported a failure that its contract excludes.
  public static func library(_ what: String) -> CryptoError {
    CryptoError("crypto-library", "the cryptographic library failed: \(what)")
  }
  /// Decryption without authentication ended in bad padding: another key, or damaged data.
  public static let invalidPadding = CryptoError(
    "invalid-padding", "the encrypted data is damaged or belongs to another password")
  /// An argument is outside what the primitive takes.
  public static func parameter(_ what: String) -> CryptoError { CryptoError("invalid-parameter", what) }
  /// A mnemonic is not valid BIP-39; `what` says why, by the position of a word and never by the word.
  public static func mnemonic(_ what: String) -> CryptoError { CryptoError("invalid-mnemonic", what) }
  /// Text is not in the named encoding.
  public static func encoding(_ what: String) -> CryptoError {
    CryptoError("invalid-encoding", what)
  }
}
