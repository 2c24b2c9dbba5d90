/// A chain of the Bitcoin family: its transactions spend outputs, each of which needs a key of its own.
protocol BitcoinFamilyChain: Chain {
  /// What tells it from the others.
  var parameters: BitcoinParameters { get }
}

extension BitcoinFamilyChain {
  var name: String { parameters.name }

  var synonyms: ChainSynonyms { ChainSynonyms(names: parameters.otherNames) }

  var broadcast: any Broadcast { BitcoinBroadcast.row(parameters.apiName) }

  var addresses: any AddressScheme { BIP32Addresses.bitcoin(parameters) }

  func keyReferences(of pending: PendingTransaction) throws(ChainError) -> [KeyReference] {
    try pending.inputKeyReferences()
  }
}
