import KMSRecords

/// One way to misbehave, for some of the requests.
struct Fault {
  enum Kind: String, CaseIterable {
    case latency
    case hang
    case hangAfter = "hang-after"
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
      .statusAfter, .hangAfter, .resetAfter, .lostAnswer, .cutOff, .truncatedJSON, .wrongJSON, .drip,
    ]
  }

  let kind: Kind
  /// Start of the paths that it concerns; all when nil.
  let path: String?
  /// The chain that it concerns; all requests, also those that name no chain, when nil.
  let chain: String?
  /// What the requests are for that it concerns; all when nil.
  let purpose: Purpose?
  /// It acts on one in so many of the requests that it concerns, chosen by the plan's seed; on all when nil.
  let oneIn: UInt64?
  /// How many more matching requests it leaves alone first.
  var skip: UInt64
  /// How many more matching requests it acts on; all when nil.
  var count: UInt64?
  let milliseconds: Int64
  let bytes: Int
  let status: Int
  let retryAfter: String?
  let body: String?
  /// An answer of the API, in place of `status` and `body`.
  let answer: KnownAnswer?

  private static let members: Set = [
    "kind", "path", "chain", "of", "oneIn", "skip", "count", "milliseconds", "bytes", "status", "retryAfter",
    "body",
    "answer",
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
    purpose = try Self.named(json["of"], "of", Purpose.init(rawValue:), Purpose.allCases.map(\.rawValue))
    answer = try Self.named(
      json["answer"], "answer", KnownAnswer.init(rawValue:), KnownAnswer.allCases.map(\.rawValue))
    oneIn = json["oneIn"]?.uint64
    guard oneIn != 0 else { throw ControlError("oneIn is at least 1") }
    skip = json["skip"]?.uint64 ?? 0
    count = json["count"]?.uint64
    milliseconds = Int64(clamping: json["milliseconds"]?.uint64 ?? 100)
    bytes = Int(clamping: json["bytes"]?.uint64 ?? 16)
    status = Int(clamping: json["status"]?.uint64 ?? 500)
    retryAfter = json["retryAfter"].flatMap { $0.string ?? $0.number?.digits }
    body = json["body"].map { $0.string ?? $0.text }
    guard (200...599).contains(status) else { throw ControlError("status is from 200 to 599") }
  }

  private static func named<Value>(
    _ json: JSONValue?, _ member: String, _ make: (String) -> Value?, _ all: [String]
  ) throws(ControlError) -> Value? {
    guard let json else { return nil }
    guard let value = json.string.flatMap(make) else {
      throw ControlError("\(member) must be one of " + all.joined(separator: ", "))
    }
    return value
  }

  /// The answer of a `status` fault to a request that is about `chain`.
  func statusReply(_ chain: String?) -> Reply {
    var reply: Reply
    if let answer {
      reply = answer.reply(name: Route.broadcastNames.first { $0.value == chain }?.key ?? "blockchain")
    } else if let body {
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
    object["of"] = purpose.map { .string($0.rawValue) }
    object["oneIn"] = oneIn.map { .number(JSONNumber($0)) }
    object["answer"] = answer.map { .string($0.rawValue) }
    object["skip"] = skip > 0 ? .number(JSONNumber(skip)) : nil
    object["count"] = count.map { .number(JSONNumber($0)) }
    return .object(object)
  }
}

/// The faults that are switched on, in the order in which they were.
struct FaultPlan {
  var faults: [Fault] = []
  /// What chance of `oneIn` continues from (SplitMix64).
  var seed: UInt64 = 0

  /// Returns the first fault of one of `kinds` that concerns this request, and counts it.
  mutating func take(_ kinds: [Fault.Kind], path: String, chain: String?, purpose: Purpose? = nil) -> Fault? {
    for i in faults.indices where kinds.contains(faults[i].kind) {
      if let prefix = faults[i].path, !path.hasPrefix(prefix) { continue }
      if let wanted = faults[i].chain, wanted != chain { continue }
      if let wanted = faults[i].purpose, wanted != purpose { continue }
      if let oneIn = faults[i].oneIn, chance() % oneIn != 0 { continue }
      if faults[i].skip > 0 {
        faults[i].skip -= 1
        continue
      }
      let fault = faults[i]
      if let count = fault.count {
        if count <= 1 { faults.remove(at: i) } else { faults[i].count = count - 1 }
        if count == 0 { return take(kinds, path: path, chain: chain, purpose: purpose) }
      }
      return fault
    }
    return nil
  }

  private mutating func chance() -> UInt64 {
    seed &+= 0x9e37_79b9_7f4a_7c15
    var z = seed
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
