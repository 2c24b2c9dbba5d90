import KMSChains
import KMSCrypto
import KMSNetwork
import KMSPrivateKeys
import KMSProcess
import KMSRecords
import KMSSigning
import KMSVault
import KMSWallets

/// What the commands that store one wallet have in common.
enum Storing {
  /// Reads a wallet, makes sure that it is the one that was meant, stores it and prints its public side.
  ///
  /// - Parameter read: gets the wallet from the person.
  static func run(
    _ options: StoringOptions, _ network: NetworkOptions, _ access: VaultAccess, _ newVault: NewVaultOptions,
    read: () throws -> Candidate
  ) throws -> ExitStatus {
    func confirmed() throws -> (candidate: Candidate, index: UInt32?) {
      let candidate = try read()
      return (candidate, try candidate.confirm(options))
    }
    if options.dryRun {
      let (candidate, index) = try confirmed()
      try StandardOutput.write(pretty: .object(answer(candidate, index: index)))
      return .ok
    }
    let (vault, (candidate, index)) = try access.openForStoring(
      cost: newVault.cost(otherwise: .standard), confirmed)
    if options.ifAbsent, let id = try signatureID(of: candidate, in: vault) {
      Message.info("the vault has this wallet already, as \(id); nothing was stored")
      try StandardOutput.write(pretty: .object(answer(candidate, index: index, signatureID: id)))
      return .ok
    }
    try store(candidate, index: index, network, in: vault)
    return .ok
  }

  /// Under which signature ID the vault has the very same wallet: a single key is another one than the words that it comes
  /// from.
  private static func signatureID(of candidate: Candidate, in vault: Vault) throws -> String? {
    let wallet = candidate.wallet
    return try vault.signatureIDs(holding: wallet, chain: candidate.chain.name, testnet: candidate.testnet)
      .first {
        guard let view = try vault.view(of: $0) else { return false }
        return view.kind == wallet.kind && view.path == wallet.path
      }
  }

  /// A new wallet, with words of a language.
  ///
  /// - Throws: `WalletError` `unsupported` for a language where the chain has no mnemonics of BIP-39.
  static func generate(
    _ scheme: any SigningWallets, _ language: MnemonicLanguage?, testnet: Bool
  ) throws -> NewWallet {
    guard let language else { return try scheme.generate(testnet: testnet) }
    guard scheme.path(testnet: testnet) != nil else {
      throw WalletError.unsupported("wallets of this chain have no words, so --language says nothing")
    }
    return try scheme.wallet(mnemonic: Mnemonic.generate(words: 24, language: language), testnet: testnet)
  }

  /// Stores a wallet and prints its signature ID and its public side.
  static func store(
    _ candidate: Candidate, index: UInt32? = nil, _ network: NetworkOptions, in vault: Vault
  ) throws {
    let (wallet, chain, testnet) = (candidate.wallet, candidate.chain.name, candidate.testnet)
    if !network.bothNetworks { try refuseOtherNetwork(candidate, in: vault) }
    let known = try vault.signatureIDs(holding: wallet, chain: chain, testnet: testnet)
    let view = try vault.add(wallet, chain: chain, testnet: testnet)
    if let first = known.first {
      Message.warning("the vault had this wallet already, as \(first); now it has it twice")
    }
    try warnOfLimit(of: view.chain, testnet: testnet, in: vault)
    do {
      try StandardOutput.write(
        pretty: .object(answer(candidate, index: index, signatureID: view.signatureID)))
    } catch {
      Message.warning("the wallet was stored as \(view.signatureID), which could not be printed")
      throw error
    }
  }

  /// Refuses a key that the vault has for the other network, where signatures do not name the network: one that was made
  /// for a test network, without an approval, is a payment on the main one.
  private static func refuseOtherNetwork(_ candidate: Candidate, in vault: Vault) throws {
    let (chain, testnet) = (candidate.chain, !candidate.testnet)
    var other = try OtherNetwork(vault)
    guard let id = try other.holder(of: candidate.wallet, chain: chain.name, testnet: candidate.testnet)
    else {
      return
    }
    throw ProgramFailure(
      .data,
      "the vault has this key for \(chain.name) \(testnet ? "testnet" : "mainnet") as \(id), and a signature made for one "
        + "network is good on the other; nothing was stored",
      hint: "take another secret for the test network; --both-networks stores it nevertheless")
  }

  /// The members of the original in their order, then `address` where it had none, `path`, and the index of the address
  /// that was expected.
  private static func answer(
    _ candidate: Candidate, index: UInt32?, signatureID: String? = nil
  ) -> JSONObject {
    let wallet = candidate.wallet
    var object = JSONObject()
    object["signatureId"] = signatureID.map(JSONValue.string)
    if wallet.xpub == nil { object["address"] = .string(candidate.address) }
    object["xpub"] = wallet.xpub.map(JSONValue.string)
    object["address"] = .string(candidate.address)
    object["path"] = candidate.path.map(JSONValue.string)
    if wallet.kind == .mnemonic, let index { object["index"] = .number(JSONNumber(Int(index))) }
    return object
  }

  /// Says so when a chain has more wallets than kms-fetch can ask for.
  static func warnOfLimit(of chain: String, testnet: Bool, in vault: Vault) throws {
    let count = try vault.chains(testnet: testnet).first { $0.chain == chain }?.wallets ?? 0
    guard count > TatumAPI.maximumSignatureIDs else { return }
    Message.warning(
      "\(chain) has \(count) wallets now; the Tatum API takes \(TatumAPI.maximumSignatureIDs) for one chain and API key"
    )
    Message.hint("keep the rest in a second vault (--path) with an API key of its own")
  }
}
