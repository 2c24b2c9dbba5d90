internal import KMSCrypto
internal import KMSPrimitives
package import KMSRecords

/// An account of Algorand: the 32 bytes of its public key, of a multisignature's or of a program's hash, written in
/// Base32 with 4 bytes of checksum (developer.algorand.org, "Keys and addresses", transformation).
package struct AlgorandAddress: Hashable, Sendable {
  /// The 32 bytes.
  package let bytes: [UInt8]

  /// The account of an Ed25519 public key of 32 bytes.
  package init(publicKey: [UInt8]) { bytes = publicKey }

  /// Reads what algosdk writes, `{"publicKey":{…},"checksum":{…}}`, or the address as text.
  ///
  /// - Throws: `malformed-transaction` naming `member` when it is neither, or when the checksum is wrong.
  package init(_ json: JSONValue, member: String) throws(ChainError) {
    let (key, checksum): ([UInt8], [UInt8]?)
    if let text = json.string {
      guard text.utf8.count == 58, let decoded = Base32.decode(text), decoded.count == 36 else {
        throw .malformed("\(member) is not an address of Algorand (58 characters)")
      }
      (key, checksum) = (Array(decoded.prefix(32)), Array(decoded.suffix(4)))
    } else {
      guard let object = json.object,
        object.members.allSatisfy({ ["publicKey", "checksum"].contains($0.name) }),
        let publicKey = json["publicKey"]
      else { throw .malformed("\(member) is not an address with publicKey and checksum") }
      key = try AlgorandBytes.read(publicKey, member: "\(member).publicKey")
      checksum =
        if let json = json["checksum"] {
          try AlgorandBytes.read(json, member: "\(member).checksum")
        } else { nil }
    }
    guard key.count == 32 else {
      throw .malformed("\(member).publicKey has \(key.count) bytes instead of 32")
    }
    bytes = key
    if let checksum, checksum != self.checksum {
      throw .malformed("\(member) has a wrong checksum: a character or a byte of the address was changed")
    }
  }

  /// The address, 58 characters.
  package var text: String { Base32.encode(bytes + checksum) }

  /// The last 4 bytes of SHA-512/256 of the 32 bytes.
  private var checksum: [UInt8] { Array(Hash.sha512_256(bytes).suffix(4)) }
}
