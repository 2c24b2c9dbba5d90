import KMSRecords

/// All that the server knows and has seen.
struct SandboxState {
  var faults = FaultPlan()
  var log = RequestLog()
  var traffic = Traffic()
  var pending = PendingTransactions()
  var nodes: [String: any ChainNode]
  var approvals = Approvals()
  /// Transactions that were accepted, at most `maximumKept`.
  var broadcasts: [JSONValue] = []
  /// Refused broadcasts, at most `maximumKept`.
  var refusals: [JSONValue] = []
  /// What was reported to the batch endpoint, at most `maximumKept`.
  var reports: [JSONValue] = []
  /// What was spent, by chain and purpose.
  var credits = SpentCredits()
  private(set) var testnet = true

  static let maximumKept = 100_000

  init() { nodes = makeChainNodes(testnet: true) }

  /// Takes over the members of a state document; see README.md.
  mutating func merge(_ json: JSONValue) throws(ControlError) {
    guard let object = json.object else { throw ControlError("the state must be a JSON object") }
    for member in object.members
    where !["testnet", "pending", "chains", "approvals", "faults"].contains(member.name) {
      throw ControlError("the state has no member \(member.name)")
    }
    if let testnet = json["testnet"]?.bool, testnet != self.testnet {
      self.testnet = testnet
      nodes = makeChainNodes(testnet: testnet)
      for item in pending.items { nodes[item.chain]?.learn(from: item.object) }
    }
    for member in json["chains"]?.object?.members ?? [] {
      guard nodes[member.name] != nil else {
        throw ControlError("chains: nothing is known about \(member.name)")
      }
      try nodes[member.name]?.merge(member.value)
    }
    if let items = json["pending"] { try add(pending: items) }
    if let json = json["approvals"] { try approvals.merge(json) }
    for fault in json["faults"]?.array ?? [] { faults.faults.append(try Fault(fault)) }
  }

  /// Adds one pending transaction or an array of them; all or none.
  mutating func add(pending json: JSONValue) throws(ControlError) {
    var items: [PendingItem] = []
    for object in json.array ?? [json] { items.append(try PendingItem(serialized(object))) }
    for item in items {
      pending.add(item)
      nodes[item.chain]?.learn(from: item.object)
    }
  }

  /// The pending transaction with `transaction`, what is asked for, made into `serializedTransaction`, as Tatum does.
  private func serialized(_ json: JSONValue) throws(ControlError) -> JSONValue {
    guard var object = json.object, let transaction = json["transaction"],
      let chain = json["chain"]?.string
    else { return json }
    object["transaction"] = nil
    let text = try nodes[chain]?.serialize(transaction, now: secondsSince1970()) ?? transaction.text
    object["serializedTransaction"] = .string(text)
    return .object(object)
  }

  /// Carries out a request to the API or to the approval server.
  mutating func perform(_ route: Route, _ request: Request, _ faults: inout [String]) -> Reply {
    switch route.target {
    case .poll(let chain): return poll(chain, request)
    case .transaction(let id): return transaction(id, request.method)
    case .completion(let id, let txId): return complete(id, txId)
    case .broadcast("FLOW"): return flowRelease(request) ?? broadcast("FLOW", request, &faults)
    case .broadcast(let chain): return broadcast(chain, request, &faults)
    case .withdrawalBroadcast: return broadcastWithdrawal(request, &faults)
    case .errorReport: return report(request)
    case .rpc(_, let testnet?, _) where testnet != self.testnet:
      return .failure(403, "sandbox.other.network", "The sandbox plays the other network.")
    case .rpc("SOL", _, _): return solanaCall(request)
    case .rpc("EGLD", _, let rest): return multiversXCall(rest, request)
    case .rpc("ADA", _, let rest): return cardanoConstruction(rest, request)
    case .rpc(let chain, _, _) where BitcoinNode.chains.contains(chain): return bitcoinCall(chain, request)
    case .rpc(let chain, _, let rest): return nodeCall(chain, rest, request, &faults)
    case .transactionCount(let chain, let address): return transactionCount(chain, address, request, &faults)
    case .lookUp(let chain, let txId): return lookUp(chain, txId)
    case .fee(let chain): return fee(chain)
    case .beaconAccount(let address): return beaconAccount(address)
    case .stellarAccount(let address): return stellarAccount(address)
    case .vechain(let path): return vechain(path, request)
    case .flowService(let path): return flowService(path, request)
    case .flowAccess(let path): return flowAccess(path, request)
    case .approve(let id): return approvals.answer(id)
    case .notPlayed:
      return .failure(501, "sandbox.not.implemented", "The sandbox does not play \(request.path).")
    case .control, .unknown: return .noRoute(request)
    }
  }
}

/// The answers of the four-eye endpoint /approve/{id}.
struct Approvals {
  private var standard = 200
  private var statuses: [String: Int] = [:]
  private var location: String?

  mutating func merge(_ json: JSONValue) throws(ControlError) {
    if let status = json["default"] { standard = try Self.status(status) }
    for id in json["deny"]?.array ?? [] {
      guard let id = id.string else { throw ControlError("deny holds ids of pending transactions") }
      statuses[id] = 403
    }
    for member in json["statuses"]?.object?.members ?? [] {
      statuses[member.name] = try Self.status(member.value)
    }
    if let text = json["location"]?.string { location = text }
  }

  func answer(_ id: String) -> Reply {
    let status = statuses[id] ?? standard
    var reply = Reply.json(
      ["id": .string(id), "approved": .bool((200..<300).contains(status))], status: status)
    if let location, (300..<400).contains(status) { reply.headers.append(("location", location)) }
    return reply
  }

  private static func status(_ json: JSONValue) throws(ControlError) -> Int {
    guard let status = json.uint64, (200...599).contains(status) else {
      throw ControlError("a status is from 200 to 599")
    }
    return Int(status)
  }
}

/// The credits that requests have cost.
struct SpentCredits {
  private var spent: [String: [String: Int]] = [:]

  /// Adds a request that was not turned away; what concerns no single chain counts under `-`.
  mutating func add(_ route: Route, _ request: Request) {
    let credits = Prices.credits(route, request)
    guard credits > 0 else { return }
    let chain = route.chain ?? Self.currency(route, request) ?? "-"
    spent[chain, default: [:]][route.purpose(of: request)?.rawValue ?? "other", default: 0] += credits
  }

  /// The chain of a withdrawal, which its body names.
  private static func currency(_ route: Route, _ request: Request) -> String? {
    guard case .withdrawalBroadcast = route.target else { return nil }
    return (try? JSONValue(parsing: request.body))?["currency"]?.string
  }

  /// `{"total": 7, "list": 3, …, "chains": {"ETH": {"list": 1, "facts": 4}}}`.
  var json: JSONValue {
    var sums: [String: Int] = [:]
    var chains = JSONObject()
    for (chain, purposes) in spent.sorted(by: { $0.key < $1.key }) {
      var object = JSONObject()
      for (purpose, count) in purposes.sorted(by: { $0.key < $1.key }) {
        object[purpose] = .number(JSONNumber(count))
        sums[purpose, default: 0] += count
      }
      chains[chain] = .object(object)
    }
    var object = JSONObject()
    object["total"] = .number(JSONNumber(sums.values.reduce(0, +)))
    for (purpose, count) in sums.sorted(by: { $0.key < $1.key }) {
      object[purpose] = .number(JSONNumber(count))
    }
    object["chains"] = .object(chains)
    return .object(object)
  }
}
