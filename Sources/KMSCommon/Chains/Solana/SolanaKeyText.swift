package import KMSCrypto
internal import KMSPrimitives

/// The text forms of Solana's 64-byte private keys, seed and public key.
///
/// The second half is the check that the text is a private key at all: 32 bytes alone, in Base58 or hexadecimal, could as
/// well be an address, which everybody knows.
package enum SolanaKeyText {
  /// The 64 bytes, and the text under which they are kept.
  ///
  /// - Throws: `invalid-private-key` for any other form. Whether the halves belong together, who signs finds out.
  package static func bytes(_ text: SecretBytes) throws -> (bytes: SecretBytes, kept: SecretBytes) {
    let first = text.withUnsafeBytes { $0.first }
    let bytes: SecretBytes?
    var kept = text
    if first == UInt8(ascii: "[") {
      bytes = try array(text)
      // The original has no such form; from here on it is Base58.
      if let bytes { kept = try Base58.encodeSecret(bytes) }
    } else if text.count == 128 {
      bytes = try text.hexDecoded()
    } else {
      bytes = try Base58.decodeSecret(text)
    }
    guard let bytes, bytes.count == 64 else {
      throw WalletError.invalidPrivateKey(
        "the private key is not 64 bytes in Base58, in 128 hexadecimal digits, or in a list such as [12,34,…]"
      )
    }
    return (bytes, kept)
  }

  /// The list of numbers in which Solana's command line keeps keys, a JSON array of 64 integers; nil when it is none.
  private static func array(_ text: SecretBytes) throws -> SecretBytes? {
    var isList = true
    let bytes = try SecretBytes(count: 64) { (out: UnsafeMutableRawBufferPointer) throws(Never) in
      isList = text.withUnsafeBytes { read(list: $0, into: out) }
    }
    return isList ? bytes : nil
  }

  /// Reads `[n,n,…]`, white space allowed between; whether it was exactly `out.count` integers below 256.
  private static func read(list text: UnsafeRawBufferPointer, into out: UnsafeMutableRawBufferPointer) -> Bool
  {
    var at = 0
    func next() -> UInt8? {
      while at < text.count, [9, 10, 13, 32].contains(text[at]) { at += 1 }
      return at < text.count ? text[at] : nil
    }
    guard next() == UInt8(ascii: "[") else { return false }
    at += 1
    for i in 0..<out.count {
      if i > 0 {
        guard next() == UInt8(ascii: ",") else { return false }
        at += 1
      }
      guard next() != nil else { return false }
      var value = 0
      let start = at
      while at < text.count, (48...57).contains(text[at]), at - start < 3 {
        value = value * 10 + Int(text[at]) - 48
        at += 1
      }
      guard at > start, value < 256 else { return false }
      out[i] = UInt8(value)
    }
    guard next() == UInt8(ascii: "]") else { return false }
    at += 1
    return next() == nil
  }
}
