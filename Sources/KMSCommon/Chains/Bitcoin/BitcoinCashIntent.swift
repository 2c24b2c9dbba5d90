internal import KMSRecords

/// A transaction of BCH, as it was read.
package struct BitcoinCashIntent: Intent {
  /// The chain's constants.
  package let parameters: BitcoinParameters
  /// Those of the record's network.
  package let network: BitcoinNetwork
  /// The record's network.
  package let testnet: Bool
  package let keyReferences: [KeyReference]
  /// The transaction, its inputs without scripts.
  package let transaction: BitcoinTransaction
  /// What each input is worth, in satoshi.
  package let amounts: [UInt64]
  /// What it costs.
  package let cost: TransactionCost
  package var skipsUnknownWallets: Bool { true }
  /// Off-chain: whose each input is; nil on-chain.
  package let withdrawal: [Owner?]?

  /// What `withdrawalResponses` say about an input.
  package enum Owner: Sendable {
    /// It spends from the address with this hash.
    case hash([UInt8])
    /// Its key has this derivation index.
    case index(UInt32)
  }

  /// Reads `pending`.
  ///
  /// - Throws: `malformed-transaction`, `dust-output`.
  package init(_ pending: PendingTransaction, parameters: BitcoinParameters, testnet: Bool) throws(ChainError)
  {
    self.parameters = parameters
    network = parameters.network(testnet)
    self.testnet = testnet
    keyReferences = try pending.inputKeyReferences()
    let read = try BitcoinCashTransaction(pending.serializedTransaction)
    transaction = read.transaction
    amounts = read.amounts
    cost = try TransactionLimits(parameters: parameters, network: network).check(
      UnsignedTransaction(
        transaction: read.transaction,
        // The scripts follow from the keys, which are not known yet; limits are about amounts.
        spent: read.amounts.map { UnsignedTransaction.SpentOutput(value: $0, script: []) }))
    withdrawal = try Self.withdrawal(pending, read.transaction, network)
  }

  /// What each input spends is asked for: the pending transaction has the amounts only.
  package func needs(wallet: WalletView?) throws(ChainError) -> [Need] {
    let previous = PreviousFacts(parameters, testnet: testnet)
    return transaction.inputs.map {
      BitcoinCashFacts.output($0.outPoint.transactionID, $0.outPoint.index, by: previous)
    } + previous.needs(of: transaction)
  }

  /// The name of input `i` in messages.
  package func name(ofInput i: Int) -> String { "input \(i) (\(transaction.inputs[i].outPoint))" }

  private static func withdrawal(
    _ pending: PendingTransaction, _ transaction: BitcoinTransaction, _ network: BitcoinNetwork
  ) throws(ChainError) -> [Owner?]? {
    guard pending.withdrawalID != nil, pending.withdrawalResponses != nil else { return nil }
    let responses = pending.withdrawalInputs
    var owners: [Owner?] = []
    for (i, input) in transaction.inputs.enumerated() {
      guard let response = responses.response(for: input.outPoint) else {
        owners.append(nil)
        continue
      }
      if let address = response.address {
        owners.append(.hash(try network.hash(ofAddress: address, of: "input \(i) (\(input.outPoint))")))
      } else {
        owners.append(.index(response.derivationKey))
      }
    }
    return owners
  }
}

extension BitcoinNetwork {
  /// The hash in an address of a key.
  ///
  /// - Throws: `malformed-transaction` naming `input` for any other text.
  package func hash(ofAddress address: String, of input: String) throws(ChainError) -> [UInt8] {
    switch script(ofAddress: address) {
    case .publicKeyHash(let hash): return hash
    case .some: throw .malformed("\(input) spends from \(address); only addresses of keys can be signed for")
    case nil: throw .malformed("\(address) of \(input) is no BCH address of the record's network")
    }
  }
}
