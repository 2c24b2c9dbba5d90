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
    case vechain(path: [String])
    case flowService(path: [String])
    case flowAccess(path: [String])
    case unknown
  }

  /// Broadcast path segment of each chain, reference "Broadcast".
  static let broadcastNames = [
    "bitcoin": "BTC", "bcash": "BCH", "litecoin": "LTC", "dogecoin": "DOGE", "ethereum": "ETH", "bsc": "BSC",
    "polygon": "MATIC", "klaytn": "KLAY", "one": "ONE", "xdc": "XDC", "celo": "CELO", "kcs": "KCS",
    "vet": "VET",
    "tron": "TRON", "bnb": "BNB", "xrp": "XRP", "xlm": "XLM", "solana": "SOL", "algorand": "ALGO",
    "egld": "EGLD",
    "flow": "FLOW", "ada": "ADA",
  ]
  static let chains = Set(broadcastNames.values)

  /// Names in `/v3/blockchain/node/{chain}` (schema NodeRpcPostChains): they say which network is meant.
  static let nodeNames: [String: (chain: String, testnet: Bool)] = [
    "ethereum-mainnet": ("ETH", false), "ethereum-sepolia": ("ETH", true), "bsc-mainnet": ("BSC", false),
    "bsc-testnet": ("BSC", true), "polygon-mainnet": ("MATIC", false), "polygon-amoy": ("MATIC", true),
    "klaytn-cypress": ("KLAY", false), "klaytn-baobab": ("KLAY", true), "one-mainnet-s0": ("ONE", false),
    "one-testnet-s0": ("ONE", true), "xdc-mainnet": ("XDC", false), "xdc-testnet": ("XDC", true),
    "celo-mainnet": ("CELO", false), "celo-testnet": ("CELO", true), "kcs-mainnet": ("KCS", false),
    "kcs-testnet": ("KCS", true), "solana-mainnet": ("SOL", false), "solana-devnet": ("SOL", true),
    "egld-mainnet": ("EGLD", false), "egld-testnet": ("EGLD", true), "cardano-mainnet": ("ADA", false),
    "cardano-preprod": ("ADA", true),
  ]

  let target: Target
  /// Whether the API key stands in the path, where logs and error texts would show it.
  let hasKeyInPath: Bool
  /// Whether the path is one of Tatum's, which all need the key.
  let needsKey: Bool

  init(_ request: Request, apiKey: String) {
    let segments = request.segments
    hasKeyInPath = request.path.contains(apiKey) || segments.contains { $0.contains(apiKey) }
    needsKey = segments.first == "v3"
    switch segments.first {
    case "sandbox": target = .control(Array(segments.dropFirst()))
    case "approve" where segments.count == 2 && ["GET", "POST"].contains(request.method):
      target = .approve(id: segments[1])
    case "flow": target = .flowAccess(path: Array(segments.dropFirst()))
    case "vechain": target = .vechain(path: Array(segments.dropFirst()))
    case "v3":
      target = Self.api(
        request.method, Array(segments.dropFirst().filter { $0 != apiKey }), hasKeyInPath: hasKeyInPath)
    default: target = .unknown
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
    case .vechain: "VET"
    case .flowService, .flowAccess: "FLOW"
    default: nil
    }
  }

  /// `segments` is the path after /v3, without the API key.
  private static func api(_ method: String, _ segments: [String], hasKeyInPath: Bool) -> Target {
    let chain = segments.first.flatMap { broadcastNames[$0] }
    switch (method, segments.count) {
    case ("POST", 3) where segments[0] == "kms" && segments[1] == "pending" && chains.contains(segments[2]):
      return .poll(chain: segments[2])
    case ("GET", 2) where segments[0] == "kms", ("DELETE", 2) where segments[0] == "kms":
      return .transaction(id: segments[1])
    case ("PUT", 3) where segments[0] == "kms":
      return .completion(id: segments[1], txId: segments[2])
    case ("POST", 3) where segments == ["tatum", "kms", "batch"]:
      return .errorReport
    case ("POST", 3) where segments == ["offchain", "withdrawal", "broadcast"]:
      return .withdrawalBroadcast
    case ("GET", 4) where segments[1] == "transaction" && segments[2] == "count":
      return chain.map { .transactionCount(chain: $0, address: segments[3]) } ?? .unknown
    case ("GET", 3) where segments[1] == "transaction":
      return chain.map { .lookUp(chain: $0, txId: segments[2]) } ?? .unknown
    case ("GET", 3) where segments[0] == "bnb" && segments[1] == "account":
      return .beaconAccount(address: segments[2])
    case ("GET", 3) where segments[0] == "blockchain" && segments[1] == "fee":
      return .fee(chain: segments[2])
    case (_, 3...) where segments[0] == "blockchain" && segments[1] == "node":
      return nodeNames[segments[2]].map {
        .rpc(chain: $0.chain, testnet: $0.testnet, rest: Array(segments.dropFirst(3)))
      } ?? .unknown
    case ("GET", 3) where segments[0] == "flow" && segments[1] == "proposal",
      ("POST", 2) where segments == ["flow", "sign"]:
      return .flowService(path: Array(segments.dropFirst()))
    case ("POST", 2) where segments[1] == "broadcast":
      return chain.map { .broadcast(chain: $0) } ?? .unknown
    case ("POST", 2) where segments[1] == "web3" && hasKeyInPath:
      return chain.map { .rpc(chain: $0, testnet: nil, rest: []) } ?? .unknown
    default:
      return .unknown
    }
  }
}
