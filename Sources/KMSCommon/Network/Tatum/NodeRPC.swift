internal import KMSProcess
internal import KMSRecords

/// Why a node gave no result.
enum NodeFailure: Error, Hashable, Sendable {
  case api(APIFailure)
  /// The node's own error object; the text is cleaned.
  case node(code: Int64?, text: String)
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
