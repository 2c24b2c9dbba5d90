internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys

extension XRPSeed {
  /// What people bring as secrets of XRP accounts.
  static let forms = KeyForms(
    accept: { text, _, _ in try accept(text) }, canonical: { text, _ in canonical(text) },
    isAddress: { text, _ in XRPAccount(classic: text) != nil || XRPAccount.Extended(text) != nil },
    knownSecrets: [
      // https://xrpl.org/docs/concepts/accounts, "special addresses" and stand-alone mode.
      KnownKeys.Secret(
        text: "snoPBrXtMeMyMHUVTgbuqAfg1SUTb",
        origin: "the secret of the first account of every new XRP Ledger, \"masterpassphrase\"")
    ],
    paths: [
      KnownPath(
        "m/44'/144'/0'/0/i", "Xaman, Ledger, Trezor, Trust Wallet",
        presets: ["xaman", "ledger-live", "trezor", "trust"],
        source: "https://github.com/trustwallet/wallet-core/blob/master/registry.json"),
      KnownPath(
        "m/44'/144'/i'/0/0", "further accounts of Ledger Live and Trezor",
        source:
          "https://github.com/trezor/trezor-suite/blob/develop/suite-common/wallet-config/src/networksConfig.ts"
      ),
    ],
    derive: { seed, path in
      let key = try HDPrivateKey.master(seed: seed.seed).derive(path).privateKey.secret.hexEncoded()
      return try SecretBytes(joining: [SecretBytes(copying: "00".utf8), key])
    })

  /// `ED` and 64 digits are a private key in the XRP libraries, and a public key there and on the ledger.
  private static func accept(_ text: SecretBytes) throws -> AcceptedKey {
    if let seed = try secretNumbers(text) { return AcceptedKey(seed) }
    let text = try text.withoutHexPrefix(digits: [64, 66])
    var accepted = AcceptedKey(text)
    if text.count == 66, let bytes = try text.hexDecoded(), bytes.count == 33 {
      switch bytes.withBytes({ $0[0] }) {
      case ed25519Marker where try Ed25519.isValidPublicKey(bytes.slice(1..<33)):
        var key = bytes.withBytes { Array($0) }
        defer { key.wipe() }
        accepted.otherReadings = [.publicKey(of: XRPAccount(publicKey: key).address)]
      case 2, 3:
        throw WalletError.publicText(
          "this has the form of a public key (02 or 03 and 64 digits), and is no private key")
      default: break
      }
    }
    if text.count == 64 {
      accepted.doubt =
        "64 digits may be a transaction's id, which everybody can read, or a key of another curve"
    }
    if let other = try otherCurve(text) { accepted.otherReadings.append(other) }
    return accepted
  }

  /// The seed of Xaman's secret numbers (XLS-12): eight groups of six digits, five for two bytes and a check digit.
  private static func secretNumbers(_ text: SecretBytes) throws -> SecretBytes? {
    guard text.count <= 200, let digits = try secretDigits(text) else { return nil }
    var wrong: Int?
    let entropy = try SecretBytes(
      count: 16,
      writing: { out in
        digits.withBytes { bytes in
          for group in 0..<8 {
            let numbers = (0..<6).map { Int(bytes[group * 6 + $0]) - 48 }
            let value = numbers.prefix(5).reduce(0) { $0 * 10 + $1 }
            if value > 65535 || value * (group * 2 + 1) % 9 != numbers[5] { wrong = wrong ?? group }
            out[group * 2] = UInt8(truncatingIfNeeded: value >> 8)
            out[group * 2 + 1] = UInt8(truncatingIfNeeded: value)
          }
        }
      })
    if let wrong {
      throw WalletError.invalidPrivateKey(
        "group \(wrong + 1) of the secret numbers is wrong: its last digit checks it")
    }
    return try Base58Check.encodeSecret(
      SecretBytes(joining: [SecretBytes(copying: secp256k1Prefix), entropy]), alphabet: .ripple)
  }

  /// The 48 digits of a text that has no others: with spaces, dashes or line breaks between the groups, and the letters that
  /// Xaman's rows have, A to H.
  private static func secretDigits(_ text: SecretBytes) throws -> SecretBytes? {
    let isDigit = { (byte: UInt8) in (48...57).contains(byte) }
    let isBetween = { (byte: UInt8) in
      byte < 48 || byte == UInt8(ascii: ":") || (65...72).contains(byte & 0xDF)
    }
    guard text.count(where: isDigit) == 48, text.count(where: { !isDigit($0) && !isBetween($0) }) == 0 else {
      return nil
    }
    var length = 0
    return try SecretBytes(
      count: 48,
      writing: { out in
        text.withBytes { bytes in
          for i in bytes.indices where isDigit(bytes[i]) {
            out[length] = bytes[i]
            length += 1
          }
        }
      })
  }

  /// A family seed `s…`, and 64 digits, do not say their curve.
  private static func otherCurve(_ text: SecretBytes) throws -> OtherReading? {
    let key: PrivateKeyMaterial
    let meaning: String
    if text.count == 64, let raw = try text.hexDecoded(), raw.count == 32 {
      key = try ed25519(raw)
      meaning =
        "64 digits do not say their curve, which is secp256k1 here; programs that print Ed25519 keys leave ED out"
    } else if let seed = try secp256k1Entropy(text) {
      key = try ed25519(ofEntropy: seed)
      meaning =
        "a seed s… does not say its curve, which is secp256k1 here and in Xaman; xrpl.js and xrpl-py took Ed25519 from "
        + "version 2 on"
    } else {
      return nil
    }
    return .other(
      address: key.address, meaning: meaning,
      kind: "taken for secp256k1 here, and has with Ed25519 the address",
      advice: "store the Ed25519 key: ED and 64 digits, as the library prints the private key")
  }

  /// The classic address, also of an X-address without a tag.
  private static func canonical(_ text: String) -> String {
    XRPAccount.Extended(text)?.account.address ?? text
  }
}
