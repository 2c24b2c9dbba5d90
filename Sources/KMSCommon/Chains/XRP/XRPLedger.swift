internal import KMSRecords

/// XRP: the transaction is the ledger's JSON, complete; it is encoded, signed and identified here.
struct XRPLedger: Chain {
  let name = "XRP"
  let addresses: any AddressScheme = StoredAddress()
  var synonyms: ChainSynonyms { ChainSynonyms(names: ["RIPPLE"]) }
  var broadcast: any Broadcast { XRPBroadcast.row }

  func read(_ pending: PendingTransaction, testnet: Bool) throws(ChainError) -> XRPIntent {
    XRPIntent(
      keyReferences: try keyReferences(of: pending),
      transaction: try XRPTransaction(pending.serializedTransaction, testnet: testnet))
  }
}

/// A transaction of the XRP Ledger, as it was read. Nothing is asked of the network: all is in the pending transaction.
struct XRPIntent: Intent {
  let keyReferences: [KeyReference]
  /// What the pending transaction says.
  let transaction: XRPTransaction

  /// `asfDisableMaster`: the flag of AccountSet that takes the master key its power, or gives it back.
  private static let disableMaster: UInt32 = 4

  /// Whether it decides who may sign for the account, or deletes it.
  var changesControl: Bool {
    switch transaction.type {
    case "SetRegularKey", "SignerListSet", "AccountDelete": true
    case "AccountSet":
      transaction.setFlag == Self.disableMaster || transaction.clearFlag == Self.disableMaster
    default: false
    }
  }
}
