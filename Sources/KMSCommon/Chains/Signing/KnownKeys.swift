public import KMSChains
public import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys

/// Keys that everybody has: of words printed in manuals and by development networks, and of numbers that people try
/// first. Programs watch the addresses of these keys and take at once whatever arrives.
public struct KnownKeys {
  /// A secret in the chain's text form that is printed somewhere.
  public struct Secret: Sendable {
    let text: String
    let origin: String
  }

  /// Words that are printed somewhere.
  private static let mnemonics: [(words: String, origin: String)] = [
    (
      "test test test test test test test test test test test junk",
      "the words of the accounts that Hardhat and Anvil print"
    ),
    (
      "myth like bonus scare over problem client lizard pioneer submit female collect",
      "the words of the accounts that Ganache prints (--deterministic)"
    ),
    (
      "candy maple cake sugar pudding cream honey rich smooth crumble sweet treat",
      "the words of the accounts that Truffle prints"
    ),
    (
      "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
      "the first words that stand in the specification of mnemonics (BIP-39)"
    ),
    (
      "legal winner thank year wave sausage worth useful legal winner thank yellow",
      "words that stand in the specification of mnemonics (BIP-39)"
    ),
    (
      "letter advice cage absurd amount doctor acoustic avoid letter advice cage above",
      "words that stand in the specification of mnemonics (BIP-39)"
    ),
    (
      "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong",
      "words that stand in the specification of mnemonics (BIP-39)"
    ),
  ]

  /// How many indexes of each path are recognised: development networks print 10 or 20 accounts.
  private static let indexes: Range<UInt32> = 0..<20

  private let scheme: any SigningWallets
  private let derived: [[UInt8]: String]

  /// Gets ready to recognise the keys of one chain; derives some hundred keys.
  public init(_ scheme: any SigningWallets) throws {
    self.scheme = scheme
    var derived: [[UInt8]: String] = [:]
    for (words, origin) in Self.mnemonics {
      let mnemonic = try SecretBytes(copying: words.utf8)
      for testnet in [false, true] {
        do {
          let keys = try scheme.keys(kind: .mnemonic, secret: mnemonic, testnet: testnet)
          for index in Self.indexes { derived[Self.digest(try keys.key(index: index).secret)] = origin }
        } catch is WalletError {
          break  // a chain without mnemonics
        }
      }
      // Where development networks have their accounts, whatever the chain's own path.
      let account = try HDPrivateKey.master(seed: Mnemonic.seed(mnemonic))
        .derive([.hardened(44), .hardened(60), .hardened(0), .normal(0)])
      for index in Self.indexes {
        derived[Self.digest(try account.child(index, hardened: false).privateKey.secret)] = origin
      }
    }
    for secret in scheme.knownSecrets {
      let text = try SecretBytes(copying: secret.text.utf8)
      let key = try scheme.key(kind: .privateKey, secret: text, index: nil, testnet: false)
      derived[Self.digest(key.secret)] = secret.origin
    }
    self.derived = derived
  }

  /// What everybody knows the secret of a wallet as; nil when it is not recognised, or can't be read.
  public func origin(kind: WalletKind, secret: SecretBytes, testnet: Bool) throws -> String? {
    guard kind != .mnemonic else { return try Self.origin(mnemonic: secret) }
    let key: PrivateKeyMaterial
    do { key = try scheme.key(kind: kind, secret: secret, index: nil, testnet: testnet) } catch is WalletError
    {
      return nil
    }
    if let origin = derived[Self.digest(key.secret)] { return origin }
    return key.secret.withBytes { RegularNumber.origin($0.extracting(first: 32)) }
  }

  /// What everybody knows words as; nil when they are not recognised.
  public static func origin(mnemonic: SecretBytes) throws -> String? {
    guard mnemonic.count > 0 else { return "the empty mnemonic" }
    for (words, origin) in mnemonics where mnemonic == (try SecretBytes(copying: words.utf8)) {
      return origin
    }
    guard let entropy = try? Mnemonic.entropy(mnemonic) else { return nil }
    let isOneByte = entropy.withBytes { bytes in bytes.allSatisfy { $0 == bytes.first } }
    return isOneByte ? "words that stand in the specification of mnemonics (BIP-39)" : nil
  }

  private static func digest(_ secret: SecretBytes) -> [UInt8] { secret.withBytes { Hash.sha256($0) } }
}

/// The same for wallets of any chain.
public struct KnownKeysOfChains {
  private var chains: [String: KnownKeys] = [:]

  /// Gets ready; each chain's keys are derived when its first wallet comes.
  public init() {}

  /// As `KnownKeys.origin`; nil for chains that this version does not know.
  public mutating func origin(
    of kind: WalletKind, _ secret: SecretBytes, chain: String, testnet: Bool
  ) throws -> String? {
    guard kind != .mnemonic else { return try KnownKeys.origin(mnemonic: secret) }
    guard let scheme = SigningRegistry.chains[chain]?.wallets else { return nil }
    let known = try chains[chain] ?? KnownKeys(scheme)
    chains[chain] = known
    return try known.origin(kind: kind, secret: secret, testnet: testnet)
  }
}

extension WalletError {
  /// A key that everybody has is not stored for a network whose coins are worth something.
  public static func knownToEverybody(_ origin: String) -> WalletError {
    WalletError(
      "well-known-key",
      "everybody has this secret (it is \(origin)): coins sent to its address are taken at once; it is stored for test "
        + "networks only")
  }
}
