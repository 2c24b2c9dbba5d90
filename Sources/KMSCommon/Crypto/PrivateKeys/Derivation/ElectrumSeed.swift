public import KMSCrypto
internal import KMSPrimitives

/// The mnemonics of Electrum (version 2.0 on), which look like those of BIP-39 and are others.
///
/// <https://electrum.readthedocs.io/en/latest/seedphrase.html>
public enum ElectrumSeed {
  /// The kind of seed that a text is.
  public enum Kind: String, Sendable {
    /// P2PKH, `m/0/index`.
    case standard = "Standard"
    /// P2WPKH, `m/0'/0/index`.
    case segWit = "SegWit"
    /// With a second factor; such wallets need a server's signature.
    case twoFactor = "2FA"
  }

  /// What kind of seed of Electrum the text may be: one text in 200 is one by chance.
  public static func kind(of text: SecretBytes) throws(CryptoError) -> Kind? {
    guard Mnemonic.count(text) >= 12 else { return nil }
    let words = try normal(text)
    let key = try SecretBytes(copying: "Seed version".utf8)
    let hash = try HMAC.secretSHA512(key: key, words)
    let (first, second) = hash.withBytes { ($0[0], $0[1]) }
    if first == 0x01 { return .standard }
    guard first == 0x10 else { return nil }
    return [0: .segWit, 1: .twoFactor, 2: .twoFactor][second >> 4]
  }

  /// The seed from which Electrum derives, 64 bytes.
  public static func seed(_ text: SecretBytes) throws(CryptoError) -> SecretBytes {
    try KeyDerivation.pbkdf2SHA512(
      password: normal(text), salt: Array("electrum".utf8), rounds: 2048, count: 64)
  }

  /// ASCII letters in lower case, one space between words.
  private static func normal(_ text: SecretBytes) throws(CryptoError) -> SecretBytes {
    var length = 0
    let padded = try SecretBytes(
      count: text.count,
      writing: { out in
        text.withBytes { text in
          for i in text.indices {
            let byte = text[i]
            if Mnemonic.isSpace(byte) {
              if length == 0 || out[length - 1] == 32 { continue }
              out[length] = 32
            } else {
              out[length] = (65...90).contains(byte) ? byte | 32 : byte
            }
            length += 1
          }
        }
        if length > 0, out[length - 1] == 32 { length -= 1 }
      })
    return try padded.slice(0..<length)
  }
}
