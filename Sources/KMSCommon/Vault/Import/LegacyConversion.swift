internal import KMSChains
internal import KMSCrypto
internal import KMSPrivateKeys
internal import KMSSigning
internal import KMSVault

/// What becomes of one entry of the original's file.
///
/// Nothing that may be a secret is left behind: what the chain's code takes becomes a wallet like any other; what it
/// refuses is stored as it is; what does not fit a wallet is stored as the entry's own JSON text, a wallet of kind
/// `secret` that signs nothing. Each of the latter comes with a warning.
struct LegacyConversion {
  /// What goes into the vault: one wallet, and a second when the entry has secrets that do not belong together. Empty
  /// when there is nothing to keep.
  var additions: [Vault.Addition] = []
  /// What a person should know.
  var warnings: [String] = []
  /// Whether the entry was taken for what it says, secrets and all.
  var isSound = true
  /// Whether the key's text could as well be a public key, and no address of the entry says which.
  var mayBePublic = false
  /// The name under which the original stored the wallet, when it is a token's: the chain is another.
  var tokenSymbol: String?

  /// The chain of entries that name none.
  static let unknownChain = "UNKNOWN"

  /// Converts an entry.
  ///
  /// - Parameters:
  ///   - assurance: what a person says about the keys.
  ///   - schemes: the code of a chain; nil for chains that this build does not know.
  init(
    _ entry: LegacyEntry, assurance: KeyAssurance = KeyAssurance(), schemes: (String) -> (any WalletScheme)?
  ) throws {
    let id = signatureID(of: entry)
    let testnet = entry.testnet ?? false
    let chain = chain(of: entry)
    guard entry.mnemonic != nil || entry.privateKey != nil || entry.secret != nil || entry.xpriv != nil else {
      if entry.isUnusual {
        warn("it is not a wallet as the original writes them; kept as it is")
        keepJSON(entry, chain, testnet, id)
      } else {
        warn("it has no secret, so there is nothing to sign with; left out")
      }
      return
    }
    if entry.testnet == nil { warn("it does not say its network; taken for mainnet's") }
    guard let scheme = schemes(chain) else {
      keepUnchecked(entry, chain, testnet, id, because: "this version does not know its chain")
      return
    }
    do {
      let wallet = try wallet(of: entry, testnet: testnet, scheme)
      if wallet.kind != .mnemonic { try examine(wallet, of: entry, assurance, testnet: testnet, scheme) }
      compare(entry, wallet)
      additions.append(.init(wallet, chain: chain, testnet: testnet, signatureID: id))
      if try !holdsEverything(wallet, of: entry, testnet: testnet, scheme) {
        keepExtra(entry, testnet, because: "it has secrets that do not belong together")
      } else if entry.isUnusual {
        keepExtra(entry, testnet, because: "it has members that the original does not write")
      }
    } catch let error as WalletError where error == .emptyMnemonicKey {
      warn("\(error.message); left out")
    } catch let error as WalletError where Self.signsForOthers.contains(error.code) {
      warn("\(error.message); kept as a text that signs nothing")
      keepJSON(entry, chain, testnet, id)
    } catch let error as WalletError {
      keepUnchecked(entry, chain, testnet, id, because: error.message)
    } catch let error as CryptoError where error != .noSecretMemory {
      keepUnchecked(entry, chain, testnet, id, because: error.message)
    }
  }

  /// What must not sign: the text may be public, or such that others can compute it.
  private static let signsForOthers: Set = [WalletError.publicText("").code, WalletError.shortKey("").code]

  /// Looks at a key as at one that a person types; the original took anything.
  private mutating func examine(
    _ wallet: NewWallet, of entry: LegacyEntry, _ assurance: KeyAssurance, testnet: Bool,
    _ scheme: any WalletScheme
  ) throws {
    let accepted: AcceptedKey
    do {
      accepted = try scheme.accept(privateKey: wallet.secret, assurance: assurance, testnet: testnet)
    } catch let error as WalletError where !Self.signsForOthers.contains(error.code) {
      return  // Its keys are sound, and only spelled as nobody spells them.
    }
    let address = wallet.address ?? ""
    for remark in accepted.remarks { warn(remark) }
    if let doubt = accepted.doubt {
      warn("\(doubt); compare its address \(address) with the one that you know")
    }
    if accepted.otherReadings.contains(where: \.isPublic), entry.address != wallet.address {
      mayBePublic = true
    }
  }

