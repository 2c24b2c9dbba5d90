internal import KMSRecords

/// XLM: the transaction is an envelope in XDR; it is checked, and one signature is appended.
package struct StellarChain: Chain {
  package let name = "XLM"
  package let addresses: any AddressScheme = StoredAddress()
  package var synonyms: ChainSynonyms { ChainSynonyms(names: ["STELLAR"]) }
  package var broadcast: any Broadcast { StellarBroadcast() }

  package init() {}

  /// The networks are told apart by these texts, which every signature covers.
  package static func passphrase(testnet: Bool) -> String {
    testnet ? "Test SDF Network ; September 2015" : "Public Global Stellar Network ; September 2015"
  }

  package func read(_ pending: PendingTransaction, testnet: Bool) throws(ChainError) -> StellarIntent {
    let references = try keyReferences(of: pending)
    let envelope = try StellarEnvelope(pending.serializedTransaction)
    guard !envelope.isFull else {
      throw .malformed("serializedTransaction has as many signatures as an envelope can have")
    }
    return StellarIntent(testnet: testnet, keyReferences: references, envelope: envelope)
  }
}

/// A transaction of Stellar, as it was read. Nothing is asked of the network: all is in the pending transaction.
package struct StellarIntent: Intent {
  /// The network of the record.
  package let testnet: Bool
  package let keyReferences: [KeyReference]
  /// What the pending transaction says.
  package let envelope: StellarEnvelope
}
