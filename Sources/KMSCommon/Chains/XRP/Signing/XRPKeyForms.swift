internal import KMSCrypto

extension XRPSeed {
  /// What people bring as secrets of XRP accounts.
  static let forms = KeyForms(
    accept: { text, _, _ in try accept(text) }, canonical: { text, _ in canonical(text) },
    knownSecrets: [
      // https://xrpl.org/docs/concepts/accounts, "special addresses" and stand-alone mode.
      KnownKeys.Secret(
        text: "snoPBrXtMeMyMHUVTgbuqAfg1SUTb",
        origin: "the secret of the first account of every new XRP Ledger, \"masterpassphrase\"")
    ])

  /// `ED` and 64 digits are a private key in the XRP libraries, and a public key there and on the ledger.
  private static func accept(_ text: SecretBytes) throws -> AcceptedKey {
    var accepted = AcceptedKey(text)
    if text.count == 66, let bytes = try text.hexDecoded(), bytes.count == 33 {
      let publicKey = bytes.withUnsafeBytes { Array($0) }
      switch publicKey.first {
      case ed25519Marker: accepted.addressAsPublicKey = XRPAccount(publicKey: publicKey).address
      case 2, 3:
        throw WalletError.publicText(
          "this has the form of a public key (02 or 03 and 64 digits), and is no private key")
      default: break
      }
    }
    return accepted
  }

  /// The classic address, also of an X-address without a tag.
  private static func canonical(_ text: String) -> String {
    XRPAccount.Extended(text)?.account.address ?? text
  }
}
