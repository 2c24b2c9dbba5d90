internal import KMSCrypto
internal import KMSPrimitives

/// The text forms of Solana's 64-byte private keys, seed and public key.
///
/// The second half is the check that the text is a private key at all: 32 bytes alone, in Base58 or hexadecimal, could as
/// well be an address, which everybody knows.
enum SolanaKeyText {
  /// A key and the text under which it is kept.
  static func parse(_ text: SecretBytes) throws -> SLIP10Wallets.ParsedKey {
    let bytes: SecretBytes?
    var kept = text
    if let list = try ByteList.bytes(text, count: 64) {
      // The original has no such form, nor the next one; from here on they are Base58.
      bytes = list
      kept = try Base58.encodeSecret(list)
    } else if text.count == 88, let decoded = try text.base64Decoded(), decoded.count == 64 {
      bytes = decoded
      kept = try Base58.encodeSecret(decoded)
    } else {
      bytes = try text.count == 128 ? text.hexDecoded() : Base58.decodeSecret(text)
    }
    guard let bytes, bytes.count == 64 else {
      throw WalletError.invalidPrivateKey(
        "the private key is not 64 bytes in Base58, in Base64, in 128 hexadecimal digits, or in a list such as [12,34,…]"
      )
    }
    let key = try Ed25519PrivateKey(seed: bytes.slice(0..<32))
    guard key.expanded == bytes else {
      throw WalletError.invalidPrivateKey(
        "the two halves of the private key do not belong together: a character is wrong")
    }
    return SLIP10Wallets.ParsedKey(key: key, text: kept)
  }
}

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
