import KMSRecords

/// /sandbox/…: how a test or a demo sets the scene and looks at what happened.
extension SandboxState {
  mutating func control(_ name: [String], _ request: Request) throws(ControlError) -> Reply {
    switch (request.method, name.joined(separator: "/")) {
    case ("GET", "health"): return .json(["ok": true])
    case ("POST", "state"): try merge(try Self.body(request))
    case ("POST", "pending"): try add(pending: try Self.body(request))
    case ("POST", "remove"):
      guard let id = try Self.body(request)["id"]?.string, pending.remove(id) else {
        throw ControlError("nothing has that id")
      }
    case ("GET", "pending"): return .json(pendingJSON(all: request.query["all"] == "true"))
    case ("POST", "faults"): try setFaults(try Self.body(request))
    case ("DELETE", "faults"): faults = FaultPlan()
    case ("GET", "faults"): return .json(.array(faults.faults.map(\.json)))
    case ("POST", "approvals"): try approvals.merge(try Self.body(request))
    case ("POST", "mine"): for chain in nodes.keys { nodes[chain]?.mine() }
    case ("GET", "log"): return .json(logJSON(request.query))
    case ("DELETE", "log"): log = RequestLog()
    case ("GET", "broadcasts"): return .json(.array(broadcasts))
    case ("GET", "refusals"): return .json(.array(refusals))
    case ("GET", "verdicts"): return .json(verdicts)
    case ("GET", "errors"): return .json(.array(reports))
    case ("GET", "traffic"): return .json(traffic.json)
    case ("GET", "credits"): return .json(credits.json)
    case ("GET", "chains"): return .json(chainsJSON)
    default: return .noRoute(request)
    }
    return .empty(204)
  }

  /// One fault or an array replaces all; {"add":[…],"seed":7} adds.
  private mutating func setFaults(_ json: JSONValue) throws(ControlError) {
    let added = json["add"]
    if let seed = json["seed"]?.uint64 { faults.seed = seed }
    var list: [Fault] = []
    for fault in (added ?? json).array ?? [json] { list.append(try Fault(fault)) }
    faults.faults = added == nil ? list : faults.faults + list
  }

  private func pendingJSON(all: Bool) -> JSONValue {
    .array(pending.items.filter { all || $0.txId == nil }.map(\.object))
  }

  private func logJSON(_ query: [String: String]) -> JSONValue {
    let prefix = query["path"] ?? ""
    let entries = log.entries.filter { $0.path.hasPrefix(prefix) }
    return .array(
      entries.suffix(query["limit"].flatMap { Int($0) }.map { max(0, $0) } ?? entries.count).map(\.json))
  }

  /// What became of each pending transaction; broadcasts and refusals are looked through once for all of them.
  private var verdicts: JSONValue {
    func id(_ entry: JSONValue) -> String { entry["signatureId"]?.string ?? "" }
    let sent = Dictionary(grouping: broadcasts, by: id)
    let refused = Set(refusals.map(id))
    return .array(
      pending.items.map { verdict($0, sent: sent[$0.id] ?? [], isRefused: refused.contains($0.id)) })
  }

  /// What became of a pending transaction: `accepted` is the only good word.
  private func verdict(_ item: PendingItem, sent: [JSONValue], isRefused: Bool) -> JSONValue {
    let doubts = (sent.last?["mismatches"]?.array ?? []) + (sent.last?["flags"]?.array ?? [])
    let word: String
    switch sent.count {
    case 0: word = isRefused ? "refused" : "not-sent"
    case 1: word = doubts.isEmpty ? "accepted" : "doubtful"
    default: word = "sent-twice"
    }
    return [
      "id": .string(item.id), "chain": .string(item.chain), "verdict": .string(word),
      "txId": sent.last?["txId"] ?? .null, "doubts": .array(doubts),
    ]
  }

  private var chainsJSON: JSONValue {
    var object = JSONObject()
    for (chain, node) in nodes.sorted(by: { $0.key < $1.key }) { object[chain] = node.summary }
    return .object(object)
  }

  private static func body(_ request: Request) throws(ControlError) -> JSONValue {
    do { return try JSONValue(parsing: request.body) } catch {
      throw ControlError("the body is not JSON: \(error)")
    }
  }
}
