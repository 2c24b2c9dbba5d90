internal import KMSCrypto

/// What the journal compares when an id comes back (decision 13): what would be paid and by whom, not how.
public enum JournalContent {
  /// A key that the transaction asks for.
  public struct Key: Hashable, Sendable {
    /// The signature ID of the wallet.
    public let signatureID: String
    /// The derivation index; nil where none was given.
    public let index: UInt32?

    /// Creates a key reference.
    public init(signatureID: String, index: UInt32?) {
      self.signatureID = signatureID
      self.index = index
    }
  }

  /// SHA-256 over the content, 32 bytes: `docs/journal.md`, section 4, says of which bytes.
  ///
  /// Two contents that differ in any parameter have different encodings: each part has its length in front, and an
  /// absent part differs from an empty one.
  public static func digest(
    id: String, chain: String, testnet: Bool, serializedTransaction: String, withdrawalID: String?,
    keys: [Key]
  ) -> [UInt8] {
    var parts = ["tatum-kms journal 1", id, chain, testnet ? "1" : "0", serializedTransaction].map {
      Array($0.utf8)
    }
    parts.append(optional(withdrawalID))
    for key in keys {
      parts.append(Array(key.signatureID.utf8))
      parts.append(optional(key.index.map { String($0) }))
    }
    return Hash.sha256(VaultFormat.fields(parts))
  }

  /// `-` when absent, else `+` and the text.
  private static func optional(_ text: String?) -> [UInt8] {
    text.map { Array("+\($0)".utf8) } ?? Array("-".utf8)
  }
}
