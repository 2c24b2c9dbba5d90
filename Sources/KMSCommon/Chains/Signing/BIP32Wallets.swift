internal import KMSChains
internal import KMSCrypto
internal import KMSPrivateKeys
internal import Synchronization

/// Wallets of a chain that derives secp256k1 keys from a BIP-39 mnemonic by BIP-32: `path/index`, the last step
/// not hardened, so that an extended public key yields every address.
///
/// A chain adds what differs: paths, version bytes of extended keys, and how keys and addresses are written.
struct BIP32Wallets: SigningWallets {
  /// Where one network's keys are, and the version bytes of its extended keys.
  struct Network: Sendable {
    /// From the master key to the node that the extended keys describe.
    let path: [HDPathElement]
    /// Version bytes (BIP-32, serialization format).
    let versions: ExtendedKeyVersions

    /// `m/44'/coinType'/0'/0`: BIP-44 with the external chain included (account 0, change 0).
    init(coinType: UInt32, versions: ExtendedKeyVersions) {
      path = [.hardened(44), .hardened(coinType), .hardened(0), .normal(0)]
      self.versions = versions
    }
  }

  /// A private key read from its text form.
  struct ParsedKey: Sendable {
    /// 32 bytes; the range is checked by `BIP32Wallets`.
    let secret: SecretBytes
    /// Whether the public key is used in its 33-byte form; false: 65 bytes.
    let isCompressed: Bool
  }

  private let mainnet: Network
  private let testnet: Network
  private let keyText: @Sendable (_ secret: SecretBytes, _ testnet: Bool) throws -> SecretBytes
  private let parseKey: @Sendable (_ text: SecretBytes, _ testnet: Bool) throws -> ParsedKey
  private let addresses: BIP32Addresses
  private let emptyMnemonic: [Bool: EmptyMnemonicKeys]
  let forms: KeyForms
  /// The path that takes the place of the chain's own.
  private var otherPath: DerivationPath?

  /// Creates the scheme of a chain.
  ///
  /// - Parameters:
  ///   - addresses: how its addresses follow from public keys.
  ///   - mainnet: path and version bytes of the main network.
  ///   - testnet: path and version bytes of the test networks.
  ///   - keyText: writes a 32-byte key (with a compressed public key) in the chain's text form.
  ///   - parseKey: reads that form; throws `WalletError` `invalid-private-key` or `wrong-network`.
  ///   - forms: what people bring besides.
  init(
    _ addresses: BIP32Addresses, mainnet: Network, testnet: Network,
    keyText: @escaping @Sendable (_ secret: SecretBytes, _ testnet: Bool) throws -> SecretBytes,
    parseKey: @escaping @Sendable (_ text: SecretBytes, _ testnet: Bool) throws -> ParsedKey,
    forms: KeyForms = KeyForms()
  ) {
    self.forms = forms
    self.mainnet = mainnet
    self.testnet = testnet
    self.keyText = keyText
    self.parseKey = parseKey
    self.addresses = addresses
    emptyMnemonic = [
      false: EmptyMnemonicKeys(path: mainnet.path), true: EmptyMnemonicKeys(path: testnet.path),
    ]
  }

  func path(testnet: Bool) -> DerivationPath? {
    otherPath
      ?? DerivationPath(network(testnet).path.map(DerivationPath.Step.fixed) + [.index(hardened: false)])
  }

  func at(_ path: DerivationPath) throws -> Self {
    let path = path.indexed(hardened: false)
    guard path.account != nil else {
      throw WalletError.invalidPath(
        "the index is the last step of this chain's paths, without an apostrophe, so that an extended public key yields "
          + "every address; --account chooses another account, and --from-mnemonic stores a single key of any path"
      )
    }
    var scheme = self
    scheme.otherPath = path
    return scheme
  }

  func privateKeyText(from seed: MnemonicSeed, path: [HDPathElement], testnet: Bool) throws -> SecretBytes {
    try keyText(HDPrivateKey.master(seed: seed.seed).derive(path).privateKey.secret, testnet)
  }

  func generate(testnet: Bool) throws -> NewWallet {
    try storedWallet(mnemonic: Mnemonic.generate(words: 24), testnet: testnet)
  }

  func wallet(mnemonic: SecretBytes, testnet: Bool) throws -> NewWallet {
    guard mnemonic.count > 0 else { throw WalletError.emptyMnemonicKey }
    let checked: SecretBytes
    do throws(CryptoError) {
      checked = try Mnemonic.check(mnemonic)
    } catch { throw WalletError.invalidMnemonic(error.message) }
    return try storedWallet(mnemonic: checked, testnet: testnet)
  }

  func wallet(uncheckedMnemonic: SecretBytes, testnet: Bool) throws -> NewWallet {
    do { return try storedWallet(mnemonic: uncheckedMnemonic, testnet: testnet) } catch let error
      as CryptoError
      where error != .noSecretMemory
    {
      throw WalletError.invalidMnemonic(error.message)
    }
  }

  func wallet(privateKey: SecretBytes, testnet: Bool) throws -> NewWallet {
    let key = try material(of: parseKey(privateKey, testnet), testnet: testnet)
    if try isOfEmptyMnemonic(key.publicKey, testnet: testnet) { throw WalletError.emptyMnemonicKey }
    return NewWallet(kind: .privateKey, secret: privateKey, address: key.address)
  }

