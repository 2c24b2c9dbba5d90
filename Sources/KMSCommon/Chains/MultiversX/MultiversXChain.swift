internal import KMSPrimitives
internal import KMSRecords

/// MultiversX (Elrond): EGLD and its tokens; docs/chains/egld.md is the manual.
struct MultiversXChain: Chain {
  let name = "EGLD"
  let addresses: any AddressScheme = FirstAddress()
  var synonyms: ChainSynonyms { ChainSynonyms(names: ["MULTIVERSX", "ELROND"]) }
  var broadcast: any Broadcast { MultiversXBroadcast.row }

  /// docs.multiversx.com, "Constants", chain id; T is testnet, D devnet.
  private static let mainnetIDs = ["1"]
  private static let testnetIDs = ["T", "D"]

  func read(_ pending: PendingTransaction, testnet: Bool) throws(ChainError) -> MultiversXIntent {
    try MultiversXIntent(pending, chain: self, testnet: testnet)
  }

  /// Refuses a chain id that is not pinned for the record's network.
  ///
  /// - Parameter member: the name of the member that says it.
  /// - Throws: `chain-id-mismatch`.
  static func check(chainID: String, _ member: String, testnet: Bool) throws(ChainError) {
    let pinned = testnet ? testnetIDs : mainnetIDs
    guard !pinned.contains(chainID) else { return }
    throw ChainError(
      .chainIDMismatch,
      "\(member) is not a chain id of EGLD \(testnet ? "testnets" : "mainnet") "
        + "(\(pinned.joined(separator: ", ")))")
  }
}

/// A transaction of MultiversX, as it was read.
struct MultiversXIntent: Intent {
  /// The network of the record.
  let testnet: Bool
  let keyReferences: [KeyReference]
  /// What the pending transaction says.
  let transaction: PendingMultiversXTransaction
  private let addresses: any AddressScheme

  /// Bit 1 of `options`: a guardian must sign, too.
  private static let knownOptions: UInt32 = 1

  /// Reads `pending`.
  ///
  /// - Throws: `malformed-transaction`, `chain-id-mismatch`.
  init(_ pending: PendingTransaction, chain: MultiversXChain, testnet: Bool) throws(ChainError) {
    self.testnet = testnet
    addresses = chain.addresses
    keyReferences = try chain.keyReferences(of: pending)
    transaction = try PendingMultiversXTransaction(parsing: pending.serializedTransaction)
    if let id = transaction.chainID {
      try MultiversXChain.check(chainID: id, "serializedTransaction.chainID", testnet: testnet)
    }
    guard transaction.version != 0 else { throw .malformed("serializedTransaction.version is 0") }
    guard transaction.options & ~Self.knownOptions == 0 else {
      throw .malformed(
        "serializedTransaction.options is \(transaction.options): guarded transactions need a second signature, which "
          + "is not supported")
    }
    if let gasLimit = transaction.gasLimit { try Self.check(gasLimit: gasLimit) }
  }

  /// What moving EGLD takes (docs.multiversx.com, "Constants", `MinGasLimit`); no node takes a transaction with less.
  private static let minimumGasLimit: UInt64 = 50_000

  /// Refuses a gas limit with which the network would not take the transaction.
  ///
  /// - Throws: `malformed-transaction`.
  static func check(gasLimit: UInt64) throws(ChainError) {
    guard gasLimit >= minimumGasLimit else {
      throw .malformed(
        "the gas limit is \(gasLimit); the network takes no transaction with less than \(minimumGasLimit)")
    }
  }

  func needs(wallet: WalletView?) throws(ChainError) -> [Need] {
    let known = try addresses.sender(keyReferences.first, wallet)
    let from = transaction.from?.text ?? known
    let facts = MultiversXFacts(testnet: testnet)
    var needs: [Need] = []
    if let from { needs.append(.constant(member: "from", value: .string(from))) }
    needs.append(facts.configuration)
    guard let from else { return needs }
    if transaction.nonce == nil { needs.append(facts.nonce(of: from)) }
    if transaction.gasLimit == nil {
      needs.append(
        facts.gasLimit(
          of: ContractCall(
            from: from, to: transaction.to.text, value: transaction.value.description,
            data: transaction.data.isEmpty ? nil : String(decoding: transaction.data, as: UTF8.self),
            gasPrice: transaction.gasPrice.map { String($0) }, nonce: transaction.nonce.map { String($0) })))
    }
    return needs
  }
}
