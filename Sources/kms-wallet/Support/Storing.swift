import KMSChains
import KMSRecords
import KMSVault

/// What the commands that store one wallet have in common.
enum Storing {
  /// How many signature IDs of one chain the Tatum API takes in one poll.
  static let maximumSignatureIDs = 25_000

  /// Stores a wallet and prints its signature ID and its public side.
  static func store(_ wallet: NewWallet, chain: ChainChoice, testnet: Bool, in vault: Vault) throws {
    let known = try vault.signatureIDs(holding: wallet, chain: chain.name, testnet: testnet)
    let view = try vault.add(wallet, chain: chain.name, testnet: testnet)
    if let first = known.first {
      Message.warning("the vault had this wallet already, as \(first); now it has it twice")
    }
    try warnOfLimit(of: view.chain, testnet: testnet, in: vault)
    do {
      try StandardOutput.write(pretty: .object(WalletJSON.stored(view)))
    } catch {
      Message.warning("the wallet was stored as \(view.signatureID), which could not be printed")
      throw error
    }
  }

  /// Prints the public side of a wallet that is not stored.
  static func show(_ candidate: Candidate) throws {
    var object = JSONObject()
    object["address"] = .string(candidate.address)
    object["xpub"] = candidate.wallet.xpub.map(JSONValue.string)
    try StandardOutput.write(pretty: .object(object))
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
