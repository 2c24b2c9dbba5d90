internal import KMSRecords

/// A transaction of BTC, LTC or DOGE, as it was read. The network is asked for one thing only: the transactions that made
/// what is spent, which prove the amounts.
package struct BitcoreIntent: Intent {
  /// The chain's constants.
  package let parameters: BitcoinParameters
  /// Those of the record's network.
  package let network: BitcoinNetwork
  /// The record's network.
  package let testnet: Bool
  package let keyReferences: [KeyReference]
  /// The transaction with what it spends.
  package let unsigned: UnsignedTransaction
  /// How each input is signed.
  package let forms: [InputForm]
  /// What it costs.
  package let cost: TransactionCost
  package var skipsUnknownWallets: Bool { true }

  /// Reads `pending`.
  ///
  /// - Throws: `malformed-transaction`, `content-mismatch`, `dust-output`.
  package init(_ pending: PendingTransaction, parameters: BitcoinParameters, testnet: Bool) throws(ChainError)
  {
    self.parameters = parameters
    network = parameters.network(testnet)
    self.testnet = testnet
    keyReferences = try pending.inputKeyReferences()
    let bitcore = try BitcoreTransaction(pending.serializedTransaction)
    unsigned = bitcore.unsigned
    cost = try TransactionLimits(parameters: parameters, network: network).check(
      unsigned, statedFee: bitcore.statedFee,
      droppedChange: bitcore.droppedItsChange ? parameters.droppedChange : 0)
    var forms: [InputForm] = []
    forms.reserveCapacity(unsigned.spent.count)
    for i in unsigned.spent.indices { forms.append(try InputForm(unsigned, i, network)) }
    self.forms = forms
    try checkAddresses(pending.withdrawalInputs)
  }

  package func needs(wallet: WalletView?) throws(ChainError) -> [Need] {
    PreviousFacts(parameters, testnet: testnet).needs(of: unsigned.transaction)
  }

  /// The addresses that a withdrawal shows must be those that it spends from.
  private func checkAddresses(_ responses: WithdrawalInputs) throws(ChainError) {
    for (i, input) in unsigned.transaction.inputs.enumerated() {
      guard let address = responses.response(for: input.outPoint)?.address else { continue }
      guard let script = network.script(ofAddress: address) else {
        throw .malformed(
          "withdrawalResponses: \(address) is no address of \(parameters.name) on the record's network")
      }
      guard script == unsigned.spent[i].lock else {
        throw ChainError(
          .contentMismatch,
          "\(unsigned.name(ofInput: i)) does not spend from \(address) of withdrawalResponses")
      }
    }
  }
}
