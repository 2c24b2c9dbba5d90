internal import KMSPrimitives
internal import KMSRecords

/// VeChainThor: VET, VTHO and VIP-180 tokens. docs/chains/vet.md is the manual.
package struct VeChain: Chain {
  package let name = "VET"
  package let addresses: any AddressScheme = BIP32Addresses.evm(.hexadecimal)
  package var synonyms: ChainSynonyms { ChainSynonyms(names: ["VECHAIN"]) }
  package let asksPublicNode = true
  package var broadcast: any Broadcast { VeChainBroadcast.row }

  package init() {}

  /// The last byte of the genesis block's id, for which alone this build signs (docs.vechain.org, "Connect to the
  /// network"): mainnet 0x4a, testnet 0x27.
  package static func chainTag(testnet: Bool) -> UInt8 { testnet ? 0x27 : 0x4A }

  /// Refuses another chain tag than that of the record's network.
  ///
  /// - Parameter member: the name of the member that says it.
  /// - Throws: `chain-id-mismatch`.
  package static func check(chainTag tag: UInt64, _ member: String, testnet: Bool) throws(ChainError) {
    let pinned = chainTag(testnet: testnet)
    guard tag == UInt64(pinned) else {
      throw ChainError(
        .chainIDMismatch,
        "\(member) is \(tag), that of VET \(testnet ? "testnet" : "mainnet") is \(pinned)")
    }
  }

  package func read(_ pending: PendingTransaction, testnet: Bool) throws(ChainError) -> VeChainIntent {
    try VeChainIntent(pending, chain: self, testnet: testnet)
  }
}

/// A transaction of VeChainThor, as it was read.
package struct VeChainIntent: Intent {
  /// The network of the record.
  package let testnet: Bool
  package let keyReferences: [KeyReference]
  /// What the pending transaction says.
  package let transaction: PendingVeChainTransaction
  private let addresses: any AddressScheme

  /// Reads `pending`.
  ///
  /// - Throws: `malformed-transaction`, `chain-id-mismatch`.
  package init(_ pending: PendingTransaction, chain: VeChain, testnet: Bool) throws(ChainError) {
    self.testnet = testnet
    addresses = chain.addresses
    keyReferences = try chain.keyReferences(of: pending)
    transaction = try PendingVeChainTransaction(parsing: pending.serializedTransaction)
    if let tag = transaction.chainTag {
      try VeChain.check(chainTag: UInt64(tag), "serializedTransaction.chainTag", testnet: testnet)
    }
    if let gas = transaction.gas { try transaction.check(gasLimit: gas) }
  }

  /// What it lets others dispose of.
  package var allowances: [Allowance] {
    transaction.clauses.flatMap { clause in
      clause.to.map { Allowance.all(call: clause.data, to: $0.hexText) } ?? []
    }
  }

  package func needs(wallet: WalletView?) throws(ChainError) -> [Need] {
    let sender = try addresses.sender(keyReferences.first, wallet).map { (text) throws(ChainError) in
      try EVMAddressForm.hexadecimal.read(text, member: "the wallet's address")
    }
    let facts = VeChainFacts(testnet: testnet)
    var needs: [Need] = []
    if let sender { needs.append(.constant(member: "from", value: .string(sender.hexText))) }
    if transaction.blockRef == nil { needs.append(facts.blockReference) }
    if transaction.gas == nil {
      guard let clause = transaction.clauses.first, transaction.clauses.count == 1 else {
        throw .malformed("serializedTransaction.gas is missing: it can't be estimated for several clauses")
      }
      // Without a sender nothing can be signed (wallet-not-found); an estimate would only hide that.
      if let sender {
        needs.append(
          facts.gas(
            of: ContractCall(
              from: sender.hexText, to: clause.to?.hexText,
              value: clause.value == .zero ? nil : clause.value.description,
              data: clause.data.isEmpty ? nil : Hex.encodePrefixed(clause.data))))
      }
    }
    if transaction.nonce == nil { needs.append(VeChainFacts.nonce) }
    return needs
  }
}

extension PendingVeChainTransaction {
  /// Refuses a gas limit with which the network would not take the transaction.
  ///
  /// - Throws: `malformed-transaction`.
  package func check(gasLimit: UInt64) throws(ChainError) {
    let needed = VeChainGas.intrinsic(clauses)
    guard let needed, needed <= gasLimit else {
      throw .malformed(
        "the gas limit is \(gasLimit); a transaction with this data needs "
          + "\(needed.map { String($0) } ?? "more than 2^64")")
    }
  }
}
