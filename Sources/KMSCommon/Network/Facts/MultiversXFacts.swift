internal import KMSCrypto
internal import KMSRecords

/// Facts of EGLD: `nonce`, `gasPrice`, `chainId`, `version`, `gasLimit`.
struct MultiversXFacts: FactSource {
  let api: TatumAPI

  private static let node = "/v3/egld/node"

  private struct Configuration {
    let chainID: String
    let gasPrice: UInt64
    let version: UInt64
  }

  func find(_ need: Need, completion: @escaping FactCompletion) -> Bool {
    switch need {
    case .networkConfiguration:
      configuration { result in
        completion(
          result.map { configuration in
            .members([
              ("gasPrice", .string(String(configuration.gasPrice))),
              ("chainId", .string(configuration.chainID)),
              ("version", .string(String(configuration.version))),
            ])
          })
      }
    case .nonce(let address):
      nonce(of: address) { result in
        completion(result.map { .members([("nonce", .string(String($0)))]) })
      }
    case .gasLimit(let call): findGas(of: call, completion: completion)
    default: return false
    }
    return true
  }

  private func configuration(_ completion: @escaping (Result<Configuration, FactFailure>) -> Void) {
    ask("/network/config", "network configuration", completion) { data in
      let config = data["config"]
      guard let chainID = config?["erd_chain_id"]?.string, (1...8).contains(chainID.utf8.count),
        let version = config?["erd_min_transaction_version"]?.uint64
      else { return nil }
      return Configuration(
        chainID: ServerText.clean(chainID), gasPrice: config?["erd_min_gas_price"]?.uint64 ?? 1_000_000_000,
        version: version)
    }
  }

  private func nonce(of address: String, _ completion: @escaping (Result<UInt64, FactFailure>) -> Void) {
    ask("/address/\(WebAddress.encode(address))/nonce", "nonce", completion) { $0["nonce"]?.uint64 }
  }

  /// Asks for `data` of the node's answer and reads it.
  private func ask<Value>(
    _ path: String, _ what: String, _ completion: @escaping (Result<Value, FactFailure>) -> Void,
    body: JSONValue? = nil, read: @escaping (JSONValue) -> Value?
  ) {
    api.callJSON(body == nil ? .get : .post, Self.node + path, body: body) { result in
      switch result {
      case .failure(let failure): completion(.failure(FactFailure(failure, asking: what)))
      case .success(let answer):
        guard let data = answer["data"], let value = read(data) else {
          return completion(.failure(.unexpected(asking: what)))
        }
        completion(.success(value))
      }
    }
  }

  /// The estimate wants a whole transaction, nonce and network included.
  private func findGas(of call: ContractCall, completion: @escaping FactCompletion) {
    guard let from = call.from, let to = call.to else {
      return completion(.failure(FactFailure(.refused, "gas limit: sender or receiver is missing")))
    }
    configuration { configuration in
      switch configuration {
      case .failure(let failure): completion(.failure(failure))
      case .success(let configuration):
        nonce(of: from) { nonce in
          switch nonce {
          case .failure(let failure): completion(.failure(failure))
          case .success(let nonce):
            var body = JSONObject()
            body["nonce"] = .number(JSONNumber(nonce))
            body["value"] = .string(call.value ?? "0")
            body["receiver"] = .string(to)
            body["sender"] = .string(from)
            body["gasPrice"] = .number(JSONNumber(configuration.gasPrice))
            body["gasLimit"] = 0
            body["data"] = call.data.map { .string(Base64.encode(Array($0.utf8))) }
            body["chainID"] = .string(configuration.chainID)
            body["version"] = .number(JSONNumber(configuration.version))
            ask("/transaction/cost", "gas limit", completion, body: .object(body)) { data in
              data["txGasUnits"]?.uint64.map { .members([("gasLimit", .string(String($0)))]) }
            }
          }
        }
      }
    }
  }
}
