internal import KMSRecords

/// Where the facts of one EVM chain come from; docs/chains.md, "Network data".
struct EVMNetwork: Sendable {
  /// The chain's nodes.
  let node: NodeProxy
  /// The prefix of the node's methods.
  var methods = "eth"
  /// The name of the method that tells the chain id.
  var chainIDMethod = "eth_chainId"
  /// The name in `/v3/{name}/transaction/count/`, which counts pending transactions; nil: the node is asked.
  var countName: String?
  /// How a missing gas price is found.
  var price = Price.node(minimum: nil)
  /// What is added to the node's gas estimate.
  var extraGas: String?

  enum Price: Sendable {
    /// The node's `gasPrice`, but at least this many wei.
    case node(minimum: String?)
    /// This many wei.
    case fixed(String)
    /// `medium` of the API's fee endpoint for this chain.
    case feeEndpoint(String)
    /// The node's, in the fee currency, with the floor of the original for cUSD.
    case celo
  }

  /// By chain name.
  static let all: [String: EVMNetwork] = [
    "ETH": EVMNetwork(
      node: NodeProxy(mainnet: "ethereum-mainnet", testnet: "ethereum-sepolia"), countName: "ethereum",
      price: .feeEndpoint("ETH")),
    "BSC": EVMNetwork(
      node: NodeProxy(mainnet: "bsc-mainnet", testnet: "bsc-testnet"), countName: "bsc",
      price: .fixed("10000000000")),
    // Never the third-party gas station of the original (defect F17). 30 gwei is its minimum, and the network's.
    "MATIC": EVMNetwork(
      node: NodeProxy(mainnet: "polygon-mainnet", testnet: "polygon-amoy"),
      price: .node(minimum: "30000000000")),
    "KLAY": EVMNetwork(
      node: NodeProxy(mainnet: "klaytn-cypress", testnet: "klaytn-baobab"), methods: "klay",
      chainIDMethod: "klay_chainID"),
    "ONE": EVMNetwork(node: NodeProxy(mainnet: "one-mainnet-s0", testnet: "one-testnet-s0")),
    "XDC": EVMNetwork(
      node: NodeProxy(mainnet: "xdc-mainnet", testnet: "xdc-testnet"), countName: "xdc"),
    "CELO": EVMNetwork(
      node: NodeProxy(mainnet: "celo-mainnet", testnet: "celo-testnet"), price: .celo, extraGas: "100000"),
    "KCS": EVMNetwork(
      node: NodeProxy(mainnet: "kcs-mainnet", testnet: "kcs-testnet"), price: .fixed("1000000000")),
  ]
}

/// Facts of EVM chains: `chainId`, `nonce`, `gas`, `gasPrice`, all as decimal text.
struct EVMFacts: FactSource {
  let api: TatumAPI
  let network: EVMNetwork
  let testnet: Bool

  func find(_ need: Need, completion: @escaping FactCompletion) -> Bool {
    switch need {
    case .chainID: ask("chainId", "chain id", network.chainIDMethod, [], completion: completion)
    case .nonce(let address): findNonce(of: address, completion: completion)
    case .gasPrice(let feeCurrency): findPrice(feeCurrency: feeCurrency, completion: completion)
    case .gasLimit(let call): findGas(of: call, completion: completion)
    default: return false
    }
    return true
  }

  /// Asks the node for a quantity.
  private func ask(
    _ member: String, _ what: String, _ method: String, _ parameters: [JSONValue],
    adjust: @escaping (String) -> String? = { $0 }, completion: @escaping FactCompletion
  ) {
    api.node(network.node.path(testnet: testnet), method, parameters) { result in
      switch result {
      case .failure(let failure): completion(.failure(failure.asFact(asking: what)))
      case .success(let value):
        guard let text = value.string, let decimal = HexQuantity.decimal(text).flatMap(adjust) else {
          return completion(.failure(.unexpected(asking: what)))
        }
        completion(.success(.members([(member, .string(decimal))])))
      }
    }
  }

  private func findNonce(of address: String, completion: @escaping FactCompletion) {
    guard let name = network.countName else {
      return ask(
        "nonce", "nonce", "\(network.methods)_getTransactionCount", [.string(address), "pending"],
        completion: completion)
    }
    api.callJSON(.get, "/v3/\(name)/transaction/count/\(WebAddress.encode(address))") { result in
      switch result {
      case .failure(let failure): completion(.failure(FactFailure(failure, asking: "nonce")))
      case .success(let value):
        let text = value.number?.digits ?? value.string ?? ""
        guard let decimal = HexQuantity.normalized(text) ?? HexQuantity.decimal(text) else {
          return completion(.failure(.unexpected(asking: "nonce")))
        }
        completion(.success(.members([("nonce", .string(decimal))])))
      }
    }
  }

  private func findPrice(feeCurrency: String?, completion: @escaping FactCompletion) {
    let what = "gas price"
    switch network.price {
    case .fixed(let price): completion(.success(.members([("gasPrice", .string(price))])))
    case .node(let minimum):
      ask("gasPrice", what, "\(network.methods)_gasPrice", []) { price in
        guard let minimum, HexQuantity.isLess(price, than: minimum) else { return price }
        return minimum
      } completion: {
        completion($0)
      }
    case .celo:
      ask("gasPrice", what, "eth_gasPrice", feeCurrency.map { [.string($0)] } ?? []) { price in
        guard let feeCurrency, Self.celoDollars.contains(feeCurrency.lowercased()),
          !HexQuantity.isLess("500000000", than: price)
        else { return price }
        return "1000000000"
      } completion: {
        completion($0)
      }
    case .feeEndpoint(let name):
      api.callJSON(.get, "/v3/blockchain/fee/\(name)") { result in
        switch result {
        case .failure(let failure): completion(.failure(FactFailure(failure, asking: what)))
        case .success(let value):
          let medium = value["medium"]
          guard let price = (medium?.number?.digits ?? medium?.string).flatMap(HexQuantity.normalized),
            price != "0"
          else { return completion(.failure(.unexpected(asking: what))) }
          completion(.success(.members([("gasPrice", .string(price))])))
        }
      }
    }
  }

  /// cUSD on mainnet and on Alfajores: the original's price floor for them.
  private static let celoDollars: Set<String> = [
    "0x765de816845861e75a25fca122bb6898b8b1282a", "0x874069fa1eb16d44d622f2e0ca25eea172369bc1",
  ]

  /// Estimates with the whole call: without the value, contracts that want to be paid would revert (defect F23).
  private func findGas(of call: ContractCall, completion: @escaping FactCompletion) {
    var object = JSONObject()
    object["from"] = call.from.map(JSONValue.string)
    object["to"] = call.to.map(JSONValue.string)
    object["data"] = call.data.map(JSONValue.string)
    for (name, decimal) in [("value", call.value), ("gasPrice", call.gasPrice), ("nonce", call.nonce)] {
      guard let decimal else { continue }
      guard let quantity = HexQuantity.quantity(decimal: decimal) else {
        return completion(
          .failure(FactFailure(.refused, "gas limit: \(name) is not an integer of at most 256 bits")))
      }
      object[name] = .string(quantity)
    }
    let extra = network.extraGas
    ask("gas", "gas limit", "\(network.methods)_estimateGas", [.object(object)]) { gas in
      extra.map { HexQuantity.sum(gas, $0) } ?? gas
    } completion: {
      completion($0)
    }
  }
}
