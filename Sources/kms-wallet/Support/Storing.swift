import KMSChains
import KMSRecords
import KMSVault

/// What the commands that store one wallet have in common.
enum Storing {
  /// How many signature IDs of one chain the Tatum API takes in one poll.
  static let maximumSignatureIDs = 25_000

  /// Reads a wallet, makes sure that it is the one that was meant, stores it and prints its public side.
  ///
  /// - Parameter read: gets the wallet from the person.
  static func run(
    _ options: StoringOptions, _ access: VaultAccess, _ newVault: NewVaultOptions, read: () throws -> Candidate
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
    try store(candidate, index: index, in: vault)
    return .ok
  }

  /// Stores a wallet and prints its signature ID and its public side.
  static func store(_ candidate: Candidate, index: UInt32? = nil, in vault: Vault) throws {
    let (wallet, chain, testnet) = (candidate.wallet, candidate.chain.name, candidate.testnet)
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
    guard count > maximumSignatureIDs else { return }
    Message.warning(
      "\(chain) has \(count) wallets now; the Tatum API takes \(maximumSignatureIDs) for one chain and API key"
    )
    Message.hint("keep the rest in a second vault (--path) with an API key of its own")
  }
}
