import KMSRecords

extension LoopbackHTTP.Answer {
  /// The body as JSON; null when it is none.
  var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
}

/// A TatumSandbox that runs as long as this object lives.
final class SandboxProcess: Sendable {
  struct StartError: Error, CustomStringConvertible {
    let description: String
  }

  let apiKey: String
  let port: Int
  /// What TATUM_API_URL is to be.
  var url: String { "http://127.0.0.1:\(port)" }
  private let process: ProgramProcess

  /// Starts a server on a free port; it ends with this object and with this process. (And after a day: a limit that a
  /// test can reach on a loaded machine looks like a server that can't be reached.)
  init(apiKey: String = "sandbox-key-7f3a", state: JSONValue? = nil, arguments: [String] = []) throws {
    self.apiKey = apiKey
    process = try ProgramProcess(
      "TatumSandbox", ["--api-key", apiKey, "--exit-with-stdin", "--max-seconds", "86400"] + arguments)
    let line = process.waitForLines(1).first ?? ""
    guard let text = line.split(separator: ":").last, let port = Int(text) else {
      throw StartError(description: "TatumSandbox: \(String(decoding: process.errorSoFar, as: UTF8.self))")
    }
    self.port = port
    if let state { try control("state", state) }
  }

  /// Ends the server now.
  func stop() {
    process.closeInput()
    _ = process.wait(timeoutSeconds: 5)
  }

  /// Sends a request with the API key.
  func send(
    _ method: String, _ path: String, _ body: [UInt8] = [], headers: [String: String] = [:]
  ) throws -> LoopbackHTTP.Answer {
    var fields = [
      "content-type": "application/json", "x-api-key": apiKey, "x-ttm-kms-client-version": "8.0.1",
    ]
    for (name, value) in headers { fields[name] = value }
    return try LoopbackHTTP.send(port: port, method, path, headers: fields, body: body)
  }

  /// Posts JSON with the API key.
  func post(_ path: String, _ json: JSONValue) throws -> LoopbackHTTP.Answer {
    try send("POST", path, json.encoded())
  }

  /// Broadcasts a signed transaction as the pipeline does; `name` is Tatum's path segment, as "ethereum".
  func broadcast(_ name: String, _ txData: String, signatureID: String? = nil) throws -> LoopbackHTTP.Answer {
    var body = JSONObject()
    body["txData"] = .string(txData)
    body["signatureId"] = signatureID.map { .string($0) }
    return try post("/v3/\(name)/broadcast", .object(body))
  }

  /// Posts to /sandbox/`name`; throws when the server does not understand.
  func control(_ name: String, _ json: JSONValue = .null) throws {
    let answer = try post("/sandbox/\(name)", json)
    guard answer.status == 204 else { throw StartError(description: "/sandbox/\(name): \(answer.text)") }
  }

  /// What /sandbox/`name` shows: pending, log, broadcasts, refusals, errors, credits, traffic, chains.
  func look(_ name: String) throws -> JSONValue { try send("GET", "/sandbox/\(name)").json }
}