  /// Says so when everybody has the secret.
  mutating func tellKnownKeys(_ known: inout KnownKeysOfChains) throws {
    for addition in additions {
      let origin = try known.origin(
        of: addition.wallet.kind, addition.wallet.secret, chain: addition.chain, testnet: addition.testnet)
      guard let origin else { continue }
      warn("everybody has its secret: it is \(origin)")
    }
  }

  /// Takes another signature ID where one of `taken` is the wallet's: to the original, IDs that differ in capitals only
  /// were two.
  mutating func giveWay(to taken: Set<String>, _ entry: LegacyEntry) {
    for i in additions.indices where additions[i].signatureID.map(taken.contains) ?? false {
      let id = Self.computedID(entry.name, nil)
      warn("its name differs from another one in capitals only; stored as \(id)")
      additions[i].signatureID = id
    }
  }

  private mutating func warn(_ text: String) {
    warnings.append(text)
    isSound = false
  }

  // MARK: What is not secret

  private mutating func signatureID(of entry: LegacyEntry) -> String {
    if let id = try? Vault.checkedSignatureID(entry.name) { return id }
    let id = Self.computedID(entry.name, nil)
    warn("its name is no signature ID; stored as \(id)")
    return id
  }

  private mutating func chain(of entry: LegacyEntry) -> String {
    let name = (entry.chain ?? "").uppercased()
    let isName = name.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) || $0 == 95 }
    guard isName, (1...32).contains(name.utf8.count) else {
      warn("it does not say its chain")
      return Self.unknownChain
    }
    guard let chain = TokenSymbols.chain(of: name) ?? TokenSymbols.chainWithSameKeys(as: name) else {
      return name
    }
    tokenSymbol = name
    return chain
  }

  private mutating func compare(_ entry: LegacyEntry, _ wallet: NewWallet) {
    for (name, stored, derived) in [
      ("xpub", entry.xpub, wallet.xpub), ("address", entry.address, wallet.address),
    ] {
      guard let stored, let derived, stored != derived else { continue }
      warn("its \(name) was \(Vault.printable(stored)), and its secret yields \(derived), which is stored")
    }
  }

  // MARK: Secrets

  /// The wallet that signs as the entry did in the original, checked by the chain's code.
  private mutating func wallet(of entry: LegacyEntry, testnet: Bool, _ scheme: any WalletScheme) throws
    -> NewWallet
  {
    let key = entry.secret ?? entry.privateKey
    if let mnemonic = entry.mnemonic {
      // The original signs with the key. It is the mnemonic's first one, unless the entry was changed.
      guard let key else { return try wallet(mnemonic: mnemonic, of: entry, testnet: testnet, scheme) }
      if try isFirstKey(key, of: mnemonic, testnet: testnet, scheme) {
        return try wallet(mnemonic: mnemonic, of: entry, testnet: testnet, scheme)
      }
    }
    guard let text = key else {
      throw WalletError.unsupported("it has an extended private key only")
    }
    var wallet = try scheme.wallet(privateKey: text, testnet: testnet)
    // What the entry calls it is what getmanagedwallet and export go on calling it.
    if entry.secret != nil, scheme.hasSecrets { wallet.kind = .secret }
    return wallet
  }

  private mutating func wallet(
    mnemonic: SecretBytes, of entry: LegacyEntry, testnet: Bool, _ scheme: any WalletScheme
  ) throws -> NewWallet {
    let refusal: String
    do {
      let wallet = try scheme.wallet(mnemonic: mnemonic, testnet: testnet)
      // The original hashes the text as it is, so one with other spaces or capitals has other keys.
      if wallet.secret == mnemonic { return wallet }
      // Composed letters and ideographic spaces are hashed as their normal form: the keys are the same.
      if try MnemonicText.isNormalForm(wallet.secret, of: mnemonic) {
        return NewWallet(
          kind: wallet.kind, secret: mnemonic, xpub: wallet.xpub, address: wallet.address,
          publicKey: wallet.publicKey)
      }
      refusal = "its mnemonic is not written in the usual way"
    } catch let error as WalletError where error.code == "invalid-mnemonic" {
      refusal = "its mnemonic is not one of BIP-39 (\(error.message))"
    }
    let first = try scheme.address(ofMnemonic: mnemonic, index: 0, testnet: testnet)
    var wallet = NewWallet(kind: .mnemonic, secret: mnemonic, xpub: entry.xpub)
    let view = WalletView(wallet, signatureID: "", chain: "", testnet: testnet)
    if wallet.xpub == nil {
      wallet.address = first
    } else if try scheme.address(of: view, index: 0) != first {
      throw WalletError.invalidMnemonic("\(refusal), and does not yield its extended public key")
    }
    warn("\(refusal); kept as it is, and signs as before: move its coins to a new wallet")
    return wallet
  }

  /// Whether `key` is the mnemonic's key of index 0; a mnemonic that the chain can't use has no keys.
  private func isFirstKey(
    _ key: SecretBytes, of mnemonic: SecretBytes, testnet: Bool, _ scheme: any WalletScheme
  ) throws -> Bool {
    do {
      return try scheme.privateKeyText(kind: .mnemonic, secret: mnemonic, index: 0, testnet: testnet) == key
    } catch let error as CryptoError where error != .noSecretMemory {
      return false
    } catch is WalletError { return false }
  }

  /// Whether no secret of the entry is missing from `wallet`.
  private func holdsEverything(
    _ wallet: NewWallet, of entry: LegacyEntry, testnet: Bool, _ scheme: any WalletScheme
  ) throws -> Bool {
    for secret in [entry.mnemonic, entry.privateKey, entry.secret] {
      guard let secret, secret != wallet.secret else { continue }
      guard wallet.kind == .mnemonic, try isFirstKey(secret, of: wallet.secret, testnet: testnet, scheme)
      else { return false }
    }
    guard let xpriv = entry.xpriv else { return true }
    guard wallet.kind == .mnemonic else { return false }
    return try scheme.extendedPrivateKey(mnemonic: wallet.secret, testnet: testnet).map { $0 == xpriv }
      ?? true
  }

  // MARK: What can't be checked

  private mutating func keepUnchecked(
    _ entry: LegacyEntry, _ chain: String, _ testnet: Bool, _ id: String, because reason: String
  ) {
    let secrets: [(WalletKind, SecretBytes?)] = [
      (.mnemonic, entry.mnemonic), (.privateKey, entry.privateKey), (.secret, entry.secret),
    ]
    let present = secrets.filter { $0.1 != nil }
    warn("\(reason); kept as it is, unchecked")
    guard present.count == 1, entry.xpriv == nil, !entry.isUnusual, let (kind, secret) = present.first,
      let secret
    else {
      return keepJSON(entry, chain, testnet, id)
    }
    let wallet = NewWallet(kind: kind, secret: secret, xpub: entry.xpub, address: entry.address)
    additions = [.init(wallet, chain: chain, testnet: testnet, signatureID: id)]
  }

  private mutating func keepJSON(_ entry: LegacyEntry, _ chain: String, _ testnet: Bool, _ id: String) {
    let wallet = NewWallet(kind: .secret, secret: entry.json)
    additions.append(.init(wallet, chain: chain, testnet: testnet, signatureID: id))
  }

  /// Keeps the entry under a second signature ID, where nobody asks Tatum for its transactions.
  private mutating func keepExtra(_ entry: LegacyEntry, _ testnet: Bool, because reason: String) {
    let id = Self.computedID(entry.name, entry.json)
    warn("\(reason); the whole entry is kept as \(id), too")
    keepJSON(entry, Self.unknownChain, testnet, id)
  }

  /// A signature ID for what has none: always the same for the same thing, so that importing again finds it. UUID
  /// version 8 (RFC 9562 section 5.8), from SHA-256.
  private static func computedID(_ name: String, _ json: SecretBytes?) -> String {
    var text = VaultFormat.fields("tatum-kms import", name)
    // Hashed before it is joined: a hash of the secret alone must not show.
    if let json { text += HMAC.sha256(key: json, Array("tatum-kms import".utf8)) }
    var bytes = Array(Hash.sha256(text).prefix(16))
    bytes[6] = bytes[6] & 0x0f | 0x80
    bytes[8] = bytes[8] & 0x3f | 0x80
    return Vault.uuidText(bytes)
  }
}

extension SecretBytes {
  /// Whether the two differ, compared in constant time.
  fileprivate static func != (a: SecretBytes, b: SecretBytes) -> Bool { !(a == b) }
}
