import KMSRecords

/// The public node of VeChain, which kms-fetch asks with `--node-url VET=…`; no key, and nothing of Tatum's.
extension SandboxState {
  func vechain(_ path: [String], _ request: Request) -> Reply {
    guard let node = nodes["VET"] as? VeChainNode,
      let answer = node.answer(request.method, path, try? JSONValue(parsing: request.body))
    else { return .failure(404, nil, "page not found") }
    return .json(answer)
  }
}
