public import KMSPrimitives

/// Base58 with a checksum: the first four bytes of the double SHA-256 of the payload follow it.
public enum Base58Check {
  /// Returns the text of `payload` (version bytes included) and its checksum.
  public static func encode(_ payload: [UInt8], alphabet: Base58.Alphabet = .bitcoin) -> String {
    Base58.encode(payload + Hash.sha256d(payload).prefix(4), alphabet: alphabet)
  }

  /// Returns the payload of `text`; nil when it is not Base58, too long, or its checksum does not match.
  public static func decode(_ text: String, alphabet: Base58.Alphabet = .bitcoin) -> [UInt8]? {
    guard let bytes = Base58.decode(text, alphabet: alphabet), bytes.count >= 4 else { return nil }
    let payload = Array(bytes.dropLast(4))
    return Hash.sha256d(payload).prefix(4) == bytes.suffix(4) ? payload : nil
  }
}
