internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys

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
      let zeros = digits.withBytes { text in text.prefixCount { $0 == UInt8(ascii: "0") } }
      return try digits.slice(zeros..<digits.count)
    },
    parseKey: { text, _ in
      guard let secret = try paddedKey(text) else {
        throw WalletError.invalidPrivateKey("the private key is not 1 to 64 hexadecimal digits")
      }
      return ParsedKey(secret: secret, isCompressed: true)
    },
    forms: KeyForms(
      accept: { text, assurance, _ in try accept(text, assurance) },
      canonical: { text, _ in canonical(text) },
      isAddress: { text, _ in Hex.decode(canonical(text))?.count == 64 },
      advice: { text, _ in
        canonical(text).utf8.count == 16 && Hex.decode(canonical(text)) != nil
          ? "that is the address of an account, which does not follow from a key: give the account's public key, 128 digits"
          : nil
      },
      paths: [
        KnownPath(
          "m/44'/539'/0'/0/i", "Ledger and wallets with keys of secp256k1", presets: ["ledger-live"],
          source: "https://github.com/satoshilabs/slips/blob/master/slip-0044.md"),
        KnownPath(
          "m/44'/539'/0'/0/i", "flow-cli with its default curve, ECDSA_P256, which is not signed with here",
          source: "https://github.com/onflow/flow-cli/blob/master/flowkit/flowkit.go", master: .p256),
      ],
      foreignAddress: { seed, path in
        let key = try SLIP10P256.derive(seed: seed.seed, path: path)
        return P256.publicKey(of: key.secret).map { Hex.encode($0) } ?? ""
      },
      notes: [
        "the account must have this public key with the curve ECDSA_secp256k1 and the hash SHA3_256; flow-cli makes keys of "
          + "ECDSA_P256 unless told otherwise, whose public keys are others"
      ]))

  /// Reads a key that a person has; refuses what has the form of a short key and is something else.
  ///
  /// The original printed no leading zeros, so one key in 16 has 63 digits and one in 256 has 62; of 61 digits it is one in
  /// 4096, and nobody meets one whose 64 digits begin with 16 zeros. Accounts of Flow have 16 digits, addresses of EVM chains have 40, and both are public.
  private static func accept(_ text: SecretBytes, _ assurance: KeyAssurance) throws -> AcceptedKey {
    let digits = try withoutPrefix(text)
    guard try padded(digits) != nil else {
      if [128, 130].contains(digits.count) {
        throw WalletError.publicText("this has the length of a public key of Flow, and is no private key")
      }
      return AcceptedKey(text)
    }
    var accepted = AcceptedKey(digits)
    if let raw = try padded(digits), let publicKey = P256.publicKey(of: raw) {
      accepted.otherReadings = [.otherCurveOfFlow(Hex.encode(publicKey))]
    }
    let zeros = digits.withBytes { text in text.prefixCount { $0 == UInt8(ascii: "0") } }
    switch digits.count == 64 && zeros >= 16 ? 64 - zeros : digits.count {
    case 64: break
    case 16:
      throw WalletError.publicText(
        "these 16 digits are the address of a Flow account, which is public, and no private key")
    case 40:
      throw WalletError.publicText(
        "these 40 digits are the address of an account of an EVM chain, which is public, and no private key")
    case 62, 63:
      accepted.doubt =
        "the key has \(digits.count) digits instead of 64: one that the original printed without its leading zeros, or one "
        + "that lost a digit"
    default:
      guard assurance.isShort else {
        throw WalletError.shortKey(
          "the key has \(digits.count - zeros) digits instead of 64, not counting leading zeros; --short-key says that this "
            + "is the whole key")
      }
      accepted.remarks = [
        "the key has \(digits.count - zeros) digits instead of 64: others can find short keys by trying"
      ]
    }
    return accepted
  }

  /// A public key of 128 digits, whether `0x`, or `04` of its uncompressed form, stood before it.
  private static func canonical(_ text: String) -> String {
    var digits = text.lowercased()[...]
    if digits.hasPrefix("0x") { digits = digits.dropFirst(2) }
    if digits.utf8.count == 130, digits.hasPrefix("04") { digits = digits.dropFirst(2) }
    return String(digits)
  }

  /// The text after `0x`.
  private static func withoutPrefix(_ text: SecretBytes) throws -> SecretBytes {
    let isPrefixed = text.withBytes { text in
      text.count >= 2 && text[0] == UInt8(ascii: "0") && text[1] | 32 == UInt8(ascii: "x")
    }
    return try isPrefixed ? text.slice(2..<text.count) : text
  }

  /// The 32 bytes of a hexadecimal number of at most 64 digits, with `0x` or without; nil when it is none.
  private static func paddedKey(_ text: SecretBytes) throws -> SecretBytes? {
    try padded(withoutPrefix(text))
  }

  private static func padded(_ text: SecretBytes) throws -> SecretBytes? {
    guard (1...64).contains(text.count) else { return nil }
    let digits = try SecretBytes(
      count: 64,
      writing: { out in
        out.write(repeatElement(UInt8(ascii: "0"), count: 64 - text.count))
        text.withBytes { out.write($0, at: 64 - text.count) }
      })
    // With a second prefix less than 32 bytes would come out.
    return try digits.hexDecoded().flatMap { $0.count == 32 ? $0 : nil }
  }
}

extension OtherReading {
  /// The same number on flow-cli's default curve.
  fileprivate static func otherCurveOfFlow(_ publicKey: String) -> OtherReading {
    .other(
      address: publicKey,
      meaning:
        "64 digits do not say their curve, which is ECDSA_secp256k1 here; flow-cli makes keys of ECDSA_P256",
      kind: "taken for ECDSA_secp256k1 here, and has with ECDSA_P256 the public key",
      advice:
        "keys of ECDSA_P256 are not signed with here: make one with `flow keys generate --sig-algo ECDSA_secp256k1`, and add it "
        + "to the account with SHA3_256")
  }
}
