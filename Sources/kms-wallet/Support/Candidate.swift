import Glibc
import KMSChains
import KMSCrypto
import KMSPrivateKeys
import KMSProcess
import KMSRecords
import KMSSigning

/// A wallet that a person wants to store: what it is, what there is to say about it, and whether it is the one that was
/// meant.
struct Candidate {
  let chain: ChainChoice
  let testnet: Bool
  let wallet: NewWallet
  /// The chain's code at the wallet's own path.
  let scheme: any SigningWallets
  /// The key, or that of index 0.
  let key: PrivateKeyMaterial
  /// The path of that key, where it was derived.
  var path: String?
  /// The words that the person has, where they have words.
  var words: MnemonicSeed?
  var electrum: MnemonicSeed?
  /// See `AcceptedKey`.
  var remarks: [String] = []
  var doubt: String?
  var otherReadings: [OtherReading] = []

  var address: String { key.address }

  /// A mnemonic as a person has it.
  init(mnemonic: SecretBytes, scheme: any SigningWallets, chain: ChainChoice, testnet: Bool) throws {
    let wallet: NewWallet
    do { wallet = try scheme.wallet(mnemonic: mnemonic, testnet: testnet) } catch let error as WalletError
      where error.code == WalletError.invalidMnemonic("").code
    {
      throw try KeyAdvice.explain(error, words: mnemonic, chain: chain.name)
    }
    try self.init(wallet, scheme: scheme, chain: chain, testnet: testnet)
    try refuseKnown()
    guard wallet.kind == .mnemonic else { return }
    try note(words: wallet.secret)
  }

  /// What a person types as words on a chain that derives nothing: its own words (of another scheme), or somebody else's.
  static func ofChainWithoutPaths(
    _ text: SecretBytes, expected: String?, chain: ChainChoice, testnet: Bool
  ) throws -> Candidate {
    if let own = try? chain.wallets.wallet(mnemonic: text, testnet: testnet) {
      var candidate = try Candidate(own, scheme: chain.wallets, chain: chain, testnet: testnet)
      try candidate.refuseKnown()
      return candidate
    }
    return try Candidate(foreignWords: text, expected: expected, chain: chain, testnet: testnet)
  }

  /// Words of BIP-39 on a chain whose wallets have none here: the key of the address that is expected, at the path where
  /// other wallets have it.
  ///
  /// - Throws: `ProgramFailure` (64) that says what to type, when no address was given; (65) when it is none of the words'.
  init(foreignWords words: SecretBytes, expected: String?, chain: ChainChoice, testnet: Bool) throws {
    let checked: SecretBytes
    do throws(CryptoError) { checked = try Mnemonic.check(words) } catch {
      // The chain's own words about words.
      _ = try chain.wallets.wallet(mnemonic: words, testnet: testnet)
      throw WalletError.invalidMnemonic(error.message)
    }
    guard let first = chain.wallets.knownPaths.first else {
      throw WalletError.unsupported("\(chain.name) wallets have no mnemonic; store the private key")
    }
    guard let expected else {
      throw ProgramFailure(
        .usage, "\(chain.name) wallets have no words of BIP-39 here, each is one secret",
        hint:
          "storemanagedprivatekey \(chain.name) --from-mnemonic \"\(first.path.text(index: 0))\" stores the key that "
          + "\(first.wallets) have for the first account; --expect-address finds the account of an address")
    }
    let seed = try MnemonicSeed(checked)
    let wanted = chain.wallets.canonical(address: expected, testnet: testnet)
    for row in chain.wallets.knownPaths {
      for index in UInt32(0)..<100 {
        let path = row.path.elements(index: index)
        let texts = try chain.wallets.texts(at: path, of: row, from: seed, testnet: testnet)
        guard texts.contains(where: { $0.text == wanted }) else { continue }
        let text = try chain.wallets.privateKeyText(from: seed, path: path, testnet: testnet)
        try self.init(
          chain.wallets.wallet(privateKey: text, testnet: testnet), scheme: chain.wallets, chain: chain,
          testnet: testnet)
        self.path = row.path.text(index: index)
        if let origin = try KnownKeys.origin(mnemonic: checked) { try refuse(origin) }
        return
      }
    }
    throw ProgramFailure(
      .data, "these words have no key of \(expected) at the paths of \(first.wallets); nothing was stored",
      hint:
        "words with a passphrase (25th word) have other keys: storemanagedprivatekey --from-mnemonic takes one with "
        + "--passphrase-fd")
  }

  /// A text that is taken for a mnemonic as it is.
  init(unchecked text: SecretBytes, scheme: any SigningWallets, chain: ChainChoice, testnet: Bool) throws {
    try self.init(
      scheme.wallet(uncheckedMnemonic: text, testnet: testnet), scheme: scheme, chain: chain, testnet: testnet
    )
    try refuseKnown()
    guard wallet.kind == .mnemonic, (try? Mnemonic.check(text)) == nil else { return }
    doubt = "the text is no mnemonic of BIP-39, and any change of it is another wallet"
    words = try MnemonicSeed(text)
  }

