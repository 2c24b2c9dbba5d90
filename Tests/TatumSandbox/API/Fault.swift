import KMSRecords

/// One way to misbehave, for some of the requests.
struct Fault {
  enum Kind: String, CaseIterable {
    case latency
    case status
    case statusAfter = "status-after"
    case resetBefore = "reset-before"
    case resetAfter = "reset-after"
    case lostAnswer = "lost-answer"
    case cutOff = "cut-off"
    case truncatedJSON = "truncated-json"
    case wrongJSON = "wrong-json"
    case drip
    case failedTrue = "failed-true"
    case otherTxID = "other-txid"
    case laggingNonce = "lagging-nonce"

    /// Those that act on the answer to a request that was carried out.
    static let onAnswers: [Kind] = [
      .statusAfter, .resetAfter, .lostAnswer, .cutOff, .truncatedJSON, .wrongJSON, .drip,
    ]
  }

  let kind: Kind
  /// Start of the paths that it concerns; all when nil.
  let path: String?
  /// The chain that it concerns; all requests, also those that name no chain, when nil.
  let chain: String?
  /// How many more matching requests it leaves alone first.
  var skip: UInt64
  /// How many more matching requests it acts on; all when nil.
  var count: UInt64?
  let milliseconds: Int64
  let bytes: Int
  let status: Int
  let retryAfter: String?
  let body: String?

  private static let members: Set = [
    "kind", "path", "chain", "skip", "count", "milliseconds", "bytes", "status", "retryAfter", "body",
  ]

  init(_ json: JSONValue) throws(ControlError) {
    guard let name = json["kind"]?.string, let kind = Kind(rawValue: name) else {
      throw ControlError("kind must be one of " + Kind.allCases.map(\.rawValue).joined(separator: ", "))
    }
    for member in json.object?.members ?? [] where !Self.members.contains(member.name) {
      throw ControlError("a fault has no member \(member.name)")
    }
    self.kind = kind
    path = json["path"]?.string
    chain = json["chain"]?.string
    skip = json["skip"]?.uint64 ?? 0
    count = json["count"]?.uint64
    milliseconds = Int64(clamping: json["milliseconds"]?.uint64 ?? 100)
    bytes = Int(clamping: json["bytes"]?.uint64 ?? 16)
    status = Int(clamping: json["status"]?.uint64 ?? 500)
    retryAfter = json["retryAfter"].flatMap { $0.string ?? $0.number?.digits }
    body = json["body"].map { $0.string ?? $0.text }
    guard (200...599).contains(status) else { throw ControlError("status is from 200 to 599") }
  }

  /// The answer of a `status` fault.
  var statusReply: Reply {
    var reply: Reply
    if let body {
      reply = Reply(status: status, headers: [("content-type", "application/json")], body: Array(body.utf8))
    } else {
      let message =
        status == 429 ? "Too many requests" : status == 500 ? "Internal server error" : "Sandbox fault"
      reply = .failure(status, nil, message)
    }
    if let retryAfter { reply.headers.append(("retry-after", retryAfter)) }
    return reply
  }

  var json: JSONValue {
    var object = JSONObject()
    object["kind"] = .string(kind.rawValue)
    object["path"] = path.map { .string($0) }
    object["chain"] = chain.map { .string($0) }
    object["skip"] = skip > 0 ? .number(JSONNumber(skip)) : nil
    object["count"] = count.map { .number(JSONNumber($0)) }
    return .object(object)
  }
}

/// The faults that are switched on, in the order in which they were.
struct FaultPlan {
  var faults: [Fault] = []

  /// Returns the first fault of one of `kinds` that concerns this request, and counts it.
  mutating func take(_ kinds: [Fault.Kind], path: String, chain: String?) -> Fault? {
    for i in faults.indices where kinds.contains(faults[i].kind) {
      if let prefix = faults[i].path, !path.hasPrefix(prefix) { continue }
      if let wanted = faults[i].chain, wanted != chain { continue }
      if faults[i].skip > 0 {
        faults[i].skip -= 1
        continue
      }
      let fault = faults[i]
      if let count = fault.count {
        if count <= 1 { faults.remove(at: i) } else { faults[i].count = count - 1 }
        if count == 0 { return take(kinds, path: path, chain: chain) }
      }
      return fault
    }
    return nil
  }
}
