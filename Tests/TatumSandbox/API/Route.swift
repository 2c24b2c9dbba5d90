import TatumDescription

/// What a request is about.
struct Route {
  enum Target {
    case control([String])
    case approve(id: String)
    case poll(chain: String)
    case transaction(id: String)
    case completion(id: String, txId: String)
    case broadcast(chain: String)
    case withdrawalBroadcast
    case errorReport
    case rpc(chain: String, testnet: Bool?, rest: [String])
    case transactionCount(chain: String, address: String)
    case fee(chain: String)
    case lookUp(chain: String, txId: String)
    case beaconAccount(address: String)
    case stellarAccount(address: String)
    case vechain(path: [String])
    case flowService(path: [String])
    case flowAccess(path: [String])
    /// Described, but the sandbox has no answer.
    case notPlayed
    case unknown
  }

  /// Broadcast path segment of each chain, reference "Broadcast".
  static let broadcastNames = [
    "bitcoin": "BTC", "bcash": "BCH", "litecoin": "LTC", "dogecoin": "DOGE", "vet": "VET", "tron": "TRON",
    "bnb": "BNB", "xrp": "XRP", "xlm": "XLM", "solana": "SOL", "algorand": "ALGO", "egld": "EGLD",
    "flow": "FLOW", "ada": "ADA",
  ].merging(SandboxEVMNetwork.names) { first, _ in first }
  static let chains = Set(broadcastNames.values)

  /// Names in `/v3/blockchain/node/{chain}` (schema NodeRpcPostChains): they say which network is meant.
  static let nodeNames: [String: (chain: String, testnet: Bool)] = [
    "solana-mainnet": ("SOL", false), "solana-devnet": ("SOL", true), "egld-mainnet": ("EGLD", false),
    "egld-testnet": ("EGLD", true), "cardano-mainnet": ("ADA", false), "cardano-preprod": ("ADA", true),
    "bitcoin-mainnet": ("BTC", false), "bitcoin-testnet": ("BTC", true),
    "litecoin-core-mainnet": ("LTC", false), "litecoin-core-testnet": ("LTC", true),
    "doge-mainnet": ("DOGE", false), "doge-testnet": ("DOGE", true), "bch-mainnet": ("BCH", false),
    "bch-testnet": ("BCH", true),
  ].merging(SandboxEVMNetwork.nodes) { first, _ in first }

  let target: Target
  /// What the description says of it; nil where that has no such request, and outside of /v3.
  let match: APIDescription.Match?
  /// Whether the API key stands in the path, where logs and error texts would show it.
  let hasKeyInPath: Bool
  /// Whether the path is one of Tatum's, which all need the key.
  let needsKey: Bool

  init(_ request: Request, apiKey: String, description: APIDescription) {
    let segments = request.segments
    hasKeyInPath = request.path.contains(apiKey) || segments.contains { $0.contains(apiKey) }
    needsKey = segments.first == "v3"
    match = needsKey ? description.match(request.method, segments, apiKey: apiKey) : nil
    switch segments.first {
    case "sandbox": target = .control(Array(segments.dropFirst()))
    case "approve" where segments.count == 2 && ["GET", "POST"].contains(request.method):
      target = .approve(id: segments[1])
    case "flow": target = .flowAccess(path: Array(segments.dropFirst()))
    case "vechain": target = .vechain(path: Array(segments.dropFirst()))
    default: target = match.map { Self.api($0, segments) } ?? .unknown
    }
  }

  var isControl: Bool { if case .control = target { true } else { false } }

  /// The chain that the path names; nil where the body names it or none is meant.
  var chain: String? {
    switch target {
    case .poll(let chain), .broadcast(let chain), .rpc(let chain, _, _), .transactionCount(let chain, _),
      .lookUp(let chain, _), .fee(let chain):
      chain
    case .beaconAccount: "BNB"
    case .stellarAccount: "XLM"
    case .vechain: "VET"
    case .flowService, .flowAccess: "FLOW"
    default: nil
    }
  }

  private static func api(_ match: APIDescription.Match, _ segments: [String]) -> Target {
    func value(_ name: String) -> String { match.values[name] ?? "" }
    switch match.operation.name {
    case "POST /v3/kms/pending/{chain}": return .poll(chain: value("chain"))
    case "GET /v3/kms/{id}", "DELETE /v3/kms/{id}": return .transaction(id: value("id"))
    case "PUT /v3/kms/{id}/{txId}": return .completion(id: value("id"), txId: value("txId"))
    case "POST /v3/tatum/kms/batch": return .errorReport
    case "POST /v3/offchain/withdrawal/broadcast": return .withdrawalBroadcast
    case "GET /v3/blockchain/fee/{chain}": return .fee(chain: value("chain"))
    case "GET /v3/bnb/account/{address}": return .beaconAccount(address: value("address"))
    case "GET /v3/xlm/account/{account}": return .stellarAccount(address: value("account"))
    case "GET /v3/flow/proposal/{isPayer}", "POST /v3/flow/sign":
      return .flowService(path: Array(segments.dropFirst(2)))
    default: return chainCall(match, segments)
    }
  }

  private static func chainCall(_ match: APIDescription.Match, _ segments: [String]) -> Target {
    let rest = (match.values["rpcPath"] ?? match.values["*"] ?? "").split(separator: "/").map(String.init)
    if match.operation.template.hasPrefix("/v3/blockchain/node/") {
      return nodeNames[match.values["chain"] ?? ""].map {
        .rpc(chain: $0.chain, testnet: $0.testnet, rest: rest)
      } ?? .notPlayed
    }
    guard segments.count > 2, let chain = broadcastNames[segments[1]] else { return .notPlayed }
    switch (segments[2], match.values.count) {
    case ("broadcast", 0) where segments.count == 3: return .broadcast(chain: chain)
    case ("transaction", 1) where segments.count == 4: return .lookUp(chain: chain, txId: segments[3])
    case ("transaction", 1) where segments.count == 5 && segments[3] == "count":
      return .transactionCount(chain: chain, address: segments[4])
    case ("web3", _), ("node", _): return .rpc(chain: chain, testnet: nil, rest: rest)
    default: return .notPlayed
    }
  }
}
