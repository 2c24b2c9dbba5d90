internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys

extension SLIP10Wallets {
  /// With comments on Ledger's paths.
  private static let trezor =
    "https://github.com/trezor/trezor-suite/blob/develop/suite-common/wallet-config/src/networksConfig.ts"
  private static let ledgerLive =
    "https://github.com/LedgerHQ/ledger-live/blob/develop/libs/coin-framework/src/derivation.ts"

  /// SOL: `m/44'/501'/0'/0'/index'` on all networks, one level deeper than what most wallet programs derive.
  static let solana = SLIP10Wallets(
    mainnetCoin: 501, testnetCoin: 501,
    keyText: { try Base58.encodeSecret($0.expanded) },
    parseKey: { try SolanaKeyText.parse($0) },
    address: { Base58.encode($0) },
    forms: KeyForms(
      accept: { text, _, _ in try AcceptedKey(text.withoutHexPrefix(digits: [128])) },
      advice: { text, _ in
        Base58.decode(text)?.count == 32
          ? nil : "that is no address of this chain: is a character wrong, or is it one of another chain?"
      },
      paths: [
        KnownPath(
          "m/44'/501'/i'/0'", "Phantom, Solflare, Trezor", presets: ["phantom", "solflare", "trezor"],
          source: trezor),
        KnownPath(
          "m/44'/501'/i'", "Trust Wallet, and Ledger Live", presets: ["trust", "ledger-live"], source: trezor),
        KnownPath("m/44'/501'", "the first account of Ledger Live", source: ledgerLive),
        KnownPath(
          "m/44'/501'/0'/i'", "programs that count addresses in the fourth step",
          source: "https://github.com/satoshilabs/slips/blob/master/slip-0044.md"),
        KnownPath(
          "m", "solana-keygen without a path", source: "https://docs.anza.xyz/cli/wallets/file-system"),
      ]))
}
