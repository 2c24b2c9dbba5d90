internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys

/// The wallets of BNB Beacon Chain, as the original makes them: single random keys, 64 digits, no derivation.
struct BNBWallets: SigningWallets {
  /// A new random key.
  func generate(testnet: Bool) throws -> NewWallet { try generatePrivateKey(testnet: testnet) }

  /// Refuses: the original ignored the mnemonic and stored a random key (defect C9).
  func wallet(mnemonic: SecretBytes, testnet: Bool) throws -> NewWallet {
    throw WalletError.unsupported("BNB wallets have no mnemonic; store the private key")
  }

  func wallet(privateKey: SecretBytes, testnet: Bool) throws -> NewWallet {
    NewWallet(
      kind: .privateKey, secret: privateKey, address: try material(privateKey, testnet: testnet).address)
  }

  func generatePrivateKey(testnet: Bool) throws -> NewWallet {
    while true {
      let secret = try SecretBytes.random(count: 32)
      // One in 2^128 random keys is out of range.
      guard let key = try? Secp256k1PrivateKey(secret) else { continue }
      return NewWallet(
        kind: .privateKey, secret: try secret.hexEncoded(),
        address: Self.address(key.publicKey(), testnet: testnet))
    }
  }

  func key(kind: WalletKind, secret: SecretBytes, index: UInt32?, testnet: Bool) throws -> PrivateKeyMaterial
  {
    try Self.check(kind)
    return try material(secret, testnet: testnet)
  }

  func privateKeyText(kind: WalletKind, secret: SecretBytes, index: UInt32, testnet: Bool) throws
    -> SecretBytes
  {
    try Self.check(kind)
    return secret
  }

  func address(of wallet: WalletView, index: UInt32) throws -> String? { wallet.address }

  func privateKeyText(from seed: MnemonicSeed, path: [HDPathElement], testnet: Bool) throws -> SecretBytes {
    try HDPrivateKey.master(seed: seed.seed).derive(path).privateKey.secret.hexEncoded()
  }

  var forms: KeyForms { Self.keyForms }

  private static let keyForms = KeyForms(
    accept: { text, _, _ in AcceptedKey(try text.withoutHexPrefix(digits: [64])) },
    isAddress: { text, testnet in Bech32.decodeBytes(text, hrp: BNBChain.hrp(testnet: testnet)) != nil },
    paths: [
      KnownPath(
        "m/44'/714'/0'/0/i", "Trust Wallet, Ledger, the Beacon Chain's web wallet",
        presets: ["trust", "ledger-live"],
        source: "https://github.com/satoshilabs/slips/blob/master/slip-0044.md")
    ], signaturesNameNetwork: true)

  private static func check(_ kind: WalletKind) throws(WalletError) {
    guard kind == .privateKey else { throw .unsupported("BNB wallets hold a single private key") }
  }

  private func material(_ text: SecretBytes, testnet: Bool) throws -> PrivateKeyMaterial {
    guard let secret = try text.hexDecoded(), secret.count == 32 else {
      throw WalletError.invalidPrivateKey("the private key is not 64 hexadecimal digits")
    }
    let key: Secp256k1PrivateKey
    do throws(CryptoError) {
      key = try Secp256k1PrivateKey(secret)
    } catch { throw WalletError.invalidPrivateKey(error.message) }
    let publicKey = key.publicKey()
    return PrivateKeyMaterial(
      secret: secret, publicKey: publicKey, address: Self.address(publicKey, testnet: testnet))
  }

  /// Bech32 of HASH160 of the compressed public key.
  private static func address(_ publicKey: [UInt8], testnet: Bool) -> String {
    Bech32.encodeBytes(hrp: BNBChain.hrp(testnet: testnet), bytes: Hash.hash160(publicKey))
  }
}
