internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys

/// The look of an address. What is refused as a secret may be one all the same: of another chain, or with a character that
/// is wrong. So only a text that looks like an address, and like no secret, is copied into a `String`, which nobody wipes.
enum AddressShape {
  /// Whether the text looks like an address of some chain.
  static func isOne(_ text: SecretBytes) throws -> Bool {
    let body = try text.without(prefix: "0x") ?? text.without(prefix: "xdc") ?? text
    if body.count(where: Hex.isDigit) == body.count { return [40, 42].contains(body.count) }
    // Base58Check: 20 bytes and a version; X-addresses of the XRP Ledger have 31 bytes (XLS-5).
    if let payload = try Base58Check.decodeSecret(text) { return payload.count == 21 }
    if let payload = try Base58Check.decodeSecret(text, alphabet: .ripple) {
      return [21, 31].contains(payload.count)
    }
    if let prefix = Bech32Secret.prefix(text) { return !SecretText.isSecret(prefix: prefix) }
    // Byron's addresses of Cardano, on the main network and on test networks: Base58 of CBOR.
    if ["Ae2tdPw", "DdzFFz", "2cWKMJ", "37btjrV"].contains(where: text.hasPrefix) { return true }
    switch text.count {
    // CashAddr without its prefix.
    case 42: return text.hasPrefix("q") || text.hasPrefix("p")
    // Stellar's accounts, whose secret seeds begin with S, and Algorand's.
    case 56, 69: return isBase32(text) && !text.hasPrefix("S")
    case 58: return isBase32(text)
    default: return false
    }
  }

  /// Whether there are only capital letters and digits from 2 to 7 (RFC 4648).
  static func isBase32(_ text: SecretBytes) -> Bool {
    text.count { (65...90).contains($0) || (50...55).contains($0) } == text.count
  }
}
