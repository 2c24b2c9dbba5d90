extension RecordError {
  /// `already-signed`, denied, when a pending transaction carries a transaction id; nil when it may be signed.
  ///
  /// Tatum's description of `txId`: it "indicates a successfully signed transaction" (schema PendingTransaction). Signing
  /// it again would pay a second time, for instance on the day on which somebody moves here with an empty journal. It
  /// holds for transactions of our own journal, too: the network has them, and nothing is left to be done. A value that
  /// is no text is not understood, and what is not understood is not taken for permission.
  public init?(ifSignedElsewhere pending: JSONValue, stage: Stage) {
    guard let txID = pending["txId"], txID.string != "" else { return nil }
    let name = txID.string.flatMap { Self.isPlain($0) ? " as \($0)" : nil } ?? ""
    self.init(
      stage, .denied, .alreadySigned,
      "Tatum says that it was signed already\(name), so it is not signed again; if it is not on the chain, delete the "
        + "pending transaction at Tatum and create it anew")
  }

  /// The same for a pending transaction that was not built.
  package init?(ifSignedElsewhere pending: JSONText, stage: Stage) {
    guard let txID = pending[Self.txID] else { return nil }
    self.init(ifSignedElsewhere: ["txId": pending.value(txID)], stage: stage)
  }

  private static let txID: JSONName = "txId"

  private static func isPlain(_ text: String) -> Bool {
    text.utf8.count <= 128 && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
  }
}
