internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// Algorand: ALGO, its assets and applications; docs/chains/algo.md is the manual.
struct AlgorandChain: Chain {
  let name = "ALGO"
  let wallets: any WalletScheme = AlgorandWallets()

  /// 1 ALGO: a thousand times the least fee.
  private static let maximumFee: UInt64 = 1_000_000

  /// A network, by what names it in a transaction.
  private struct Network {
    let id: String
    /// Base64.
    let genesisHash: String
  }

  // developer.algorand.org, "Algorand networks": genesis id and genesis hash.
  private static let mainnet = Network(
    id: "mainnet-v1.0", genesisHash: "wGHE2Pwdvd7S12BL5FaOP20EGYesN73ktiC1qzkkit8=")
  private static let testnet = Network(
    id: "testnet-v1.0", genesisHash: "SGO1GKSzyE7IEPItTxCByw9x8FmnrCDexi9/cOUJOiI=")

  /// Nothing: everything is in the transaction.
  func needs(
    of pending: PendingTransaction, wallet: WalletView?, testnet: Bool
  ) throws(ChainError) -> [Need] {
    _ = try AlgorandTransaction(parsing: pending.serializedTransaction)
    return []
  }

  func sign(_ request: SigningRequest) throws(ChainError) -> SignedTransaction {
    let transaction = try AlgorandTransaction(parsing: request.pending.serializedTransaction)
    let key = try request.onlyKey()
    try checkNetwork(of: transaction, testnet: request.testnet)
    if key.publicKey != transaction.sender.bytes, !request.policy.allowDelegatedKeys {
      throw ChainError(
        .keyNotSender,
        "serializedTransaction.from is \(transaction.sender.text), the wallet's key is that of \(key.address); a "
          + "rekeyed account needs --allow-delegated-keys")
    }
    if !transaction.accountControl.isEmpty, !request.policy.allowAccountControl {
      let members = transaction.accountControl.joined(separator: " and ")
      throw ChainError(
        .accountControlRefused,
        "serializedTransaction has \(members), which hands over or empties the account; --allow-account-control signs it"
      )
    }
    try StatedFee.check(
      transaction.fee, unit: "microalgos", chain: name, defaultLimit: Self.maximumFee, request.policy)
    let signed = transaction.signed(with: try key.ed25519Signer())
    return SignedTransaction(
      txData: Hex.encode(signed.bytes), txID: signed.id, from: .one(transaction.sender.text),
      lastValidHeight: transaction.lastRound)
  }

  /// A signature is valid on the network that the transaction names, so that must be the record's.
  private func checkNetwork(of transaction: AlgorandTransaction, testnet: Bool) throws(ChainError) {
    let network = testnet ? Self.testnet : Self.mainnet
    guard Base64.encode(transaction.genesisHash) == network.genesisHash else {
      throw ChainError(.chainIDMismatch, "serializedTransaction.genesisHash is not that of \(network.id)")
    }
    guard transaction.genesisID == nil || transaction.genesisID == network.id else {
      throw ChainError(
        .chainIDMismatch, "serializedTransaction.genesisID and genesisHash name different networks")
    }
  }
}
