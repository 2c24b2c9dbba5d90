public import KMSRecords

/// A signed transaction on its way to the network, as kms-broadcast sees it.
public struct SignedRecord: Sendable {
  /// The id of the pending transaction.
  public let id: String
  /// The chain's name.
  public let chain: String
  /// The network.
  public let testnet: Bool
  /// The string for the broadcast endpoint (decision 14).
  public let txData: String
  /// The transaction id that was computed when signing; nil where only broadcasting settles it.
  public let txID: String?
  /// The senders: transactions that share one keep their order.
  public let senders: [String]
  /// Set for the withdrawal of a virtual account.
  public let withdrawalID: String?
  /// Whether kms-sign emitted recorded bytes once more, so that they may have been sent before.
  public let isReused: Bool
  /// All of the member `signed`, for chains whose broadcast needs more.
  public let signed: JSONValue
  /// The network facts of this poll; of a record that came back they are newer than what was signed.
  public let context: JSONValue

  /// Nil when `record` has no `signed` member, or one without `txData`.
  public init?(_ record: Record) {
    guard let signed = record["signed"], let txData = signed["txData"]?.string, !txData.isEmpty else {
      return nil
    }
    id = record.id
    chain = record.chain
    testnet = record.testnet
    self.txData = txData
    txID = signed["txId"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    senders = signed["from"]?.string.map { [$0] } ?? (signed["from"]?.array ?? []).compactMap(\.string)
    withdrawalID = record.pending["withdrawalId"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    isReused = signed["reused"]?.bool ?? false
    self.signed = signed
    context = record["context"] ?? [:]
  }
}
