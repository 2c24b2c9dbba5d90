internal import KMSCrypto
internal import KMSPrimitives

extension SLIP10Wallets {
  /// EGLD: keys are the Ed25519 seed in 64 hexadecimal digits; coin type 508, 1 on test networks (SLIP-44).
  ///
  /// The address always is that of the wallet's own key. The original printed the address of the empty mnemonic for
  /// every wallet (`getaddress`, batch): it looked for an xpub, which this chain does not have.
  static let multiversX = SLIP10Wallets(
    mainnetCoin: 508, testnetCoin: 1,
    keyText: { try $0.seed.hexEncoded() },
    parseKey: { text in
      guard text.count == 64, let seed = try text.hexDecoded(), seed.count == 32 else {
        throw WalletError.invalidPrivateKey("the private key is not 64 hexadecimal digits")
      }
      return ParsedKey(key: try Ed25519PrivateKey(seed: seed), text: text)
    },
    address: { MultiversXAddress(publicKey: $0).text },
    forms: KeyForms(accept: { text, _, _ in try accept(text) }, canonical: { text, _ in canonical(text) }))

  /// 64 digits are a key, or a public key: MultiversX writes addresses so, too.
  private static func accept(_ text: SecretBytes) throws -> AcceptedKey {
    var accepted = AcceptedKey(text)
    if text.count == 64, let bytes = try text.hexDecoded(), bytes.count == 32 {
      accepted.addressAsPublicKey = bytes.withUnsafeBytes { MultiversXAddress(publicKey: Array($0)).text }
    }
    return accepted
  }

  /// `erd1…` of an address that may be in hexadecimal.
  private static func canonical(_ text: String) -> String {
    if let bytes = Hex.decode(text), bytes.count == 32 { return MultiversXAddress(publicKey: bytes).text }
    return text.lowercased()
  }
}
