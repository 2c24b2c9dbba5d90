internal import KMSCrypto
internal import KMSPrimitives

/// An account of MultiversX: the 32 bytes of its public key, or of a contract, written in bech32 with prefix `erd`
/// (docs.multiversx.com, "Accounts", addresses).
package struct MultiversXAddress: Hashable, Sendable {
  private static let prefix = "erd"

  /// The 32 bytes.
  package let bytes: [UInt8]
  /// The address in lower case, 62 characters.
  package let text: String

  /// The account of an Ed25519 public key of 32 bytes.
  package init(publicKey: [UInt8]) {
    bytes = publicKey
    text = Bech32.encodeBytes(hrp: Self.prefix, bytes: publicKey)
  }

  /// Reads an address.
  ///
  /// - Throws: `malformed-transaction` naming `member` when it is none, or its checksum is wrong.
  package init(_ text: String, member: String) throws(ChainError) {
    guard let bytes = Bech32.decodeBytes(text, hrp: Self.prefix), bytes.count == 32 else {
      throw .malformed("\(member) is not an address of MultiversX (erd1…), or its checksum is wrong")
    }
    // What was read is in its one form but for the case of its letters (BIP-173).
    self.bytes = bytes
    self.text = text.utf8.contains { (0x41...0x5A).contains($0) } ? text.lowercased() : text
  }
}
