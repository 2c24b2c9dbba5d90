internal import KMSRecords

/// The facts of Solana: `recentBlockhash`, `lastValidBlockHeight`.
public enum SolanaFacts {
  /// The node behind the API, by its described name.
  public static func node(testnet: Bool) -> String { testnet ? "solana-devnet" : "solana-mainnet" }

  /// The blockhash. Messages that are equal but for it are one transaction with one blockhash: two payments would become
  /// one, and both would be reported as paid.
  ///
  /// - Parameter content: the message, without the blockhash that is to come.
  package static func blockhash(of content: String, testnet: Bool) -> Need {
    let name = "recent blockhash"
    let call = Call.rpc(node(testnet: testnet), "getLatestBlockhash", [["commitment": "finalized"]])
    return Need(name, payment: content) { _ in
      .ask(call) { (answer) throws(DialogueFailure) in
        let value = try answer.result(asking: name)["value"]
        guard let hash = value?["blockhash"]?.string, (32...44).contains(hash.utf8.count),
          let height = value?["lastValidBlockHeight"]?.uint64
        else { throw .notUnderstood(asking: name) }
        return .done(
          Fact([("recentBlockhash", .string(hash)), ("lastValidBlockHeight", .string(String(height)))]))
      }
    }
  }
}
