internal import KMSRecords

/// Facts of BNB (Beacon chain): `accountNumber`, `sequence`, `chainId`.
///
/// The public nodes that told the chain's name are gone with the chain; there were only two names.
struct BeaconFacts: FactSource {
  let api: TatumAPI
  let testnet: Bool

  func find(_ need: Need, completion: @escaping FactCompletion) -> Bool {
    switch need {
    case .chainID:
      completion(
        .success(.members([("chainId", testnet ? "Binance-Chain-Ganges" : "Binance-Chain-Tigris")])))
    case .nonce(let address):
      api.callJSON(.get, "/v3/bnb/account/\(WebAddress.encode(address))") { result in
        switch result {
        case .failure(let failure): completion(.failure(FactFailure(failure, asking: "account")))
        case .success(let answer):
          guard let number = answer["account_number"]?.uint64, let sequence = answer["sequence"]?.uint64
          else {
            return completion(.failure(.unexpected(asking: "account")))
          }
          completion(
            .success(
              .members([
                ("accountNumber", .string(String(number))), ("sequence", .string(String(sequence))),
              ])))
        }
      }
    default: return false
    }
    return true
  }
}
