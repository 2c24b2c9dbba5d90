internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys

extension KeyForms {
  /// What people bring as keys of Cardano, where their wallets have them, and how they write addresses.
  static let cardano = KeyForms(
    accept: { text, _, testnet in try CardanoKeyText.accept(text, testnet: testnet) },
    canonical: { text, testnet in
      // A base address and the enterprise address of one key are spent from with the same signature.
      guard let read = try? CardanoAddress(text, testnet: testnet, member: "address"),
        let hash = read.paymentKeyHash
      else { return text }
      return CardanoAddress.enterprise(keyHash: hash, testnet: testnet).bech32Text
    },
    isAddress: { text, testnet in (try? CardanoAddress(text, testnet: testnet, member: "address")) != nil },
    advice: { text, testnet in advice(text, testnet) },
    paths: [
      KnownPath(
        "m/1852'/1815'/0'/0/i", "CIP-1852: Yoroi, Eternl, Lace, Typhon, Daedalus, Trezor",
        presets: ["cip1852", "yoroi", "eternl", "lace", "daedalus", "trezor"], source: cip1852),
      KnownPath(
        "m/1852'/1815'/0'/1/i", "change (CIP-1852), of any of these wallet programs", source: cip1852),
      KnownPath(
        "m/1852'/1815'/0'/0/i", "Ledger, which makes another master key of the same words",
        presets: ["ledger-live"],
        source: cip3 + "Ledger_BitBox02.md", master: .icarusLedger),
      KnownPath(
        "m/1852'/1815'/0'/0/i", "older accounts of Trezor with 24 words, of which it made another master key",
        presets: ["trezor-24"],
        source: cip3 + "Trezor.md", master: .icarusTrezor),
      KnownPath(
        "m/44'/1815'/0'/0/i", "wallets of the Byron era: the first Yoroi", source: cip3 + "Icarus.md"),
    ],
    notes: [
      "the address is an enterprise address; wallet programs show base addresses (addr1q…), which the same key spends from "
        + "when their payment part is this key's"
    ])

  private static let cip1852 = "https://cips.cardano.org/cip/CIP-1852"
  private static let cip3 = "https://github.com/cardano-foundation/CIPs/blob/master/CIP-0003/"

  private static func advice(_ address: String, _ testnet: Bool) -> String? {
    if address.hasPrefix("stake") {
      return
        "a stake address receives nothing: the wallet program shows addresses that begin with addr1q, too"
    }
    guard let read = try? CardanoAddress(address, testnet: testnet, member: "address"),
      read.paymentKeyHash == nil
    else {
      return nil
    }
    return address.hasPrefix("addr")
      ? "that is the address of a script, which no single key spends from"
      : "that is an address of the Byron era, whose coins are not signed for here: send them to an address of a new wallet"
  }
}

/// Private keys of Cardano in the forms of its tools.
enum CardanoKeyText {
  /// Extended signing keys of cardano-cli (a JSON file, or its `cborHex`), of cardano-addresses (Bech32), and of libraries
  /// (128, 192 or 256 digits: kL and kR, the public key in the longest, the chain code in both longer ones).
  static func accept(_ text: SecretBytes, testnet: Bool) throws -> AcceptedKey {
    try refuseByType(text)
    let digits = try (text.jsonString("cborHex") ?? text).withoutHexPrefix(digits: [128, 192, 256, 260])
    // CBOR: 128 bytes, 32 bytes.
    if digits.count == 260, let key = try digits.without(prefix: "5880") { return AcceptedKey(key) }
    if digits.count == 68, digits.hasPrefix("5820") {
      throw WalletError.invalidPrivateKey(
        "this is a normal signing key of cardano-cli (32 bytes): here keys are extended ones, as "
          + "`cardano-cli address key-gen --extended-key` and mnemonics make them")
    }
    for (prefix, count) in [("addr_xsk", 96), ("ed25519e_sk", 64)] {
      guard let bytes = try Bech32Secret.decode(digits, prefix: prefix), bytes.count == count else {
        continue
      }
      return AcceptedKey(try bytes.slice(0..<64).hexEncoded())
    }
    for prefix in ["root_xsk1", "acct_xsk1", "root_shared_xsk1", "acct_shared_xsk1", "stake_xsk1", "xprv1"]
    where digits.hasPrefix(prefix) {
      throw WalletError.invalidPrivateKey(
        "this is a root, account or stake key, not the key of an address; give its words to --from-mnemonic "
          + "\"m/1852'/1815'/0'/0/0\", or derive addr_xsk1… with cardano-address")
    }
    return try ofDigits(digits, testnet: testnet)
  }

  /// What a file of cardano-cli says that it is.
  private static func refuseByType(_ text: SecretBytes) throws {
    guard let type = try text.jsonString("type") else { return }
    if type.contains("VerificationKey") {
      throw WalletError.publicText("this file has a verification key, which is public, and no signing key")
    }
    guard !type.contains("SigningKey") || type.hasPrefix("Payment") else {
      throw WalletError.invalidPrivateKey(
        "this file has a signing key for something else than payments, such as stake: the one of an address is of the type "
          + "PaymentExtendedSigningKeyShelley_ed25519_bip32")
    }
  }

  private static func ofDigits(_ digits: SecretBytes, testnet: Bool) throws -> AcceptedKey {
    guard [128, 192, 256].contains(digits.count), let bytes = try digits.hexDecoded(),
      bytes.count == digits.count / 2
    else { return AcceptedKey(digits) }
    var accepted = AcceptedKey(digits.count == 192 ? try digits.slice(0..<128) : digits)
    guard let key = try? CardanoWallets.parse(accepted.text) else { return accepted }
    let first = try bytes.slice(0..<32)
    if bytes.count == 64, Ed25519.isValidPublicKey(first) {
      var key = first.withBytes { Array($0) }
      defer { key.wipe() }
      accepted.otherReadings.append(
        .publicKey(of: CardanoAddress.enterprise(publicKey: key, testnet: testnet).bech32Text))
    }
    guard bytes.count > 64 else {
      accepted.remarks = [
        "128 digits do not say whether they are the key of an address or the root key of a wallet, whose addresses are others"
      ]
      return accepted
    }
    let root = try IcarusKey(extended: key.extended, chainCode: bytes.slice(bytes.count - 32..<bytes.count))
    let path: [HDPathElement] = [.hardened(1852), .hardened(1815), .hardened(0), .normal(0), .normal(0)]
    accepted.otherReadings.append(
      .other(
        address: CardanoAddress.enterprise(publicKey: try root.derive(path).publicKey, testnet: testnet)
          .bech32Text,
        meaning: "these digits do not say whether they are the key of an address or the root key of a wallet",
        kind: "the root key of the wallet that has",
        advice: "derive addr_xsk1… of that address with cardano-address"))
    return accepted
  }
}
