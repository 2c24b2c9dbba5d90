internal import KMSChains
internal import KMSCrypto
public import KMSSigning
public import KMSVault

/// What an import did.
public struct ImportReport: Sendable {
  /// Wallets that were stored.
  public internal(set) var imported = 0
  /// Wallets that the vault had already, with the same secret.
  public internal(set) var alreadyThere = 0
  /// Signature IDs of entries that are not, or not only, wallets like any other.
  public internal(set) var unsound: [String] = []
  /// Signature IDs of entries of which nothing is in the vault.
  public internal(set) var leftOut: [String] = []
  /// What a person should know, each with the name of the entry.
  public internal(set) var warnings: [String] = []
  /// How many wallets the original had under the name of a token.
  public internal(set) var tokenSymbols: [String: Int] = [:]
  /// How many private keys of a chain have the form of a public key, and no address beside them.
  public internal(set) var mayBePublic: [String: Int] = [:]
  /// Whether a stop was asked for before the end of the file.
  public internal(set) var isStopped = false
}

extension Vault {
  /// Wallets in one transaction.
  private static let importChunk = 1000

  /// Stores the wallets of the original's file under their signature IDs.
  ///
  /// Stored in transactions of 1000, so an import that is interrupted has done a part of its work, and the next one does
  /// the rest: what the vault has already is not stored twice. A signature ID under which the vault has another secret is
  /// left alone and reported.
  ///
  /// - Parameters:
  ///   - wallets: what was decrypted.
  ///   - assurance: what a person says about its keys.
  ///   - bothNetworks: whether a key is stored that is there for the other network of a chain whose signatures do not name
  ///     theirs; else it is left out and reported.
  ///   - shouldStop: asked after each transaction.
  ///   - progress: told how many entries are done.
  /// - Throws: as `add`; `wallet-exists` when another process imports the same file right now.
  /// - Complexity: linear; a mnemonic takes about a millisecond, a private key a tenth of that.
  public func importWallets(
    _ wallets: LegacyWallets, assurance: KeyAssurance = KeyAssurance(), bothNetworks: Bool = false,
    shouldStop: () -> Bool = { false }, progress: (Int) -> Void = { _ in }
  ) throws -> ImportReport {
    var report = ImportReport()
    var waiting: [Addition] = []
    var taken: Set<String> = []
    var known = KnownKeysOfChains()
    var otherNetwork = try OtherNetwork(self)
    var done = 0
    func store() throws {
      // The conversion has derived everything from the very secrets that are read back.
      report.imported += try add(waiting, derivingAddresses: false).count
      waiting.removeAll(keepingCapacity: true)
      progress(done)
      report.isStopped = shouldStop()
    }
    try wallets.forEachEntry { entry in
      guard !report.isStopped else { return }
      var conversion = try LegacyConversion(
        entry, assurance: assurance, schemes: SigningRegistry.wallets(of:))
      conversion.giveWay(to: taken, entry)
      try conversion.tellKnownKeys(&known)
      report.take(conversion, of: entry)
      for addition in conversion.additions {
        taken.insert(addition.signatureID ?? "")
        switch try compare(addition) {
        case .new:
          if !bothNetworks,
            let holder = try otherNetwork.holder(
              of: addition.wallet, chain: addition.chain, testnet: addition.testnet)
          {
            report.refuse(addition, has: holder)
          } else {
            try otherNetwork.add(addition)
            waiting.append(addition)
          }
        case .same: report.alreadyThere += 1
        case .different: report.refuse(addition)
        }
      }
      done += 1
      if waiting.count >= Self.importChunk { try store() }
    }
    if !report.isStopped { try store() }
    return report
  }

  private enum Comparison { case new, same, different }

  private func compare(_ addition: Addition) throws -> Comparison {
    guard let id = addition.signatureID, let (view, secret) = try secret(of: id) else { return .new }
    let isSame =
      secret == addition.wallet.secret && view.chain == addition.chain && view.testnet == addition.testnet
    return isSame ? .same : .different
  }
}

extension ImportReport {
  fileprivate mutating func take(_ conversion: LegacyConversion, of entry: LegacyEntry) {
    let name = Vault.printable(entry.name)
    warnings += conversion.warnings.map { "\(name): \($0)" }
    if conversion.additions.isEmpty {
      leftOut.append(name)
    } else if !conversion.isSound {
      unsound.append(name)
    }
    if conversion.mayBePublic, let chain = conversion.additions.first?.chain {
      mayBePublic[chain, default: 0] += 1
    }
    if let symbol = conversion.tokenSymbol { tokenSymbols[symbol, default: 0] += 1 }
  }

  fileprivate mutating func refuse(_ addition: Vault.Addition, has holder: String) {
    let id = addition.signatureID ?? ""
    warnings.append(
      "\(id): the vault has this key of \(addition.chain) for the other network as \(holder), and a signature made for one "
        + "network is good on the other; left out (--both-networks stores it)")
    leftOut.append(id)
  }

  fileprivate mutating func refuse(_ addition: Vault.Addition) {
    let id = addition.signatureID ?? ""
    warnings.append("\(id): the vault has another wallet with this signature ID; left out")
    leftOut.append(id)
  }
}