  /// A wallet that was just made.
  init(generated wallet: NewWallet, scheme: any SigningWallets, chain: ChainChoice, testnet: Bool) throws {
    try self.init(wallet, scheme: scheme, chain: chain, testnet: testnet)
  }

  /// A private key as a person has it.
  init(privateKey: SecretBytes, assurance: KeyAssurance, chain: ChainChoice, testnet: Bool) throws {
    let accepted = try chain.wallets.accept(privateKey: privateKey, assurance: assurance, testnet: testnet)
    let wallet: NewWallet
    do {
      wallet = try chain.wallets.wallet(privateKey: accepted.text, testnet: testnet)
    } catch let error as WalletError where error.code == WalletError.invalidPrivateKey("").code {
      throw try KeyAdvice.explain(error, key: privateKey, chain: chain.name)
    }
    try self.init(wallet, scheme: chain.wallets, chain: chain, testnet: testnet)
    try refuseKnown()
    remarks += accepted.remarks
    doubt = accepted.doubt
    otherReadings = accepted.otherReadings
  }

  /// The key that words have at a path, with the master key that a kind of wallet makes of them.
  init(
    words: SecretBytes, passphrase: SecretBytes?, path: DerivationPath, master: KnownPath.Master = .own,
    chain: ChainChoice, testnet: Bool
  ) throws {
    let checked: SecretBytes
    do throws(CryptoError) { checked = try Mnemonic.check(words) } catch {
      throw try KeyAdvice.explain(.invalidMnemonic(error.message), words: words, chain: chain.name)
    }
    guard let seed = try MnemonicSeed(checked, passphrase: passphrase).with(master) else {
      throw ProgramFailure(.data, "these words have no key of this wallet program")
    }
    let text = try chain.wallets.privateKeyText(
      from: seed, path: path.elements(index: 0), testnet: testnet)
    try self.init(
      chain.wallets.wallet(privateKey: text, testnet: testnet), scheme: chain.wallets, chain: chain,
      testnet: testnet)
    self.path = path.text(index: 0)
    if passphrase == nil, let origin = try KnownKeys.origin(mnemonic: checked) { try refuse(origin) }
    try note(words: checked)
    self.words = seed
  }

  private init(_ wallet: NewWallet, scheme: any SigningWallets, chain: ChainChoice, testnet: Bool) throws {
    self.chain = chain
    self.testnet = testnet
    self.wallet = wallet
    self.scheme = scheme
    key = try scheme.key(kind: wallet.kind, secret: wallet.secret, index: 0, testnet: testnet)
    if wallet.kind == .mnemonic { path = scheme.path(testnet: testnet)?.text(index: 0) }
  }

  /// Refuses what everybody has, or says so on a test network.
  private mutating func refuseKnown() throws {
    let origin =
      wallet.kind == .mnemonic
      ? try KnownKeys.origin(mnemonic: wallet.secret)
      : try KnownKeys(chain.wallets).origin(kind: wallet.kind, secret: wallet.secret, testnet: testnet)
    if let origin { try refuse(origin) }
  }

  private mutating func refuse(_ origin: String) throws {
    guard testnet else { throw WalletError.knownToEverybody(origin) }
    remarks.append("everybody has this secret: it is \(origin)")
  }

  private mutating func note(words: SecretBytes) throws {
    self.words = try MnemonicSeed(words)
    guard let kind = try ElectrumSeed.kind(of: words) else { return }
    electrum = try MnemonicSeed(electrum: words)
    remarks.append(
      "these words are sound as a mnemonic and as a seed of Electrum (\(kind.rawValue)), whose addresses are others: if they "
        + "come from Electrum, store its private keys instead (Electrum: Wallet, Private keys, Export)")
  }

  // MARK: Which wallet it is

  /// Where the wallet has an address, among the first hundred indexes.
  func match(_ expected: String) throws -> (index: UInt32, form: String)? {
    let wanted = chain.wallets.canonical(address: expected, testnet: testnet)
    guard wallet.kind == .mnemonic else {
      return scheme.texts(of: key, testnet: testnet).first { $0.text == wanted }.map { (0, $0.form) }
    }
    let keys = try scheme.keys(kind: wallet.kind, secret: wallet.secret, testnet: testnet)
    for index in UInt32(0)..<100 {
      if let found = scheme.texts(of: try keys.key(index: index), testnet: testnet).first(where: {
        $0.text == wanted
      }) {
        return (index, found.form)
      }
    }
    return nil
  }
}

extension MnemonicSeed {
  /// The seed with the master key that a kind of wallet makes of the words; nil where it makes none of these.
  func with(_ master: KnownPath.Master) -> MnemonicSeed? {
    var seed = self
    switch master {
    case .own, .p256: break
    case .electrum: return nil
    case .icarusLedger: seed.icarusMaster = .ledger
    case .icarusTrezor:
      guard entropy?.count == 32 else { return nil }
      seed.icarusMaster = .trezor
    }
    return seed
  }
}
