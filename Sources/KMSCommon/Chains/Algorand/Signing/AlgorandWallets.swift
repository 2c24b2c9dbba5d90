internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys
internal import KMSRecords

/// Wallets of ALGO: one Ed25519 key each, without derivation.
///
/// The secret is the Base32 text (RFC 4648, no padding, 103 characters) of seed and public key. A mnemonic of Algorand
/// (25 words) is the same seed in words: it is read, and the secret is kept, as in the original.
struct AlgorandWallets: SigningWallets {
  let hasSecrets = true

  func generate(testnet: Bool) throws -> NewWallet {
    try wallet(of: Ed25519PrivateKey(seed: SecretBytes.random(count: 32)), kind: .secret)
  }

  func wallet(mnemonic: SecretBytes, testnet: Bool) throws -> NewWallet {
    let seed: SecretBytes
    do throws(CryptoError) { seed = try AlgorandMnemonic.seed(mnemonic) } catch {
      throw WalletError.invalidMnemonic(error.message)
    }
    return try wallet(of: Ed25519PrivateKey(seed: seed), kind: .secret)
  }

  func wallet(privateKey: SecretBytes, testnet: Bool) throws -> NewWallet {
    try wallet(of: parse(privateKey), kind: .privateKey)
  }

  func generatePrivateKey(testnet: Bool) throws -> NewWallet {
    try wallet(of: Ed25519PrivateKey(seed: SecretBytes.random(count: 32)), kind: .privateKey)
  }

  func key(kind: WalletKind, secret: SecretBytes, index: UInt32?, testnet: Bool) throws -> PrivateKeyMaterial
  {
    guard kind != .mnemonic else { throw Self.noMnemonics }
    let key = try parse(secret)
    return PrivateKeyMaterial(ed25519: key, address: AlgorandAddress(publicKey: key.publicKey).text)
  }

  func privateKeyText(kind: WalletKind, secret: SecretBytes, index: UInt32, testnet: Bool) throws
    -> SecretBytes
  {
    guard kind != .mnemonic else { throw Self.noMnemonics }
    return secret
  }

  func address(of wallet: WalletView, index: UInt32) throws -> String? { wallet.address }

  func privateKeyText(from seed: MnemonicSeed, path: [HDPathElement], testnet: Bool) throws -> SecretBytes {
    let raw = try SLIP10Ed25519.derive(seed: seed.seed, path: SLIP10Wallets.hardened(path))
    return try wallet(of: Ed25519PrivateKey(seed: raw), kind: .privateKey).secret
  }

  var forms: KeyForms { Self.keyForms }

  private static let keyForms = KeyForms(
    accept: { text, _, _ in try AlgorandWallets().accept(text) },
    isAddress: { text, _ in (try? AlgorandAddress(.string(text), member: "address")) != nil },
    paths: [
      KnownPath(
        "m/44'/283'/0'/0'/i'", "Trust Wallet, Exodus (SLIP-10)", presets: ["trust"],
        source: "https://github.com/trustwallet/wallet-core/blob/master/registry.json")
    ], signaturesNameNetwork: true)

  /// Base64, 128 digits, padded Base32, and the 25 words.
  private func accept(_ text: SecretBytes) throws -> AcceptedKey {
    if Mnemonic.count(text) > 12, ByteList.count(text) == 0 {
      return AcceptedKey(try wallet(mnemonic: text, testnet: false).secret)
    }
    let digits = try text.withoutHexPrefix(digits: [128])
    var bytes: SecretBytes?
    switch digits.count {
    case 128: bytes = try digits.hexDecoded()
    case 88: bytes = try digits.base64Decoded()
    // 103 characters, and = for what is missing to 104.
    case 104: bytes = try digits.without(prefix: "", suffix: "=").flatMap { try Base32.decodeSecret($0) }
    default: break
    }
    guard let bytes, bytes.count == 64 else { return AcceptedKey(text) }
    return AcceptedKey(try Base32.encodeSecret(bytes))
  }

  private static let noMnemonics = WalletError.unsupported(
    "ALGO wallets do not keep a mnemonic: storemanagedwallet turns its 25 words into the secret that they stand for"
  )

  private func wallet(of key: Ed25519PrivateKey, kind: WalletKind) throws -> NewWallet {
    NewWallet(
      kind: kind, secret: try Base32.encodeSecret(key.expanded),
      address: AlgorandAddress(publicKey: key.publicKey).text)
  }

  /// Reads a secret; its second half must be the public key of the first.
  private func parse(_ text: SecretBytes) throws -> Ed25519PrivateKey {
    guard let bytes = try Base32.decodeSecret(text), bytes.count == 64 else {
      throw WalletError.invalidPrivateKey(
        "the secret is not the Base32 text of 64 bytes: 103 capital letters and digits 2 to 7")
    }
    let key = try Ed25519PrivateKey(seed: bytes.slice(0..<32))
    guard key.expanded == bytes else {
      throw WalletError.invalidPrivateKey(
        "the two halves of the secret do not belong together: a character is wrong")
    }
    return key
  }
}
