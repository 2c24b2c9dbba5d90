internal import KMSChains
internal import KMSCrypto
internal import KMSPrivateKeys

extension StrKey {
  /// Where people's wallets have their keys (SEP-5), and how they write addresses.
  static let forms = KeyForms(
    canonical: { text, _ in account(ofMuxed: text) ?? text },
    isAddress: { text, _ in publicKey(ofAddress: text) != nil },
    paths: [
      KnownPath(
        "m/44'/148'/i'", "SEP-5: Ledger, Lobstr, Freighter, Trezor, Trust Wallet",
        presets: ["sep5", "ledger-live", "lobstr", "freighter", "trezor", "trust"],
        source: "https://github.com/stellar/stellar-protocol/blob/master/ecosystem/sep-0005.md")
    ],
    derive: { seed, path in
      try text(ofSeed: SLIP10Ed25519.derive(seed: seed.seed, path: SLIP10Wallets.hardened(path)))
    }, signaturesNameNetwork: true)
}
