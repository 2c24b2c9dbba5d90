internal import KMSChains
internal import KMSCrypto

extension KeyForms {
  /// With comments on Ledger's paths.
  private static let trezor =
    "https://github.com/trezor/trezor-suite/blob/develop/suite-common/wallet-config/src/networksConfig.ts"

  /// What people bring as keys of TRON, and how they write addresses.
  static let tron = KeyForms(
    canonical: { text, _ in (TronAddress(text: text) ?? TronAddress(hex: text))?.text ?? text },
    isAddress: { text, _ in TronAddress(text: text) != nil },
    paths: [
      KnownPath(
        "m/44'/195'/0'/0/i", "TronLink, Ledger, Trezor, Trust Wallet",
        presets: ["tronlink", "ledger-live", "trezor", "trust", "tatum-sdk-4"], source: trezor),
      KnownPath(
        "m/44'/195'/i'/0/0", "the accounts of TronLink and Ledger",
        source: trezor),
      KnownPath(
        "m/44'/60'/0'/0/i", "programs that take Ethereum's path for every chain",
        source: "https://github.com/bitcoin/bips/blob/master/bip-0044.mediawiki"),
    ])
}
