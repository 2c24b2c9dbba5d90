internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives

extension KeyForms {
  /// What people bring as keys of EVM chains, where their wallets have them, and how they write addresses.
  ///
  /// - Parameters:
  ///   - coinType: the chain's own SLIP-44 number.
  ///   - form: how addresses are written.
  ///   - sdkCoinType: the number that Tatum's SDK 4 has, where it is another than Ethereum's.
  static func evm(coinType: UInt32, form: EVMAddressForm, sdkCoinType: UInt32?) -> KeyForms {
    let bip44 = "https://github.com/bitcoin/bips/blob/master/bip-0044.mediawiki"
    let trust = "https://github.com/trustwallet/wallet-core/blob/master/registry.json"
    return KeyForms(
      accept: { text, _, _ in try acceptEVM(text) },
      canonical: { text, _ in form.canonical(text) },
      isAddress: { text, _ in form.isAddress(text) },
      otherAddresses: { publicKey, _ in form.otherTexts(EVMAddress(publicKey: publicKey)) },
      paths: [
        KnownPath(
          "m/44'/60'/0'/0/i", "MetaMask, Trezor, Ledger Live, Rabby, and most others on every EVM chain",
          presets: ["metamask", "ledger-live", "trezor", "trust", "rabby"]
            + (sdkCoinType == nil ? ["tatum-sdk-4"] : []),
          source:
            "https://support.metamask.io/start/user-guide-secret-recovery-phrase-password-and-private-keys/"),
        KnownPath(
          "m/44'/60'/i'/0/0", "further accounts of Ledger Live",
          source: "https://support.ledger.com/article/360010892360-zd"),
        KnownPath(
          "m/44'/60'/0'/i", "MyEtherWallet, and Ledger before Ledger Live",
          presets: ["ledger-legacy", "mew"],
          source: "https://support.mycrypto.com/general-knowledge/cryptography/hd-wallets/"),
        KnownPath(
          "m/44'/\(coinType)'/0'/0/i", "the chain's own number on both networks", presets: ["slip44"],
          source: "https://github.com/satoshilabs/slips/blob/master/slip-0044.md"),
        KnownPath(
          "m/44'/1'/0'/0/i", "the number of test networks, as Tatum's SDK 1 and this program have it",
          source: bip44),
        KnownPath("m/44'/966'/0'/0/i", "Polygon's own number, as Tatum has it", source: bip44),
        KnownPath(
          "m/44'/9006'/0'/0/i", "BNB Smart Chain in Tatum's SDK 4",
          presets: sdkCoinType == 9006 ? ["tatum-sdk-4"] : [],
          source: "https://github.com/tatumio/ecosystem-addons"),
        KnownPath(
          "m/44'/641'/0'/0/i", "KuCoin Community Chain in Tatum's SDK 4",
          presets: sdkCoinType == 641 ? ["tatum-sdk-4"] : [],
          source: "https://github.com/tatumio/ecosystem-addons"),
        KnownPath(
          "m/44'/714'/0'/0/i", "BNB's own number (Trust Wallet's older BNB Smart Chain)", source: trust),
        KnownPath("m/44'/61'/0'/0/i", "Ethereum Classic", source: trust),
        KnownPath("m/44'/52752'/0'/0/i", "Celo (Valora, Trust Wallet)", source: trust),
        KnownPath("m/44'/8217'/0'/0/i", "Kaia, Klaytn (Kaikas, D'CENT)", source: trust),
        KnownPath("m/44'/1023'/0'/0/i", "Harmony (Trust Wallet, Harmony's own)", source: trust),
        KnownPath("m/44'/550'/0'/0/i", "XDC (XDCPay, D'CENT)", source: trust),
        KnownPath("m/44'/818'/0'/0/i", "VeChain (VeWorld, Ledger)", source: trust),
      ],
      signaturesNameNetwork: true)
  }

  /// A wallet key of Klaytn, `0x<key>0x00 0x<address>` without the space, is a key whose address is named: it is taken when
  /// the two belong together. An account whose key was changed keeps its address.
  private static func acceptEVM(_ text: SecretBytes) throws -> AcceptedKey {
    let text = try text.withoutSpaces()
    guard text.count == 112, text.hasPrefix("0x"), try text.slice(66..<72).hasPrefix("0x000x") else {
      return AcceptedKey(text)
    }
    let key = try text.slice(2..<66)
    guard let raw = try key.hexDecoded(), let stated = try text.slice(72..<112).hexDecoded(),
      let secret = try? Secp256k1PrivateKey(raw), let address = EVMAddress(publicKey: secret.publicKey())
    else { return AcceptedKey(text) }
    guard stated.withUnsafeBytes({ Array($0) }) == address.bytes else {
      throw WalletError.invalidPrivateKey(
        "this is the wallet key of an account whose key was changed (decoupled): its address is not that of the key, and "
          + "transactions of such accounts are not signed here")
    }
    return AcceptedKey(key)
  }
}

extension EVMAddressForm {
  /// How else the chain's people write an address.
  fileprivate func otherTexts(_ address: EVMAddress?) -> [ServedAddress] {
    guard let address else { return [] }
    switch self {
    case .hexadecimal: return []
    case .xdc: return [ServedAddress(address.hexText, "the same as 0x…")]
    case .harmony:
      return [ServedAddress(Bech32.encodeBytes(hrp: "one", bytes: address.bytes), "the same as one1…")]
    }
  }
}
