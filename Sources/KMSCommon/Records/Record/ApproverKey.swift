internal import KMSCrypto
internal import KMSPrimitives

/// The public key of somebody who approves transactions: Ed25519 (RFC 8032), 32 bytes.
public struct ApproverKey: Hashable, Sendable {
  /// 32 bytes: a point of the main subgroup, so that nobody signs under it without knowing a private key.
  public let bytes: [UInt8]

  /// The key in 64 lower-case hexadecimal digits.
  public var text: String { Hex.encode(bytes) }

  /// The beginning of a SubjectPublicKeyInfo of Ed25519 (RFC 8410 section 4); the key follows.
  private static let subjectPublicKeyInfo: [UInt8] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
  ]

  /// Reads a key in one of the forms that tools print: 64 hexadecimal digits, 43 characters of base64url (the member `x`
  /// of a JSON Web Key, RFC 8037), or the Base64 of a PEM file with or without its lines `BEGIN` and `END`; nil for
  /// anything else, and for a point that is no key.
  public init?(_ text: String) {
    let words = text.split { $0 == "\n" || $0 == "\r" || $0 == " " }
    let body =
      words.starts(with: ["-----BEGIN", "PUBLIC", "KEY-----"])
        && words.suffix(3) == ["-----END", "PUBLIC", "KEY-----"]
      ? words.dropFirst(3).dropLast(3).joined() : words.joined(separator: " ")
    let bytes: [UInt8]?
    switch body.utf8.count {
    case 64: bytes = Hex.decode(body.lowercased())
    case 43: bytes = Base64URL.decode(body)
    case 60:
      let whole = Base64.decode(body)
      bytes =
        whole?.starts(with: Self.subjectPublicKeyInfo) == true ? whole.map { Array($0.suffix(32)) } : nil
    default: bytes = nil
    }
    guard let bytes, bytes.count == 32, Ed25519.isValidPublicKey(bytes) else { return nil }
    self.bytes = bytes
  }
}
