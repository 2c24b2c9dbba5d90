internal import KMSCrypto

extension BIP32Wallets {
  /// The wallets of Flow, as the original makes them.
  ///
  /// Keys at `m/44'/539'/0'/0/index` and `xpub` on both networks. Private keys are written as a plain hexadecimal number,
  /// so leading zeros are missing; such a key, one with `0x` and one with all 64 digits are read. Flow's network assigns
  /// account addresses, so the public key stands for the address: 128 digits, uncompressed, without `04`.
  static let flow = BIP32Wallets(
    .flow, mainnet: Network(coinType: 539, versions: .bitcoin),
    testnet: Network(coinType: 539, versions: .bitcoin),
    keyText: { secret, _ in
      let digits = try secret.hexEncoded()
      let zeros = digits.withUnsafeBytes { text in text.prefix { $0 == UInt8(ascii: "0") }.count }
      return try digits.slice(zeros..<digits.count)
    },
    parseKey: { text, _ in
      guard let secret = try paddedKey(text) else {
        throw WalletError.invalidPrivateKey("the private key is not 1 to 64 hexadecimal digits")
      }
      return ParsedKey(secret: secret, isCompressed: true)
    })

  /// The 32 bytes of a hexadecimal number of at most 64 digits, with `0x` or without; nil when it is none.
  private static func paddedKey(_ text: SecretBytes) throws -> SecretBytes? {
    let prefix = text.withUnsafeBytes { text in
      text.count >= 2 && text[0] == UInt8(ascii: "0") && text[1] | 32 == UInt8(ascii: "x") ? 2 : 0
    }
    let count = text.count - prefix
    guard (1...64).contains(count) else { return nil }
    let digits = try SecretBytes(count: 64) { (out: UnsafeMutableRawBufferPointer) throws(Never) in
      text.withUnsafeBytes { (text: UnsafeRawBufferPointer) throws(Never) in
        for i in 0..<64 - count { out[i] = UInt8(ascii: "0") }
        for i in 0..<count { out[64 - count + i] = text[prefix + i] }
      }
    }
    // With a second prefix less than 32 bytes would come out.
    return try digits.hexDecoded().flatMap { $0.count == 32 ? $0 : nil }
  }
}
