import KMSRecords

/// `/v3/blockchain/node/cardano-{mainnet|preprod}/construction/{step}`; reference "ADA".
extension SandboxState {
  mutating func cardanoConstruction(_ rest: [String], _ request: Request) -> Reply {
    guard rest.count == 2, rest[0] == "construction", request.method == "POST",
      let node = nodes["ADA"] as? CardanoNode, let body = try? JSONValue(parsing: request.body),
      let answer = node.construction(rest[1], body)
    else {
      return .json(["code": 4000, "message": "Invalid request", "retriable": false], status: 400)
    }
    return .json(answer)
  }
}
