internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys

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
    let pem = try MultiversXPEM(text)
    if let body = try pem.digits { digits = body }
    if digits.count == 128, let bytes = try digits.hexDecoded(), bytes.count == 64 {
      let key = try Ed25519PrivateKey(seed: bytes.slice(0..<32))
      guard key.expanded == bytes else {
        throw WalletError.invalidPrivateKey(
          "private and public key within the 128 digits do not belong together: a digit is wrong")
      }
      let address = MultiversXAddress(publicKey: key.publicKey).text
      guard pem.address == nil || pem.address == address else {
        throw WalletError.invalidPrivateKey(
          "the file names another address than its key has, which is \(address): its first line or its key was changed"
        )
      }
      return AcceptedKey(try digits.slice(0..<64))
    }
    var accepted = AcceptedKey(digits)
    if digits.count == 64, let bytes = try digits.hexDecoded(), bytes.count == 32 {
      // Most private keys are no point of the curve, and so no public key.
      if Ed25519.isValidPublicKey(bytes) {
        accepted.otherReadings = [
          .publicKey(bytes) { try? MultiversXAddress($0, member: "address").bytes }
        ]
      }
    }
    return accepted
  }

  /// `erd1…` of an address that may be in hexadecimal.
  private static func canonical(_ text: String) -> String {
    if let bytes = Hex.decode(text), bytes.count == 32 { return MultiversXAddress(publicKey: bytes).text }
    return text.lowercased()
  }
}

/// A PEM file of MultiversX's tools, `PRIVATE KEY for erd1…`, or the body alone.
private struct MultiversXPEM {
  /// The address that the first line names.
  let address: String?
  private let body: SecretBytes?

  /// Takes any text.
  ///
  /// - Throws: `invalid-private-key` for a file with several keys.
  init(_ text: SecretBytes) throws {
    let dashes = Array("-----".utf8)
    let marks = text.withBytes { bytes in
      (0..<max(0, bytes.count - 4)).filter { start in
        dashes.indices.allSatisfy { bytes[start + $0] == dashes[$0] }
      }
    }
    guard text.hasPrefix("-----BEGIN"), marks.count >= 3 else {
      (address, body) = (nil, text)
      return
    }
    guard marks.count == 4 else {
      throw WalletError.invalidPrivateKey("this file has several keys: store them one after the other")
    }
    body = try text.slice(marks[1] + 5..<marks[2])
    let line = try text.slice(0..<marks[1]).withBytes { String(decoding: $0) }
    address = line.firstRange(of: "erd1").map { String(line[$0.lowerBound...]) }
  }

  /// The 128 digits that the Base64 stands for; nil when it does not.
  var digits: SecretBytes? {
    get throws {
      // 128 digits are 172 characters of Base64.
      guard let body = try body?.withoutSpaces(), body.count == 172, let digits = try body.base64Decoded(),
        digits.count == 128
      else { return nil }
      return digits
    }
  }
}
