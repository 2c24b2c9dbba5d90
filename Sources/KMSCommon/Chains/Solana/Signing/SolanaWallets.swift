internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives

extension SolanaKeyText {
  /// A key and the text under which it is kept.
  static func parse(_ text: SecretBytes) throws -> SLIP10Wallets.ParsedKey {
    let (bytes, kept) = try bytes(text)
    return SLIP10Wallets.ParsedKey(key: try key(bytes), text: kept)
  }

  /// The key of 64 bytes.
  ///
  /// - Throws: `invalid-private-key` when the second half is not the public key of the first.
  static func key(_ bytes: SecretBytes) throws -> Ed25519PrivateKey {
    let key = try Ed25519PrivateKey(seed: bytes.slice(0..<32))
    guard key.expanded == bytes else {
      throw WalletError.invalidPrivateKey(
        "the two halves of the private key do not belong together: a character is wrong")
    }
    return key
  }
}

extension SLIP10Wallets {
  /// SOL: `m/44'/501'/0'/0'/index'` on all networks, one level deeper than what most wallet programs derive.
  static let solana = SLIP10Wallets(
    mainnetCoin: 501, testnetCoin: 501,
    keyText: { try Base58.encodeSecret($0.expanded) },
    parseKey: { try SolanaKeyText.parse($0) },
    address: { Base58.encode($0) },
    forms: KeyForms(
      accept: { text, _, _ in try AcceptedKey(text.withoutHexPrefix(digits: [128])) },
      paths: [
        KnownPath(
          "m/44'/501'/i'/0'", "Phantom, Solflare, Ledger", presets: ["phantom", "solflare", "ledger-live"],
          source: "https://docs.solanalabs.com/cli/wallets/hardware"),
        KnownPath(
          "m/44'/501'/i'", "Trust Wallet, and Ledger's first accounts", presets: ["trust"],
          source: "https://github.com/trustwallet/wallet-core/blob/master/registry.json"),
        KnownPath("m/44'/501'/0'/i'", "Phantom's deprecated path", source: "https://help.phantom.app"),
        KnownPath(
          "m", "solana-keygen without a path", source: "https://docs.anza.xyz/cli/wallets/file-system"),
      ]))
}
