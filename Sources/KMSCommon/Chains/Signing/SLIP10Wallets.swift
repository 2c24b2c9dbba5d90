internal import KMSChains
internal import KMSCrypto
internal import KMSPrivateKeys
internal import Synchronization

/// Wallets of a chain that derives Ed25519 keys from a BIP-39 mnemonic by SLIP-0010: `m/44'/coin'/0'/0'/index'`.
///
/// Every step is hardened, so there are no extended public keys: a mnemonic wallet shows the address of index 0, and
/// every other address needs the mnemonic.
struct SLIP10Wallets: SigningWallets {
  /// A private key read from its text form.
  struct ParsedKey: Sendable {
    let key: Ed25519PrivateKey
    /// The text to keep in the vault.
    let text: SecretBytes
  }

  private let mainnetCoin: UInt32
  private let testnetCoin: UInt32
  private let keyText: @Sendable (Ed25519PrivateKey) throws -> SecretBytes
  private let parseKey: @Sendable (_ text: SecretBytes) throws -> ParsedKey
  private let address: @Sendable (_ publicKey: [UInt8]) -> String
  private let emptyMnemonic: EmptyMnemonicKeys
  let forms: KeyForms
  /// The path that takes the place of the chain's own.
  private var otherPath: DerivationPath?

  /// Creates the scheme of a chain.
  ///
  /// - Parameters:
  ///   - mainnetCoin: the SLIP-44 number of the main network's path.
  ///   - testnetCoin: that of the test networks' path.
  ///   - keyText: writes a key in the chain's text form.
  ///   - parseKey: reads that form; throws `WalletError` `invalid-private-key`.
  ///   - address: the address of a public key of 32 bytes.
  ///   - forms: what people bring besides.
  init(
    mainnetCoin: UInt32, testnetCoin: UInt32,
    keyText: @escaping @Sendable (Ed25519PrivateKey) throws -> SecretBytes,
    parseKey: @escaping @Sendable (_ text: SecretBytes) throws -> ParsedKey,
    address: @escaping @Sendable (_ publicKey: [UInt8]) -> String,
    forms: KeyForms = KeyForms()
  ) {
    self.forms = forms
    self.mainnetCoin = mainnetCoin
    self.testnetCoin = testnetCoin
    self.keyText = keyText
    self.parseKey = parseKey
    self.address = address
    emptyMnemonic = EmptyMnemonicKeys(coins: [mainnetCoin, testnetCoin], address: address)
  }

  func path(testnet: Bool) -> DerivationPath? {
    otherPath
      ?? DerivationPath([44, coin(testnet), 0, 0].map { .fixed(.hardened($0)) } + [.index(hardened: true)])
  }

  func at(_ path: DerivationPath) throws -> Self {
    let path = path.indexed(hardened: true)
    guard path.isHardened else { throw Self.notHardened }
    var scheme = self
    scheme.otherPath = path
    return scheme
  }

  func privateKeyText(from seed: MnemonicSeed, path: [HDPathElement], testnet: Bool) throws -> SecretBytes {
    // Without a path its own key generator takes the seed itself; nobody uses the master key of SLIP-0010.
    let raw =
      path.isEmpty
      ? try seed.seed.slice(0..<32) : try SLIP10Ed25519.derive(seed: seed.seed, path: Self.hardened(path))
    return try keyText(Ed25519PrivateKey(seed: raw))
  }

  private static let notHardened = WalletError.invalidPath(
    "keys of this chain are Ed25519, whose paths have hardened steps only: each number is followed by an apostrophe"
  )

  /// The numbers of hardened steps.
  static func hardened(_ path: [HDPathElement]) throws -> [UInt32] {
    try path.map { element in
      guard case .hardened(let number) = element else { throw notHardened }
      return number
    }
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
    let parsed = try parseKey(privateKey)
    let address = address(parsed.key.publicKey)
    if try emptyMnemonic.contain(address) { throw WalletError.emptyMnemonicKey }
    return NewWallet(kind: .privateKey, secret: parsed.text, address: address)
  }

  func generatePrivateKey(testnet: Bool) throws -> NewWallet {
    let key = try Ed25519PrivateKey(seed: SecretBytes.random(count: 32))
    return NewWallet(kind: .privateKey, secret: try keyText(key), address: address(key.publicKey))
  }

  func key(kind: WalletKind, secret: SecretBytes, index: UInt32?, testnet: Bool) throws -> PrivateKeyMaterial
  {
    let key = try privateKey(kind: kind, secret: secret, index: index, testnet: testnet)
    return PrivateKeyMaterial(ed25519: key, address: address(key.publicKey))
  }

