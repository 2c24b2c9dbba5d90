internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys

/// Wallets of Cardano as the original's managed commands make them (decision 11).
///
/// Icarus master key (CIP-0003), then `m/1852'/1815'/0'/0'/index`: the role is hardened, unlike in CIP-1852, so other
/// wallet programs do not find these keys. The extended public key is that of the role, 128 digits: public key and chain
/// code. Private keys are kL and kR, 128 digits, the same on all networks; addresses are enterprise addresses.
///
/// Of the empty mnemonic there are no keys here: Icarus needs the entropy, and it has none (decision 12).
struct CardanoWallets: SigningWallets {
  /// The path that takes the place of the original's.
  private var otherPath: DerivationPath?

  /// The original's: the role is hardened.
  private static let ownPath = DerivationPath([
    .fixed(.hardened(1852)), .fixed(.hardened(1815)), .fixed(.hardened(0)), .fixed(.hardened(0)),
    .index(hardened: false),
  ])

  func path(testnet: Bool) -> DerivationPath? { otherPath ?? Self.ownPath }

  func at(_ path: DerivationPath) throws -> Self {
    let path = path.indexed(hardened: false)
    guard path.account != nil else {
      throw WalletError.invalidPath("the index is the last step of Cardano's paths, without an apostrophe")
    }
    return CardanoWallets(otherPath: path)
  }

  init() {}

  private init(otherPath: DerivationPath) { self.otherPath = otherPath }

  func privateKeyText(from seed: MnemonicSeed, path: [HDPathElement], testnet: Bool) throws -> SecretBytes {
    guard let entropy = seed.entropy else {
      throw WalletError.invalidMnemonic(
        "Cardano's keys need the entropy of the mnemonic, and this one is none of BIP-39")
    }
    let master =
      switch seed.icarusMaster {
      case .icarus: try IcarusKey.master(entropy: entropy, password: seed.passphrase)
      case .trezor: try IcarusKey.trezorMaster(entropy: entropy, password: seed.passphrase)
      case .ledger: try IcarusKey.ledgerMaster(seed: seed.seed)
      }
    return try master.derive(path).extended.hexEncoded()
  }

  var forms: KeyForms { .cardano }

  func generate(testnet: Bool) throws -> NewWallet { try storedWallet(Mnemonic.generate(words: 24)) }

  func wallet(mnemonic: SecretBytes, testnet: Bool) throws -> NewWallet {
    guard mnemonic.count > 0 else { throw WalletError.emptyMnemonicKey }
    do throws(CryptoError) {
      return try storedWallet(Mnemonic.check(mnemonic))
    } catch { throw WalletError.invalidMnemonic(error.message) }
  }

  private func storedWallet(_ mnemonic: SecretBytes) throws(CryptoError) -> NewWallet {
    let role = try role(mnemonic: mnemonic)
    var wallet = NewWallet(kind: .mnemonic, secret: mnemonic, xpub: role.publicNode.map(Self.text))
    wallet.path = otherPath?.text
    return wallet
  }

  func wallet(privateKey: SecretBytes, testnet: Bool) throws -> NewWallet {
    let key = try Self.material(of: Self.parse(privateKey), testnet: testnet)
    return NewWallet(
      kind: .privateKey, secret: privateKey, address: key.address, publicKey: Hex.encode(key.publicKey))
  }

  func generatePrivateKey(testnet: Bool) throws -> NewWallet {
    let random = try SecretBytes.random(count: 64)
    let extended = try SecretBytes(
      count: 64,
      writing: { out in
        random.withBytes { out.write($0) }
        // The form that every key of the scheme has (CIP-0003, Icarus).
        out[0] &= 0b1111_1000
        out[31] = out[31] & 0b0001_1111 | 0b0100_0000
      })
    return try wallet(privateKey: extended.hexEncoded(), testnet: testnet)
  }

  func key(kind: WalletKind, secret: SecretBytes, index: UInt32?, testnet: Bool) throws -> PrivateKeyMaterial
  {
    switch kind {
    case .mnemonic:
      guard let index else { throw WalletError.indexMissing }
      return try Self.material(of: child(of: secret, index), testnet: testnet)
    case .privateKey: return try Self.material(of: Self.parse(secret), testnet: testnet)
    case .secret: throw Self.noSecrets
    }
  }

  func keys(kind: WalletKind, secret: SecretBytes, testnet: Bool) throws -> WalletKeys {
    guard kind == .mnemonic, secret.count > 0 else {
      return WalletKeys { index in try key(kind: kind, secret: secret, index: index, testnet: testnet) }
    }
    let role = try role(mnemonic: secret)
    return WalletKeys { index in
      guard let index else { throw WalletError.indexMissing }
      try WalletError.check(index: index)
      return Self.material(of: try role.child(index, hardened: false), testnet: testnet)
    }
  }

  func privateKeyText(kind: WalletKind, secret: SecretBytes, index: UInt32, testnet: Bool) throws
    -> SecretBytes
  {
    switch kind {
    case .mnemonic: try child(of: secret, index).extended.hexEncoded()
    case .privateKey: secret
    case .secret: throw Self.noSecrets
    }
  }

  func address(of wallet: WalletView, index: UInt32) throws -> String? {
    try CardanoAddresses().address(of: wallet, index: index)
  }

  // MARK: Keys

  private static let noSecrets = WalletError.unsupported(
    "this chain has mnemonics and private keys, no other secrets")

  /// The key before the index: `m/1852'/1815'/0'/0'`, unless the wallet has another path.
  private func role(mnemonic: SecretBytes) throws(CryptoError) -> IcarusKey {
    try IcarusKey.master(entropy: Mnemonic.entropy(mnemonic))
      .derive(otherPath?.account ?? Self.ownPath.account ?? [])
  }

  private func child(of mnemonic: SecretBytes, _ index: UInt32) throws -> IcarusKey {
    guard mnemonic.count > 0 else { throw WalletError.emptyMnemonicKey }
    try WalletError.check(index: index)
    return try role(mnemonic: mnemonic).child(index, hardened: false)
  }

  /// Reads kL and kR (128 digits), or the 256 digits of the original's older form: kL, kR, public key, chain code.
  static func parse(_ text: SecretBytes) throws -> IcarusKey {
    guard let bytes = try text.hexDecoded(), [64, 128].contains(bytes.count) else {
      throw WalletError.invalidPrivateKey(
        "the private key is not 128 hexadecimal digits (nor 256, the older form with public key and chain code)"
      )
    }
    let key: IcarusKey
    do throws(CryptoError) {
      key = try IcarusKey(extended: bytes.slice(0..<64))
    } catch { throw WalletError.invalidPrivateKey("the private key is not one of Cardano: \(error.message)") }
    if bytes.count == 128 {
      let publicKey = try bytes.slice(64..<96).withBytes { Array($0) }
      guard publicKey == key.publicKey else {
        throw WalletError.invalidPrivateKey(
          "private and public key within the 256 digits do not belong together")
      }
    }
    return key
  }

  private static func material(of key: IcarusKey, testnet: Bool) -> PrivateKeyMaterial {
    PrivateKeyMaterial(
      secret: key.extended, publicKey: key.publicKey,
      address: CardanoAddress.enterprise(publicKey: key.publicKey, testnet: testnet).bech32Text)
  }

  private static func text(_ node: IcarusPublicKey) -> String { Hex.encode(node.publicKey + node.chainCode) }
}
