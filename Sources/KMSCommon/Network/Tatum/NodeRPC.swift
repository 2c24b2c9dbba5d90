internal import KMSProcess
internal import KMSRecords

/// Why a node gave no result.
enum NodeFailure: Error, Hashable, Sendable {
  case api(APIFailure)
  /// The node's own error object; the text is cleaned.
  case node(code: Int64?, text: String)

  /// Error codes of nodes that say "later", not "no": EIP-1474's "limit exceeded" and "resource unavailable", and
  /// JSON-RPC 2.0's "internal error".
  private static let passingCodes: Set<Int64> = [-32005, -32002, -32603]

  /// As the failure of a fact; `what` names the question.
  func asFact(asking what: String) -> FactFailure {
    switch self {
    case .api(let failure): return FactFailure(failure, asking: what)
    case .node(let code, let text):
      let isPassing = code.map(Self.passingCodes.contains) ?? false
      return FactFailure(isPassing ? .passing(.temporary) : .refused, "\(what): the node says: \(text)")
    }
  }
}

extension TatumAPI {
  /// Calls a method of a chain's node by JSON-RPC 2.0; the key is in the header, not in the path (defect A8).
  func node(
    _ path: String, _ method: String, _ parameters: [JSONValue], repeating: Repeating = .always,
    completion: @escaping (Result<JSONValue, NodeFailure>) -> Void
  ) {
    let body: JSONValue = [
      "jsonrpc": "2.0", "id": 1, "method": .string(method), "params": .array(parameters),
    ]
    callJSON(.post, path, body: body, repeating: repeating) { [self] result in
      switch result {
      case .failure(let failure): completion(.failure(.api(failure)))
      case .success(let answer):
        if let error = answer["error"] {
          let text = clean(error["message"]?.string ?? error.string ?? "no text")
          completion(.failure(.node(code: error["code"]?.number?.int64, text: text)))
        } else if let value = answer.object?["result"] {
          completion(.success(value))
        } else {
          completion(.failure(.api(.unexpected("the node's answer has neither result nor error"))))
        }
      }
    }
  }
}
