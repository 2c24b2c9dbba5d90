internal import KMSCrypto
internal import KMSPrimitives

/// The wallets of TRON, as the original makes them.
///
/// Keys at `m/44'/195'/0'/0/index` on mainnet and test networks, `xpub` on both. Keys are 64 digits; an `0x` before
/// them is read. Besides `xpub…`, an extended public key may be 130 digits, the public key (33 bytes) and the chain code
/// (32 bytes), which older versions of the SDK wrote.
struct TronWallets: WalletScheme {
  private let keys = BIP32Wallets(
    mainnet: BIP32Wallets.Network(coinType: 195, versions: .bitcoin),
    testnet: BIP32Wallets.Network(coinType: 195, versions: .bitcoin),
    keyText: { secret, _ in try secret.hexEncoded() },
    parseKey: { text, _ in
      guard let secret = try text.hexDecoded(), secret.count == 32 else {
        throw WalletError.invalidPrivateKey("the private key is not 64 hexadecimal digits")
      }
      return BIP32Wallets.ParsedKey(secret: secret, isCompressed: true)
    },
    address: { publicKey, _ in
      guard let address = TronAddress(publicKey: publicKey) else { throw CryptoError.invalidPublicKey }
      return address.text
    })

  func generate(testnet: Bool) throws -> NewWallet { try keys.generate(testnet: testnet) }

  func wallet(mnemonic: SecretBytes, testnet: Bool) throws -> NewWallet {
    try keys.wallet(mnemonic: mnemonic, testnet: testnet)
  }

  func wallet(privateKey: SecretBytes, testnet: Bool) throws -> NewWallet {
    try keys.wallet(privateKey: privateKey, testnet: testnet)
  }

  func generatePrivateKey(testnet: Bool) throws -> NewWallet { try keys.generatePrivateKey(testnet: testnet) }

  func key(kind: WalletKind, secret: SecretBytes, index: UInt32?, testnet: Bool) throws -> PrivateKeyMaterial
  {
    try keys.key(kind: kind, secret: secret, index: index, testnet: testnet)
  }

  func keys(kind: WalletKind, secret: SecretBytes, testnet: Bool) throws -> WalletKeys {
    try keys.keys(kind: kind, secret: secret, testnet: testnet)
  }

  func privateKeyText(kind: WalletKind, secret: SecretBytes, index: UInt32, testnet: Bool) throws
    -> SecretBytes
  {
    try keys.privateKeyText(kind: kind, secret: secret, index: index, testnet: testnet)
  }

  func address(of wallet: WalletView, index: UInt32) throws -> String? {
    var wallet = wallet
    if let text = wallet.xpub, text.utf8.count == 130, let bytes = Hex.decode(text),
      let node = HDPublicKey(publicKey: Array(bytes.prefix(33)), chainCode: Array(bytes.suffix(32)))
    {
      wallet.xpub = node.serialized(version: HDPublicKey.Version.xpub)
    }
    return try keys.address(of: wallet, index: index)
  }

  func extendedPrivateKey(mnemonic: SecretBytes, testnet: Bool) throws -> SecretBytes? {
    try keys.extendedPrivateKey(mnemonic: mnemonic, testnet: testnet)
  }
}
