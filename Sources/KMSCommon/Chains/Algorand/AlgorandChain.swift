internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// Algorand: ALGO, its assets and applications; docs/chains/algo.md is the manual.
package struct AlgorandChain: Chain {
  package let name = "ALGO"
  package let addresses: any AddressScheme = StoredAddress()
  package var synonyms: ChainSynonyms { ChainSynonyms(names: ["ALGORAND"]) }
  package var broadcast: any Broadcast { AlgorandBroadcast.row }

  package init() {}

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

  package func read(_ pending: PendingTransaction, testnet: Bool) throws(ChainError) -> AlgorandIntent {
    let references = try keyReferences(of: pending)
    let transaction = try AlgorandTransaction(parsing: pending.serializedTransaction)
    try checkNetwork(of: transaction, testnet: testnet)
    return AlgorandIntent(testnet: testnet, keyReferences: references, transaction: transaction)
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

/// A transaction of Algorand, as it was read. Nothing is asked of the network: everything is in the transaction.
package struct AlgorandIntent: Intent {
  /// The network of the record.
  package let testnet: Bool
  package let keyReferences: [KeyReference]
  /// What the pending transaction says.
  package let transaction: AlgorandTransaction
}
