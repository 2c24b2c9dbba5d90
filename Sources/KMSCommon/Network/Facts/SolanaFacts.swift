internal import KMSRecords

/// Facts of Solana: `recentBlockhash`, `lastValidBlockHeight`.
struct SolanaFacts: FactSource {
  let api: TatumAPI
  let testnet: Bool

  static let node = NodeProxy(mainnet: "solana-mainnet", testnet: "solana-devnet")

  func find(_ need: Need, completion: @escaping FactCompletion) -> Bool {
    guard case .recentBlockhash = need else { return false }
    let what = "recent blockhash"
    api.node(Self.node.path(testnet: testnet), "getLatestBlockhash", [["commitment": "finalized"]]) {
      result in
      switch result {
      case .failure(let failure): completion(.failure(failure.asFact(asking: what)))
      case .success(let answer):
        let value = answer["value"]
        guard let hash = value?["blockhash"]?.string, (32...44).contains(hash.utf8.count),
          let height = value?["lastValidBlockHeight"]?.uint64
        else { return completion(.failure(.unexpected(asking: what))) }
        completion(
          .success(
            .members([("recentBlockhash", .string(hash)), ("lastValidBlockHeight", .string(String(height)))]))
        )
      }
    }
    return true
  }
}
