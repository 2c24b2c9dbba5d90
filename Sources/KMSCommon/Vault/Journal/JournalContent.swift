internal import KMSCrypto
internal import KMSPrimitives

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
    digest(
      id: id, chain: chain, testnet: testnet, serializedTransaction: Array(serializedTransaction.utf8),
      withdrawalID: withdrawalID, keys: keys)
  }

  /// The same for the bytes of the transaction's text.
  package static func digest(
    id: String, chain: String, testnet: Bool, serializedTransaction: [UInt8], withdrawalID: String?,
    keys: [Key]
  ) -> [UInt8] {
    var content: [UInt8] = []
    content.reserveCapacity(256 + serializedTransaction.count + 64 * keys.count)
    add("tatum-kms journal 1", to: &content)
    add(id, to: &content)
    add(chain, to: &content)
    add(testnet ? "1" : "0", to: &content)
    content.append(bigEndian: UInt32(clamping: serializedTransaction.count))
    content.append(contentsOf: serializedTransaction)
    addOptional(withdrawalID, to: &content)
    for key in keys {
      add(key.signatureID, to: &content)
      addOptional(key.index.map { String($0) }, to: &content)
    }
    return Hash.sha256(content)
  }

  private static func add(_ text: String, marker: UInt8? = nil, to content: inout [UInt8]) {
    let text = text.utf8.span
    content.append(bigEndian: UInt32(clamping: text.count + (marker == nil ? 0 : 1)))
    if let marker { content.append(marker) }
    content.append(contentsOf: text)
  }

  /// `-` when absent, else `+` and the text.
  private static func addOptional(_ text: String?, to content: inout [UInt8]) {
    if let text { add(text, marker: UInt8(ascii: "+"), to: &content) } else { add("-", to: &content) }
  }
}
