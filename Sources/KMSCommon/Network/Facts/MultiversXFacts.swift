internal import KMSCrypto
internal import KMSRecords

/// Facts of EGLD: `nonce`, `gasPrice`, `chainId`, `version`, `gasLimit`.
///
/// Estimates need the configuration and nonces, too: each is asked once in a run.
final class MultiversXFacts: FactSource {
  private let api: TatumAPI
  private let askedConfiguration = AskedOnce<Configuration>()
  private var askedNonces: [String: AskedOnce<UInt64>] = [:]

  /// The gateway, below the base URL.
  private let gateway: String

  static let node = NodeProxy(mainnet: "egld-mainnet", testnet: "egld-testnet")

  init(api: TatumAPI, testnet: Bool) {
    self.api = api
    gateway = Self.node.path(testnet: testnet)
  }

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
    askedConfiguration(completion) { answered in
      ask("/network/config", "network configuration", answered) { data in
        let config = data["config"]
        guard let chainID = config?["erd_chain_id"]?.string, (1...8).contains(chainID.utf8.count),
          let version = config?["erd_min_transaction_version"]?.uint64
        else { return nil }
        return Configuration(
          chainID: ServerText.clean(chainID), gasPrice: config?["erd_min_gas_price"]?.uint64 ?? 1_000_000_000,
          version: version)
      }
    }
  }

  private func nonce(of address: String, _ completion: @escaping (Result<UInt64, FactFailure>) -> Void) {
    let asked = askedNonces[address] ?? AskedOnce()
    askedNonces[address] = asked
    asked(completion) { answered in
      ask("/address/\(WebAddress.encode(address))/nonce", "nonce", answered) { $0["nonce"]?.uint64 }
    }
  }

  /// Asks for `data` of the node's answer and reads it.
  private func ask<Value>(
    _ path: String, _ what: String, body: JSONValue? = nil,
    _ completion: @escaping (Result<Value, FactFailure>) -> Void, read: @escaping (JSONValue) -> Value?
  ) {
    api.callJSON(body == nil ? .get : .post, gateway + path, body: body) { result in
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

  /// The estimate wants a whole transaction, nonce and network included; what the call carries wins.
  private func findGas(of call: ContractCall, completion: @escaping FactCompletion) {
    guard let from = call.from, let to = call.to else {
      return completion(.failure(FactFailure(.refused, "gas limit: sender or receiver is missing")))
    }
    configuration { [self] configuration in
      switch configuration {
      case .failure(let failure): completion(.failure(failure))
      case .success(let configuration):
        var body = JSONObject()
        body["nonce"] = .null
        body["value"] = .string(call.value ?? "0")
        body["receiver"] = .string(to)
        body["sender"] = .string(from)
        body["gasPrice"] = .number(JSONNumber(call.gasPrice.flatMap { UInt64($0) } ?? configuration.gasPrice))
        body["gasLimit"] = 0
        body["data"] = call.data.map { .string(Base64.encode(Array($0.utf8))) }
        body["chainID"] = .string(configuration.chainID)
        body["version"] = .number(JSONNumber(configuration.version))
        if let nonce = call.nonce.flatMap({ UInt64($0) }) { return estimate(body, nonce, completion) }
        nonce(of: from) { [self] nonce in
          switch nonce {
          case .failure(let failure): completion(.failure(failure))
          case .success(let nonce): estimate(body, nonce, completion)
          }
        }
      }
    }
  }

  private func estimate(_ body: JSONObject, _ nonce: UInt64, _ completion: @escaping FactCompletion) {
    var body = body
    body["nonce"] = .number(JSONNumber(nonce))
    let what = "gas limit"
    ask("/transaction/cost", what, body: .object(body)) { [api] (answer: Result<JSONValue, FactFailure>) in
      completion(
        answer.flatMap { data in
          if let units = data["txGasUnits"]?.uint64, units > 0 {
            return .success(.members([("gasLimit", .string(String(units)))]))
          }
          // No gas: the call would fail, and the node says why.
          guard let why = data["returnMessage"]?.string, !why.isEmpty else {
            return .failure(.unexpected(asking: what))
          }
          return .failure(FactFailure(.refused, "\(what): the node says: \(api.clean(why))"))
        })
    } read: {
      $0
    }
  }
}
