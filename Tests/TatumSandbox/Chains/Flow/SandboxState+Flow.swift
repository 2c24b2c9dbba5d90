import KMSCrypto
import KMSPrimitives
import KMSRecords

/// `/v3/flow/proposal`, `/v3/flow/sign`, the return of proposal keys, and the access node at `/flow`; reference "FLOW".
extension SandboxState {
  mutating func flowService(_ path: [String], _ request: Request) -> Reply {
    guard var node = nodes["FLOW"] as? FlowNode else { return .failure(404, nil, "page not found") }
    defer { nodes["FLOW"] = node }
    switch (request.method, path) {
    case ("GET", ["proposal", "true"]), ("GET", ["proposal", "false"]):
      guard let key = node.proposal(isPayer: path[1] == "true") else {
        return .failure(403, "flow.proposal.keys", "All proposal keys are lent.")
      }
      return .json(key)
    case ("POST", ["sign"]):
      let json = try? JSONValue(parsing: request.body)
      guard let message = json?["data"]?.string.flatMap({ Hex.decode($0) }),
        let isPayer = json?["isPayer"]?.bool,
        let signature = node.sign(message, isPayer: isPayer)
      else { return Self.invalid("data", "data must be a transaction in hexadecimal") }
      return .json(["signature": .string(signature)])
    default: return .noRoute(request)
    }
  }

  /// Gives a proposal key back, when the body says so; nil for an ordinary broadcast.
  mutating func flowRelease(_ request: Request) -> Reply? {
    guard let json = try? JSONValue(parsing: request.body), let key = json["proposalKey"]?.uint64,
      json["signatureId"] == nil, var node = nodes["FLOW"] as? FlowNode
    else { return nil }
    node.release(key)
    nodes["FLOW"] = node
    return .json(["txId": json["txData"] ?? ""])
  }

  mutating func flowAccess(_ path: [String], _ request: Request) -> Reply {
    guard var node = nodes["FLOW"] as? FlowNode else { return .failure(404, nil, "page not found") }
    let (status, answer) = node.answer(request.method, path, try? JSONValue(parsing: request.body))
    nodes["FLOW"] = node
    return .json(answer, status: status)
  }
}
