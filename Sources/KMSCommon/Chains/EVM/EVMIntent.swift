internal import KMSPrimitives
internal import KMSRecords

/// A transaction of a chain that runs the EVM, as it was read.
///
/// A class because it goes through many hands.
package final class EVMIntent: Intent {
  /// The chain that read it.
  package let chain: EVMChain
  /// The network of the record.
  package let testnet: Bool
  package let keyReferences: [KeyReference]
  /// What the pending transaction says.
  package let transaction: PendingEVMTransaction

  /// Reads `pending`.
  ///
  /// - Throws: `malformed-transaction`, `chain-id-mismatch`.
  package init(_ pending: PendingTransaction, chain: EVMChain, testnet: Bool) throws(ChainError) {
    self.chain = chain
    self.testnet = testnet
    keyReferences = try chain.keyReferences(of: pending)
    transaction = try PendingEVMTransaction(
      parsing: pending.serialized, form: chain.form, celo: chain.hasFeeCurrencies)
    if let id = transaction.chainID {
      try chain.check(chainID: id, "serializedTransaction.chainId", testnet: testnet)
    }
    if let gas = transaction.gas { try transaction.check(gasLimit: gas) }
  }

  /// What it lets others dispose of.
  package var allowances: [Allowance] {
    guard let to = transaction.to, transaction.data.count >= 4 else { return [] }
    return Allowance.all(call: transaction.data, to: to.hexText)
  }

  package func needs(wallet: WalletView?) throws(ChainError) -> [Need] {
    let sender = try chain.addresses.sender(keyReferences.first, wallet).map { (text) throws(ChainError) in
      try chain.form.read(text, member: "the wallet's address")
    }
    let facts = EVMFacts(chain.network, testnet: testnet, chainID: transaction.chainID)
    var needs: [Need] = []
    if let sender { needs.append(.constant(member: "from", value: .string(sender.hexText))) }
    needs.append(facts.chainID(carried: transaction.chainID))
    if let sender, transaction.nonce == nil { needs.append(facts.nonce(of: sender.hexText)) }
    // Without a sender nothing can be signed (wallet-not-found); an estimate would only hide that.
    if let sender, transaction.gas == nil { needs.append(facts.gas(of: call(from: sender))) }
    if transaction.needsGasPrice {
      needs.append(facts.gasPrice(feeCurrency: transaction.feeCurrency?.hexText))
    }
    return needs
  }

  private func call(from sender: EVMAddress) -> ContractCall {
    ContractCall(
      from: sender.hexText, to: transaction.to?.hexText,
      value: transaction.value == .zero ? nil : transaction.value.description,
      data: transaction.data.isEmpty ? nil : Hex.encodePrefixed(transaction.data),
      gasPrice: transaction.gasPrice?.description, nonce: transaction.nonce.map { String($0) })
  }
}

extension PendingEVMTransaction {
  /// Whether the fee can't be settled without the network's gas price.
  package var needsGasPrice: Bool {
    switch kind {
    case .legacy, .accessList: gasPrice == nil
    case .dynamic: maxFeePerGas == nil
    case .celoDynamic: gasPrice == nil && maxFeePerGas == nil
    }
  }

  /// Refuses a gas limit with which the network would not take the transaction.
  ///
  /// - Throws: `malformed-transaction`.
  package func check(gasLimit: UInt64) throws(ChainError) {
    let needed = EVMGas.intrinsic(isCreation: to == nil, data: data, accessList: accessList ?? [])
    guard let needed, needed <= gasLimit else {
      throw .malformed(
        "the gas limit is \(gasLimit); a transaction with this data needs "
          + "\(needed.map { String($0) } ?? "more than 2^64")")
    }
  }
}
