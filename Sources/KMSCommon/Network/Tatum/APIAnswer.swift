internal import KMSChains
internal import KMSRecords

/// Reads the error answers of the Tatum API: whose words they are, and what the API's own mean.
///
/// Shapes: Tatum's description (schemas Error400 to Error500), and what its servers send today, where the network's
/// words stand in `cause`: `{"statusCode":403,"errorCode":"eth.broadcast.failed","message":"Unable to broadcast
/// transaction.","cause":"insufficient funds for gas * price + value [-32000]"}`.
struct APIAnswer {
  let status: Int
  /// Tatum's `errorCode`, cleaned.
  let code: String?
  /// `message`, cleaned and whole; the parts of an array are joined.
  let message: String
  /// `cause`, cleaned and whole: the network's words, where the message is only the API's frame around them.
  let cause: String?
  /// The error object of a JSON-RPC answer.
  let rpc: (code: Int64?, message: String)?
  /// What failed of a validated request, `data[].constraints`.
  let constraints: String
  private let isJSON: Bool
  /// Whether `message` is a list, as only the API's own checks of requests make it.
  private let isList: Bool

  /// Reads an answer; `clean` takes the key out and makes the text one line.
  init(_ response: HTTPResponse, clean: (String) -> String = { CleanText.line($0) }) {
    let json = try? JSONValue(parsing: response.body.prefix(1 << 20))
    status = response.status
    isJSON = json?.object != nil
    isList = json?["message"]?.array != nil
    code = json?["errorCode"]?.string.map { ServerText.short(clean($0)) }
    cause = json?["cause"].flatMap(Self.text).map { clean($0) }
    let error = json?["error"]
    if error?.object != nil, json?["jsonrpc"] != nil || error?["code"] != nil {
      rpc = (error?["code"]?.number?.int64, clean(error.flatMap { $0["message"] }.flatMap(Self.text) ?? ""))
    } else {
      rpc = nil
    }
    constraints = clean(Self.constraints(json))
    if isJSON {
      message = clean(json?["message"].flatMap(Self.text) ?? error.flatMap(Self.text) ?? "")
    } else {
      message = clean(String(decoding: response.body.prefix(1000), as: UTF8.self).trimmed)
    }
  }

  /// Text of a member: a string, the strings of an array, or those of an object's own `message`.
  private static func text(_ value: JSONValue) -> String? {
    if let text = value.string { return text }
    if let items = value.array {
      let parts = items.compactMap(text)
      return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }
    if value.object != nil { return value["message"].flatMap(text) ?? value.text }
    return nil
  }

  private static func constraints(_ json: JSONValue?) -> String {
    (json?["data"]?.array ?? []).compactMap { item in
      item["constraints"]?.object?.members.compactMap(\.value.string).joined(separator: ", ")
    }.joined(separator: "; ")
  }

  /// All of it, for people: code, message, cause, causes of a validation error.
  var summary: String {
    let parts = [code, message, cause, rpc?.message, constraints].compactMap { $0 }.filter { !$0.isEmpty }
    var said: [String] = []
    for part in parts where !said.contains(part) { said.append(part) }
    return said.isEmpty ? "no text" : ServerText.short(said.joined(separator: ": "))
  }

  /// The network's own words.
  var words: NetworkWords {
    if let rpc, !rpc.message.isEmpty { return NetworkWords(unwrapping: rpc.message, code: rpc.code) }
    if let cause, !cause.isEmpty { return NetworkWords(unwrapping: cause) }
    return NetworkWords(unwrapping: message)
  }

  /// What it means, from a call to `url` of the API.
  func failure(url: String) -> APIFailure {
    if saysOutOfCredits { return .outOfCredits(summary) }
    switch code {
    case "subscription.not.active", "subscription.expired": return .subscriptionExpired(summary)
    case "subscription.invalid": return .unauthorized(summary)
    default: break
    }
    switch status {
    case 401: return .unauthorized(summary)
    case 402: return .outOfCredits(summary)
    case 403 where code == nil && isForbidden: return .unauthorized(summary)
    case 404, 405:
      if code == nil, isUnknownRoute { return .unknownRoute("\(ServerText.short(message)) (\(url))") }
    case 408: return .lost("HTTP status 408: \(summary)")
    case 413: return .tooLarge(summary)
    case 429: return .tooManyRequests(summary)
    default: break
    }
    guard (400..<500).contains(status) else {
      return (500..<600).contains(status)
        ? .serverError(status: status, text: summary)
        : .unexpected("HTTP status \(status), which is no answer of this API")
    }
    // Everything that the API says is a JSON object; a page is a gateway's.
    guard isJSON else { return .serverError(status: status, text: summary) }
    // 400 with one plain text and no code may be a node's (thor's "bad tx: …" comes with 400): its chain decides.
    let isCheck = isList || !constraints.isEmpty || (message.isEmpty && (cause ?? "").isEmpty)
    if code == "validation.failed" || (status == 400 && code == nil && rpc == nil && isCheck) {
      return .invalid(summary)
    }
    return .refused(status: status, code: code, words: words)
  }

  /// The same from a node that is not Tatum's: it knows no key and no credits.
  var failureOfNode: APIFailure {
    switch status {
    case 401, 402, 407, 413: .notSent("the node does not take it: \(summary)")
    case 408: .lost("HTTP status 408: \(summary)")
    case 429: .tooManyRequests(summary)
    case 400, 403, 404, 409, 410, 422: .refused(status: status, code: code, words: words)
    default: .serverError(status: status, text: summary)
    }
  }

  /// "You have reached the limit of 10000 credits with your free plan …", with whatever status.
  private var saysOutOfCredits: Bool {
    guard (400..<500).contains(status), status != 404, status != 429, (cause ?? "").isEmpty else {
      return false
    }
    let text = message.lowercased()
    // The API's own words, not a node's in a frame.
    return text.contains("credits") && NetworkWords(unwrapping: message).text == message
      && ["limit", "used up", "exceeded", "exhausted", "not enough", "insufficient", "no more", "run out"]
        .contains(where: text.contains)
  }

  /// NestJS and API gateways without further words: not this key, or not from here.
  private var isForbidden: Bool {
    ["forbidden", "forbidden resource"].contains(message.lowercased()) && (cause ?? "").isEmpty && rpc == nil
  }

  /// NestJS: "Cannot POST /v3/…"; gateways: "Not Found", "no Route matched with those values", or a page.
  private var isUnknownRoute: Bool {
    let text = message.lowercased()
    return !isJSON || text.hasPrefix("cannot ") || ["not found", "method not allowed", ""].contains(text)
      || text.contains("no route matched")
  }
}
