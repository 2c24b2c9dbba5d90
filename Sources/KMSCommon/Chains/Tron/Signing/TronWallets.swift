internal import KMSChains
internal import KMSCrypto

extension BIP32Wallets {
  /// The wallets of TRON, as the original makes them.
  ///
  /// Keys at `m/44'/195'/0'/0/index` on mainnet and test networks, `xpub` on both. Keys are 64 digits; an `0x` before
  /// them is read.
  static let tron = BIP32Wallets(
    .tron, mainnet: Network(coinType: 195, versions: .bitcoin),
    testnet: Network(coinType: 195, versions: .bitcoin),
    keyText: { secret, _ in try secret.hexEncoded() },
    parseKey: { text, _ in
      guard let secret = try text.hexDecoded(), secret.count == 32 else {
        throw WalletError.invalidPrivateKey("the private key is not 64 hexadecimal digits")
      }
      return ParsedKey(secret: secret, isCompressed: true)
    },
    forms: .tron)
}
