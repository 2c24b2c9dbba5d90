/// A chain of the Bitcoin family: its transactions spend outputs, each of which needs a key of its own.
protocol BitcoinFamilyChain: Chain {
  /// What tells it from the others.
  var parameters: BitcoinParameters { get }
}

extension BitcoinFamilyChain {
  package var name: String { parameters.name }

  package var synonyms: ChainSynonyms { ChainSynonyms(names: parameters.otherNames) }

  package var broadcast: any Broadcast { BitcoinBroadcast.row(parameters.apiName, parameters.credits) }

  package var addresses: any AddressScheme { BIP32Addresses.bitcoin(parameters) }

  package func keyReferences(of pending: PendingTransaction) throws(ChainError) -> [KeyReference] {
    try pending.inputKeyReferences()
  }
}
