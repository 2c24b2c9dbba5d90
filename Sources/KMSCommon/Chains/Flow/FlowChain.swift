internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// Flow. docs/chains/flow.md is the manual.
///
/// Signs the payload in the name of the account. Proposer and payer are accounts of the API, whose signatures
/// kms-broadcast asks for (decision 14); only then is there a transaction id.
struct FlowChain: Chain {
  let name = "FLOW"
  let addresses: any AddressScheme = BIP32Addresses.flow
  var synonyms: ChainSynonyms { ChainSynonyms(tokens: ["FUSD"]) }
  let asksPublicNode = true
  var broadcast: any Broadcast { FlowBroadcast() }

  func read(_ pending: PendingTransaction, testnet: Bool) throws(ChainError) -> FlowIntent {
    FlowIntent(
      testnet: testnet, keyReferences: try keyReferences(of: pending),
      transaction: try PendingFlowTransaction(parsing: pending.serializedTransaction, testnet: testnet),
      addresses: addresses)
  }
}

/// A transaction of Flow, as it was read.
struct FlowIntent: Intent {
  /// The network of the record.
  let testnet: Bool
  let keyReferences: [KeyReference]
  /// What the pending transaction says.
  let transaction: PendingFlowTransaction
  fileprivate let addresses: any AddressScheme

  func needs(wallet: WalletView?) throws(ChainError) -> [Need] {
    let facts = FlowFacts(testnet: testnet)
    let publicKey = try addresses.sender(keyReferences.first, wallet)
    return [facts.proposal, facts.account(transaction.account.text, publicKey: publicKey)]
  }
}

extension BIP32Addresses {
  /// What wallets of Flow have in the place of an address, which the key alone does not determine: the public key, 64
  /// bytes in hexadecimal.
  static let flow = BIP32Addresses { publicKey, _ in
    guard let point = Secp256k1.uncompressed(publicKey) else { throw CryptoError.invalidPublicKey }
    return Hex.encode(point.dropFirst())
  }
}