  func generatePrivateKey(testnet: Bool) throws -> NewWallet {
    while true {
      let secret = try SecretBytes.random(count: 32)
      // One in 2^128 random keys is out of range.
      guard let key = try? Secp256k1PrivateKey(secret) else { continue }
      return NewWallet(
        kind: .privateKey, secret: try keyText(secret, testnet),
        address: try addresses.address(ofPublicKey: key.publicKey(), testnet: testnet))
    }
  }

  func key(kind: WalletKind, secret: SecretBytes, index: UInt32?, testnet: Bool) throws -> PrivateKeyMaterial
  {
    guard kind != .mnemonic || index != nil else { throw WalletError.indexMissing }
    return try keys(kind: kind, secret: secret, testnet: testnet).key(index: index)
  }

  func keys(kind: WalletKind, secret: SecretBytes, testnet: Bool) throws -> WalletKeys {
    switch kind {
    case .mnemonic:
      // Its 2048 rounds of HMAC take twenty times as long as the step from here to a key.
      let node = try node(mnemonic: secret, testnet: testnet)
      return WalletKeys { index in
        guard let index else { throw WalletError.indexMissing }
        try WalletError.check(index: index)
        let key = try node.child(index, hardened: false).privateKey
        return try material(of: ParsedKey(secret: key.secret, isCompressed: true), testnet: testnet)
      }
    case .privateKey:
      let key = try material(of: parseKey(secret, testnet), testnet: testnet)
      return WalletKeys { _ in key }
    case .secret:
      throw Self.noSecrets
    }
  }

  func privateKeyText(kind: WalletKind, secret: SecretBytes, index: UInt32, testnet: Bool) throws
    -> SecretBytes
  {
    switch kind {
    case .mnemonic:
      try keyText(
        keys(kind: kind, secret: secret, testnet: testnet).key(index: index).secret, testnet)
    case .privateKey: secret
    case .secret: throw Self.noSecrets
    }
  }

  func address(of wallet: WalletView, index: UInt32) throws -> String? {
    if wallet.kind == .mnemonic, let account = try addresses.account(of: wallet),
      try isOfEmptyMnemonic(account.publicKey, testnet: wallet.testnet)
    {
      throw WalletError.emptyMnemonicKey
    }
    return try addresses.address(of: wallet, index: index)
  }

  func extendedPrivateKey(mnemonic: SecretBytes, testnet: Bool) throws -> SecretBytes? {
    try node(mnemonic: mnemonic, testnet: testnet).serialized(
      version: network(testnet).versions.privateKey)
  }

  private static let noSecrets = WalletError.unsupported(
    "this chain has mnemonics and private keys, no other secrets")

  private func network(_ testnet: Bool) -> Network { testnet ? self.testnet : mainnet }

  private func storedWallet(mnemonic: SecretBytes, testnet: Bool) throws -> NewWallet {
    let node = try node(mnemonic: mnemonic, testnet: testnet)
    var wallet = NewWallet(
      kind: .mnemonic, secret: mnemonic,
      xpub: node.publicNode().serialized(version: network(testnet).versions.publicKey))
    wallet.path = otherPath?.text
    return wallet
  }

  /// The node that the extended keys describe.
  ///
  /// Takes any text but the empty one: the original stored mnemonics unchecked, and coins lie on their keys.
  private func node(mnemonic: SecretBytes, testnet: Bool) throws -> HDPrivateKey {
    guard mnemonic.count > 0 else { throw WalletError.emptyMnemonicKey }
    let path = otherPath?.account ?? network(testnet).path
    return try HDPrivateKey.master(seed: Mnemonic.unsafeUncheckedSeed(mnemonic)).derive(path)
  }

  private func material(of parsed: ParsedKey, testnet: Bool) throws -> PrivateKeyMaterial {
    let key: Secp256k1PrivateKey
    do throws(CryptoError) {
      key = try Secp256k1PrivateKey(parsed.secret)
    } catch { throw WalletError.invalidPrivateKey(error.message) }
    let publicKey = key.publicKey(compressed: parsed.isCompressed)
    return PrivateKeyMaterial(
      secret: parsed.secret, publicKey: publicKey,
      address: try addresses.address(ofPublicKey: publicKey, testnet: testnet))
  }

  private func isOfEmptyMnemonic(_ publicKey: [UInt8], testnet: Bool) throws -> Bool {
    guard let keys = emptyMnemonic[testnet], let compressed = Secp256k1.compressed(publicKey) else {
      return false
    }
    return try keys.contain(compressed)
  }
}

/// The public keys that the empty mnemonic has below one path; computed when first asked, in about 15 ms.
private final class EmptyMnemonicKeys: Sendable {
  private let path: [HDPathElement]
  private let keys = Mutex<Set<[UInt8]>?>(nil)

  init(path: [HDPathElement]) { self.path = path }

  /// Whether `publicKey` (33 bytes) is the account's or that of a recognised index.
  func contain(_ publicKey: [UInt8]) throws -> Bool {
    try keys.withLock { keys in
      if let keys { return keys.contains(publicKey) }
      let account = try HDPrivateKey.master(seed: EmptyMnemonic.seed()).derive(path).publicNode()
      var found: Set = [account.publicKey]
      for index in EmptyMnemonic.recognisedIndexes { found.insert(try account.child(index).publicKey) }
      keys = found
      return found.contains(publicKey)
    }
  }
}
