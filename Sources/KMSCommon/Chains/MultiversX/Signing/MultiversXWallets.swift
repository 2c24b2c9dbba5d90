internal import KMSChains
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
    forms: KeyForms(
      accept: { text, _, _ in try accept(text) }, canonical: { text, _ in canonical(text) },
      isAddress: { text, _ in (try? MultiversXAddress(text, member: "")) != nil },
      paths: [
        KnownPath(
          "m/44'/508'/0'/0'/i'", "xPortal, the web wallet, Ledger on every network",
          presets: ["xportal", "ledger-live", "trust"], source: "https://docs.multiversx.com/wallet/keystore/"
        ),
        KnownPath(
          "m/44'/1'/0'/0'/i'", "the number of test networks, as Tatum has it",
          source: "https://github.com/satoshilabs/slips/blob/master/slip-0044.md"),
      ], signaturesNameNetwork: true))

  /// 64 digits are a key, or a public key: MultiversX writes addresses so, too. A PEM file of its tools, and what stands in it,
  /// is Base64 of 128 digits, key and public key.
  private static func accept(_ text: SecretBytes) throws -> AcceptedKey {
    var digits = try text.withoutHexPrefix(digits: [64, 128])
    if let body = try pemBody(text) { digits = body }
    if digits.count == 128, let bytes = try digits.hexDecoded(), bytes.count == 64 {
      let key = try Ed25519PrivateKey(seed: bytes.slice(0..<32))
      guard key.expanded == bytes else {
        throw WalletError.invalidPrivateKey(
          "private and public key within the 128 digits do not belong together: a digit is wrong")
      }
      return AcceptedKey(try digits.slice(0..<64))
    }
    var accepted = AcceptedKey(digits)
    if digits.count == 64, let bytes = try digits.hexDecoded(), bytes.count == 32 {
      let address = bytes.withUnsafeBytes { MultiversXAddress(publicKey: Array($0)).text }
      accepted.otherReadings = [.publicKey(of: address)]
    }
    return accepted
  }

  /// The 128 digits in a PEM file, or in its body alone; nil for other texts.
  private static func pemBody(_ text: SecretBytes) throws -> SecretBytes? {
    let range: Range<Int>? = text.withUnsafeBytes { bytes in
      guard bytes.starts(with: "-----BEGIN".utf8) else { return 0..<bytes.count }
      guard let start = bytes.dropFirst(10).firstIndex(of: 10),
        let end = bytes[start...].firstIndex(of: UInt8(ascii: "-"))
      else { return nil }
      return start..<end
    }
    guard let range else { return nil }
    let body = try text.slice(range).withoutSpaces()
    // 128 digits are 172 characters of Base64.
    guard body.count == 172, let digits = try body.base64Decoded(), digits.count == 128 else { return nil }
    return digits
  }

  /// `erd1…` of an address that may be in hexadecimal.
  private static func canonical(_ text: String) -> String {
    if let bytes = Hex.decode(text), bytes.count == 32 { return MultiversXAddress(publicKey: bytes).text }
    return text.lowercased()
  }
}
