internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives

extension BIP32Wallets {
  /// The wallets of an EVM chain, as the original makes them.
  ///
  /// Keys at `m/44'/coinType'/0'/0/index`, on test networks `m/44'/1'/0'/0/index` (SLIP-44: coin type 1 is every coin's
  /// testnet), `xpub` on both. Keys are `0x` and 64 digits; the prefix may be missing when one is read.
  static func evm(coinType: UInt32, form: EVMAddressForm, sdkCoinType: UInt32? = nil) -> BIP32Wallets {
    BIP32Wallets(
      .evm(form), mainnet: Network(coinType: coinType, versions: .bitcoin),
      testnet: Network(coinType: 1, versions: .bitcoin),
      keyText: { secret, _ in try prefixedHex(secret) },
      parseKey: { text, _ in
        guard let secret = try text.hexDecoded(), secret.count == 32 else {
          throw WalletError.invalidPrivateKey(
            "the private key is not 64 hexadecimal digits, with 0x or without")
        }
        return ParsedKey(secret: secret, isCompressed: true)
      },
      forms: .evm(coinType: coinType, form: form, sdkCoinType: sdkCoinType))
  }

  private static func prefixedHex(_ secret: SecretBytes) throws -> SecretBytes {
    let digits = try secret.hexEncoded()
    return try SecretBytes(
      count: digits.count + 2,
      writing: { out in
        out.write("0x".utf8)
        digits.withBytes { out.write($0, at: 2) }
      })
  }
}
