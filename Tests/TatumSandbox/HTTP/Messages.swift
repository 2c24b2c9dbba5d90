import KMSRecords
import TatumDescription

/// One HTTP request, whole.
struct Request: Sendable {
  let method: String
  /// The path without the query, as it was sent.
  let path: String
  let query: [String: String]
  let headers: [(name: String, value: String)]
  var body: [UInt8] = []

  init(method: String, uri: String, headers: [(name: String, value: String)]) {
    self.method = method
    self.headers = headers
    let parts = uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = parts.first.map(String.init) ?? ""
    var query: [String: String] = [:]
    for pair in parts.dropFirst().first?.split(separator: "&") ?? [] {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      query[percentDecoded(sides[0])] = sides.count > 1 ? percentDecoded(sides[1]) : ""
    }
    self.query = query
  }

  /// The segments of the path, percent-decoded, without empty ones.
  var segments: [String] { path.split(separator: "/").map(percentDecoded) }

  /// The first header called `name`, in any case.
  func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }
}

/// What is answered to a request.
struct Reply: Sendable {
  var status = 200
  var headers: [(name: String, value: String)] = []
  var body: [UInt8] = []

  /// An answer with a JSON body.
  static func json(_ value: JSONValue, status: Int = 200) -> Reply {
    Reply(
      status: status, headers: [("content-type", "application/json; charset=utf-8")], body: value.encoded())
  }

  /// An answer without a body.
  static func empty(_ status: Int) -> Reply { Reply(status: status) }

  /// An answer in the shape of Tatum's errors.
  static func failure(_ status: Int, _ errorCode: String?, _ message: String, data: JSONValue? = nil) -> Reply
  {
    var object = JSONObject()
    object["statusCode"] = .number(JSONNumber(status))
    object["message"] = .string(message)
    if let errorCode { object["errorCode"] = .string(errorCode) }
    if let data { object["data"] = data }
    return .json(.object(object), status: status)
  }

  /// The API's answer to a request that it does not have.
  static func noRoute(_ request: Request) -> Reply {
    .json(
      [
        "statusCode": 404, "message": .string("Cannot \(request.method) \(request.path)"),
        "error": "Not Found",
      ], status: 404)
  }

  /// The API's answer to a request with members that are not as described.
  static func invalid(_ problems: [Problem]) -> Reply {
    .failure(
      400, "validation.failed", "Request validation failed. Please see data for additional information.",
      data: .array(
        problems.map {
          ["property": .string($0.property), "constraints": ["constraint": .string($0.constraint)]]
        }))
  }
}

/// How an answer travels.
struct Delivery: Sendable {
  enum Manner: Sendable {
    case whole
    /// The connection ends without a byte of the answer, by RST or by FIN.
    case none(reset: Bool)
    /// The head promises the whole body, the connection ends in the middle of it.
    case cutOff
    /// The body arrives in pieces of `bytes`, one every `milliseconds`.
    case drip(bytes: Int, milliseconds: Int64)
  }

  var manner = Manner.whole
  var delayMilliseconds: Int64 = 0
}

/// Returns `text` with its %XX sequences decoded; a broken sequence stays as it is.
func percentDecoded(_ text: some StringProtocol) -> String {
  var bytes: [UInt8] = []
  var rest = Array(text.utf8)[...]
  while let first = rest.first {
    if first == UInt8(ascii: "%"), rest.count >= 3,
      let value = UInt8(String(decoding: rest.dropFirst().prefix(2), as: UTF8.self), radix: 16)
    {
      bytes.append(value)
      rest = rest.dropFirst(3)
    } else {
      bytes.append(first)
      rest = rest.dropFirst()
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}