  func keys(kind: WalletKind, secret: SecretBytes, testnet: Bool) throws -> WalletKeys {
    guard kind == .mnemonic else {
      let key = try key(kind: kind, secret: secret, index: nil, testnet: testnet)
      return WalletKeys { _ in key }
    }
    let derive = try derivation(mnemonic: secret, testnet: testnet)
    return WalletKeys { index in
      let key = try derive(Self.checked(index))
      return PrivateKeyMaterial(ed25519: key, address: address(key.publicKey))
    }
  }

  func privateKeyText(kind: WalletKind, secret: SecretBytes, index: UInt32, testnet: Bool) throws
    -> SecretBytes
  {
    guard kind == .mnemonic else { return secret }
    return try keyText(privateKey(kind: kind, secret: secret, index: index, testnet: testnet))
  }

  func address(of wallet: WalletView, index: UInt32) throws -> String? {
    guard let address = try FirstAddress().address(of: wallet, index: index) else { return nil }
    if try emptyMnemonic.contain(address) { throw WalletError.emptyMnemonicKey }
    return address
  }

  private func storedWallet(mnemonic: SecretBytes, testnet: Bool) throws -> NewWallet {
    let key = try privateKey(kind: .mnemonic, secret: mnemonic, index: 0, testnet: testnet)
    var wallet = NewWallet(kind: .mnemonic, secret: mnemonic, address: address(key.publicKey))
    wallet.path = otherPath?.text
    return wallet
  }

  private func privateKey(
    kind: WalletKind, secret: SecretBytes, index: UInt32?, testnet: Bool
  ) throws -> Ed25519PrivateKey {
    switch kind {
    case .privateKey: return try parseKey(secret).key
    case .secret:
      throw WalletError.unsupported("this chain has mnemonics and private keys, no other secrets")
    case .mnemonic:
      let index = try Self.checked(index)
      return try derivation(mnemonic: secret, testnet: testnet)(index)
    }
  }

  /// From an index to its key; what all indexes have in common is done once.
  private func derivation(mnemonic: SecretBytes, testnet: Bool) throws
    -> @Sendable (UInt32) throws -> Ed25519PrivateKey
  {
    let seed = try Self.seed(mnemonic)
    if let otherPath {
      return { index in
        let path = try Self.hardened(otherPath.elements(index: index))
        return try Ed25519PrivateKey(seed: SLIP10Ed25519.derive(seed: seed, path: path))
      }
    }
    let account = try SLIP10Path.account(seed: seed, coin: coin(testnet))
    return { index in try SLIP10Path.key(account, index: index) }
  }

  /// Takes any text but the empty one, as it is: the original stored mnemonics unchecked, and coins lie on their keys.
  private static func seed(_ mnemonic: SecretBytes) throws -> SecretBytes {
    guard mnemonic.count > 0 else { throw WalletError.emptyMnemonicKey }
    return try Mnemonic.unsafeUncheckedSeed(mnemonic)
  }

  private func coin(_ testnet: Bool) -> UInt32 { testnet ? testnetCoin : mainnetCoin }

  private static func checked(_ index: UInt32?) throws(WalletError) -> UInt32 {
    guard let index else { throw WalletError.indexMissing }
    try WalletError.check(index: index)
    return index
  }
}

/// `m/44'/coin'/0'/0'/index'`
private enum SLIP10Path {
  static func account(seed: SecretBytes, coin: UInt32) throws(CryptoError) -> SLIP10Ed25519.Node {
    try SLIP10Ed25519.node(seed: seed, path: [44, coin, 0, 0])
  }

  static func key(_ account: SLIP10Ed25519.Node, index: UInt32) throws(CryptoError) -> Ed25519PrivateKey {
    try Ed25519PrivateKey(seed: account.child(index).seed())
  }
}

/// The addresses that the empty mnemonic has on one chain; computed when first asked.
private final class EmptyMnemonicKeys: Sendable {
  private let coins: Set<UInt32>
  private let address: @Sendable (_ publicKey: [UInt8]) -> String
  private let addresses = Mutex<Set<String>?>(nil)

  init(coins: Set<UInt32>, address: @escaping @Sendable (_ publicKey: [UInt8]) -> String) {
    self.coins = coins
    self.address = address
  }

  /// Whether `text` is the address of a recognised index, on either network.
  func contain(_ text: String) throws -> Bool {
    try addresses.withLock { addresses in
      if let addresses { return addresses.contains(text) }
      var found: Set<String> = []
      let seed = try EmptyMnemonic.seed()
      for coin in coins {
        let account = try SLIP10Path.account(seed: seed, coin: coin)
        for index in EmptyMnemonic.recognisedIndexes {
          found.insert(address(try SLIP10Path.key(account, index: index).publicKey))
        }
      }
      addresses = found
      return found.contains(text)
    }
  }
}
