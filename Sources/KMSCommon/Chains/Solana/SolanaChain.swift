internal import KMSRecords

/// Solana: SOL, SPL tokens, and every other message; docs/chains/sol.md is the manual.
struct SolanaChain: Chain {
  let name = "SOL"
  let addresses: any AddressScheme = FirstAddress()
  var synonyms: ChainSynonyms { ChainSynonyms(names: ["SOLANA"]) }
  var broadcast: any Broadcast { SolanaBroadcast() }

  /// Every named wallet: all of `hashes` at `index`, then all of `signatures` at their own index; a wallet that both
  /// name is taken from `signatures`, which knows more. Each may hold the key of one of the signers.
  func keyReferences(of pending: PendingTransaction) throws(ChainError) -> [KeyReference] {
    let named = Set(pending.signatures.map(\.signatureID))
    let references =
      pending.hashes.filter { !named.contains($0) }
      .map { KeyReference(signatureID: $0, index: pending.index) }
      + pending.signatures.map { KeyReference(signatureID: $0.signatureID, index: $0.index ?? pending.index) }
    // No transaction has room for more signers (1232 bytes, 64 for each).
    guard references.count <= 64 else { throw .malformed("hashes and signatures name more than 64 wallets") }
    return references
  }

  func read(_ pending: PendingTransaction, testnet: Bool) throws(ChainError) -> SolanaIntent {
    try SolanaIntent(pending, chain: self, testnet: testnet)
  }
}

/// A transaction of Solana, as it was read.
struct SolanaIntent: Intent {
  /// The network of the record.
  let testnet: Bool
  let keyReferences: [KeyReference]
  /// What the pending transaction says, as text and as it was read.
  private let content: String
  let transaction: PendingSolanaTransaction
  /// Who pays the fee: the first signer.
  let feePayer: SolanaAddress
  /// The fee in lamports; nil when it is 2^64 or more.
  let fee: UInt64?

  /// Reads `pending`.
  ///
  /// - Throws: `malformed-transaction`.
  init(_ pending: PendingTransaction, chain: SolanaChain, testnet: Bool) throws(ChainError) {
    self.testnet = testnet
    content = pending.serializedTransaction
    keyReferences = try chain.keyReferences(of: pending)
    transaction = try PendingSolanaTransaction(parsing: pending.serializedTransaction)
    guard let feePayer = transaction.message.feePayer else {
      throw .malformed("serializedTransaction.txData has no accounts")
    }
    self.feePayer = feePayer
    fee = try SolanaFee(transaction.message).lamports
  }

  func needs(wallet: WalletView?) throws(ChainError) -> [Need] {
    [SolanaFacts.blockhash(of: content, testnet: testnet)]
  }

  var summary: String? { transaction.message.summary }
}
