package import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// What `serializedTransaction` of SOL says: `{"txData": message in hex, "mintPK"?: secret key}`.
package struct PendingSolanaTransaction {
  /// The message.
  package let message: SolanaMessage
  /// The key of an account that the message creates, when one came with it: made by the server, and a secret until the
  /// account exists. Its text as it came, never shown: what signs reads it.
  package let mintKey: SecretBytes?

  /// Reads `text`.
  ///
  /// - Throws: `malformed-transaction` naming the member; values are not repeated.
  init(parsing text: String) throws(ChainError) {
    let object = try SerializedObject(parsing: text)
    var message: SolanaMessage?
    var mintKey: SecretBytes?
    for member in object.members {
      switch member.name {
      case "txData": message = try Self.message(member.value)
      case "mintPK": mintKey = try Self.key(member.value)
      default: throw object.unknown(member.name)
      }
    }
    guard let message else { throw .malformed("serializedTransaction.txData is missing") }
    self.message = message
    self.mintKey = mintKey
  }

  private static func message(_ json: JSONValue) throws(ChainError) -> SolanaMessage {
    guard let digits = json.string, let bytes = Hex.decode(digits) else {
      throw .malformed("serializedTransaction.txData is not an even number of hexadecimal digits")
    }
    return try SolanaMessage(bytes)
  }

  private static func key(_ json: JSONValue) throws(ChainError) -> SecretBytes? {
    guard let text = json.string else { throw invalidMintKey }
    if text.isEmpty { return nil }
    do { return try SecretBytes(copying: text.utf8) } catch { throw invalidMintKey }
  }

  package static let invalidMintKey = ChainError.malformed(
    "serializedTransaction.mintPK is not a private key of 64 bytes in 128 hexadecimal digits or Base58")
}
