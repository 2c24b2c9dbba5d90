internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives

extension KeyForms {
  /// What people bring as keys of a chain of the Bitcoin family, where their wallets have them, and which addresses a key
  /// serves.
  static func bitcoin(_ parameters: BitcoinParameters) -> KeyForms {
    KeyForms(
      accept: { text, _, _ in
        var accepted = try AcceptedKey(plainKey(text))
        if accepted.text.count == 64 {
          accepted.doubt = "64 digits may be a transaction's id or a public key, which everybody can read"
        }
        return accepted
      },
      canonical: { text, testnet in
        let network = parameters.network(testnet)
        return network.script(ofAddress: text).flatMap { network.address(of: $0) } ?? text
      },
      isAddress: { text, testnet in parameters.network(testnet).script(ofAddress: text) != nil },
      advice: { text, testnet in
        switch parameters.network(testnet).script(ofAddress: text) {
        case .witness(version: 1, program: _)?:
          "that is a Taproot address (P2TR, BIP-86), whose coins are not signed for here: send them to another address"
        case .witness(version: 0, let program)? where program.count == 32:
          "that is the address of a script (P2WSH), which no single key spends from"
        default: nil
        }
      },
      otherAddresses: { publicKey, testnet in parameters.network(testnet).served(by: publicKey) },
      paths: paths(parameters))
  }

  /// The WIF, or 64 digits, of what programs put around it: Electrum's kind of script, a descriptor of one key, `0x`.
  private static func plainKey(_ text: SecretBytes) throws -> SecretBytes {
    for prefix in ["p2wpkh-p2sh:", "p2wpkh:", "p2pkh:"] {
      if let rest = try text.without(prefix: prefix) { return rest }
    }
    // A checksum may follow a descriptor: # and eight characters (BIP-380).
    let hasChecksum = text.count > 9 && text.withBytes { $0[$0.count - 9] == UInt8(ascii: "#") }
    let descriptor = hasChecksum ? try text.slice(0..<text.count - 9) : text
    for (open, close) in [("sh(wpkh(", "))"), ("wpkh(", ")"), ("pkh(", ")")] {
      guard let rest = try descriptor.without(prefix: open, suffix: close) else { continue }
      // Extended keys have 111 characters.
      if rest.count < 70 { return rest }
    }
    return try text.withoutHexPrefix(digits: [64])
  }

  private static func paths(_ parameters: BitcoinParameters) -> [KnownPath?] {
    func bip(_ number: Int) -> String {
      "https://github.com/bitcoin/bips/blob/master/bip-00\(number).mediawiki"
    }
    let hasSegWit = parameters.mainnet.witnessPrefix != nil
    let coin = parameters.coinType
    var rows: [KnownPath?] = []
    if hasSegWit {
      rows += [
        KnownPath(
          "m/84'/\(coin)'/0'/0/i",
          "Native SegWit (BIP-84): Ledger, Trezor, Trust Wallet, BlueWallet, Sparrow",
          presets: ["bip84", "ledger-live", "trezor", "trust", "bluewallet"], on: .mainnet, source: bip(84)),
        KnownPath("m/84'/\(coin)'/0'/1/i", "change of Native SegWit (BIP-84)", source: bip(84)),
        KnownPath(
          "m/49'/\(coin)'/0'/0/i", "SegWit in P2SH (BIP-49)", presets: ["bip49"], on: .mainnet,
          source: bip(49)),
        KnownPath("m/49'/\(coin)'/0'/1/i", "change of SegWit in P2SH (BIP-49)", source: bip(49)),
        KnownPath(
          "m/84'/1'/0'/0/i", "Native SegWit on test networks (BIP-84)",
          presets: ["bip84", "ledger-live", "trezor", "trust", "bluewallet"], on: .testnets, source: bip(84)),
        KnownPath(
          "m/49'/1'/0'/0/i", "SegWit in P2SH on test networks (BIP-49)", presets: ["bip49"], on: .testnets,
          source: bip(49)),
        KnownPath("m/0'/0'/i'", "Bitcoin Core before descriptors", source: bip(32)),
        KnownPath(
          "m/0'/0/i", "BRD (breadwallet), MultiBit HD",
          source: "https://github.com/breadwallet/brd-mobile/issues/16"),
      ]
    }
    return rows + [
      KnownPath(
        "m/44'/\(coin)'/0'/0/i", "the chain's number (BIP-44)", presets: ["bip44"], on: .mainnet,
        source: bip(44)),
      // It has the main network's number on test networks, too, and no Bitcoin Cash.
      KnownPath(
        "m/44'/\(coin)'/0'/0/i", "Tatum's SDK 4",
        presets: parameters.mainnet.cashAddressPrefix == nil ? ["tatum-sdk-4"] : [],
        source:
          "https://github.com/tatumio/ecosystem-addons/blob/master/extensions/walletProviders/utxo/src/consts.ts"
      ),
      KnownPath("m/44'/\(coin)'/0'/1/i", "change (BIP-44)", source: bip(44)),
      KnownPath(
        "m/44'/1'/0'/0/i", "test networks (BIP-44)", presets: ["bip44", "bip44-testnet"], on: .testnets,
        source: bip(44)),
      KnownPath("m/44'/0'/0'/0/i", "Bitcoin's number (wallets from before a fork)", source: bip(44)),
      KnownPath("m/44'/145'/0'/0/i", "Bitcoin Cash", source: bip(44)),
      KnownPath(
        "m/0/i", "Electrum (Standard)", source: "https://electrum.readthedocs.io/en/latest/seedphrase.html",
        master: .electrum),
      KnownPath(
        "m/0'/0/i", "Electrum (SegWit)", source: "https://electrum.readthedocs.io/en/latest/seedphrase.html",
        master: .electrum),
    ]
  }
}

extension BitcoinNetwork {
  /// The addresses whose coins a public key (33 or 65 bytes) can spend.
  fileprivate func served(by publicKey: [UInt8]) -> [ServedAddress] {
    let hash = Hash.hash160(publicKey)
    var found: [ServedAddress] = []
    if let text = address(of: .publicKeyHash(hash)) { found.append(ServedAddress(text, "P2PKH")) }
    if cashAddressPrefix != nil {
      found.append(
        ServedAddress(Base58Check.encode([publicKeyHashVersion] + hash), "P2PKH as it was written first"))
    }
    // SegWit takes compressed keys only (BIP-143).
    guard witnessPrefix != nil, publicKey.count == 33 else { return found }
    let program = LockingScript.witnessScript(version: 0, program: hash)
    if let text = address(of: .scriptHash(Hash.hash160(program))) {
      found.append(ServedAddress(text, "P2SH-P2WPKH"))
    }
    if let text = address(of: .witness(version: 0, program: hash)) {
      found.append(ServedAddress(text, "P2WPKH"))
    }
    return found
  }
}
