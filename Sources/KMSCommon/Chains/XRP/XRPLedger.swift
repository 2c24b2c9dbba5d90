internal import KMSRecords

/// XRP: the transaction is the ledger's JSON, complete; it is encoded, signed and identified here.
package struct XRPLedger: Chain {
  package let name = "XRP"
  package let addresses: any AddressScheme = StoredAddress()
  package var synonyms: ChainSynonyms { ChainSynonyms(names: ["RIPPLE"]) }
  package var broadcast: any Broadcast { XRPBroadcast.row }

  package init() {}

  package func read(_ pending: PendingTransaction, testnet: Bool) throws(ChainError) -> XRPIntent {
    XRPIntent(
      keyReferences: try keyReferences(of: pending),
      transaction: try XRPTransaction(pending.serializedTransaction, testnet: testnet))
  }
}

/// A transaction of the XRP Ledger, as it was read. Nothing is asked of the network: all is in the pending transaction.
package struct XRPIntent: Intent {
  package let keyReferences: [KeyReference]
  /// What the pending transaction says.
  package let transaction: XRPTransaction

  /// `asfDisableMaster`: the flag of AccountSet that takes the master key its power, or gives it back.
  private static let disableMaster: UInt32 = 4

  /// Whether it decides who may sign for the account, or deletes it.
  package var changesControl: Bool {
    switch transaction.type {
    case "SetRegularKey", "SignerListSet", "AccountDelete": true
    case "AccountSet":
      transaction.setFlag == Self.disableMaster || transaction.clearFlag == Self.disableMaster
    default: false
    }
  }
}
