import Glibc
import KMSRecords

/// What is remembered of one request.
struct LogEntry {
  /// Bodies are kept up to this length; a poll's 25,000 ids are not worth keeping.
  static let maximumBodyBytes = 16 << 10

  let at = timestamp()
  let method: String
  let path: String
  let chain: String?
  let headers: [(name: String, value: String)]
  let apiKey: String
  let keyInPath: Bool
  let keyInBody: Bool
  let body: [UInt8]
  let bodyBytes: Int
  let status: Int
  let fault: String

  init(_ request: Request, route: Route, apiKey key: String, status: Int, fault: String) {
    method = request.method
    let query = request.query.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(
      separator: "&")
    path = Self.hide(key, in: query.isEmpty ? request.path : request.path + "?" + query)
    chain = route.chain
    headers = request.headers.filter { $0.name.lowercased() != "x-api-key" }.map {
      ($0.name, Self.hide(key, in: $0.value))
    }
    apiKey = request.header("x-api-key").map { $0 == key ? "right" : "wrong" } ?? "missing"
    keyInPath = route.hasKeyInPath
    body = Array(request.body.prefix(Self.maximumBodyBytes))
    keyInBody = String(decoding: body, as: UTF8.self).contains(key)
    bodyBytes = request.body.count
    self.status = status
    self.fault = fault
  }

  var json: JSONValue {
    var headers = JSONObject()
    for (name, value) in self.headers { headers[name.lowercased()] = .string(value) }
    var object = JSONObject()
    object["at"] = .string(at)
    object["method"] = .string(method)
    object["path"] = .string(path)
    object["chain"] = chain.map { .string($0) }
    object["headers"] = .object(headers)
    object["apiKey"] = .string(apiKey)
    object["keyInPath"] = .bool(keyInPath)
    object["keyInBody"] = .bool(keyInBody)
    object["body"] = .string(String(decoding: body, as: UTF8.self))
    object["bodyBytes"] = .number(JSONNumber(bodyBytes))
    object["status"] = .number(JSONNumber(status))
    object["fault"] = fault.isEmpty ? nil : .string(fault)
    return .object(object)
  }

  private static func hide(_ key: String, in text: String) -> String {
    text.split(separator: key, omittingEmptySubsequences: false).joined(separator: "<api-key>")
  }
}

/// The latest requests, at most 20,000 of them and 64 MiB of bodies.
struct RequestLog {
  static let maximumEntries = 20_000
  static let maximumBytes = 64 << 20

  private(set) var entries: [LogEntry] = []
  private var bytes = 0

  mutating func add(_ entry: LogEntry) {
    entries.append(entry)
    bytes += entry.body.count
    guard entries.count > Self.maximumEntries || bytes > Self.maximumBytes else { return }
    // A tenth at once, so that dropping costs little per request.
    let dropped = max(1, entries.count / 10)
    bytes -= entries.prefix(dropped).reduce(0) { $0 + $1.body.count }
    entries.removeFirst(dropped)
  }
}

/// What connections and requests there are at once.
struct Traffic {
  var openConnections = 0
  private(set) var connections = 0
  private(set) var mostConnections = 0
  private(set) var mostRequests = 0
  var requestsInFlight = 0

  /// What still holds when everything that was observed is forgotten.
  var afterReset: Traffic {
    var traffic = Traffic()
    traffic.openConnections = openConnections
    traffic.requestsInFlight = requestsInFlight
    return traffic
  }

  mutating func connectionOpened() {
    openConnections += 1
    connections += 1
    mostConnections = max(mostConnections, openConnections)
  }

  mutating func requestBegan() {
    requestsInFlight += 1
    mostRequests = max(mostRequests, requestsInFlight)
  }

  var json: JSONValue {
    [
      "connections": .number(JSONNumber(connections)),
      "openConnections": .number(JSONNumber(openConnections)),
      "mostConnectionsAtOnce": .number(JSONNumber(mostConnections)),
      "mostRequestsAtOnce": .number(JSONNumber(mostRequests)),
    ]
  }
}

/// Now, in UTC, as RFC 3339 with milliseconds.
func timestamp() -> String {
  var now = timespec()
  clock_gettime(CLOCK_REALTIME, &now)
  var parts = tm()
  gmtime_r(&now.tv_sec, &parts)
  func digits(_ value: some BinaryInteger, _ count: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, count - text.count)) + text
  }
  return "\(digits(parts.tm_year + 1900, 4))-\(digits(parts.tm_mon + 1, 2))-\(digits(parts.tm_mday, 2))T"
    + "\(digits(parts.tm_hour, 2)):\(digits(parts.tm_min, 2)):\(digits(parts.tm_sec, 2))."
    + "\(digits(now.tv_nsec / 1_000_000, 3))Z"
}

/// The time in seconds since 1970.
func secondsSince1970() -> UInt64 { UInt64(max(0, time(nil))) }
