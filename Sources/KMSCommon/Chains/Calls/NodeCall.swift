public import KMSRecords

/// Calls of JSON-RPC 2.0 to a chain's node behind the API.
extension Call {
  /// The path of a node, below the base URL; the key is in the header, not in the path (defect A8).
  ///
  /// - Parameters:
  ///   - name: as the API's description has it, with the network in it: `bsc-testnet`.
  ///   - path: what follows, for nodes that are not asked by JSON-RPC; starts with `/`.
  public static func node(_ name: String, _ path: String = "") -> String {
    "/v3/blockchain/node/\(name)\(path)"
  }

  /// A method of the node `name`.
  public static func rpc(
    _ name: String, _ method: String, _ parameters: [JSONValue] = [], isRepeatable: Bool = true
  ) -> Call {
    Call(
      .post, node(name),
      body: ["jsonrpc": "2.0", "id": 1, "method": .string(method), "params": .array(parameters)],
      isRepeatable: isRepeatable)
  }
}

/// What a node says in JSON-RPC 2.0.
public enum NodeReply: Hashable, Sendable {
  /// The member `result`; it may be null.
  case result(JSONValue)
  /// The member `error`: its code where it has one, and its text as it stands there.
  case error(code: Int64?, text: String)
  /// Neither.
  case none

  /// Reads the body of an answer.
  public init(_ json: JSONValue) {
    if let error = json["error"] {
      self = .error(
        code: error["code"]?.number?.int64, text: error["message"]?.string ?? error.string ?? "no text")
    } else if let result = json.object?["result"] {
      self = .result(result)
    } else {
      self = .none
    }
  }
}

extension Answer {
  /// The `result` of a node's answer.
  ///
  /// - Parameter isVerdict: whether the node's error is a no to what was asked; any other one may pass. `FactAnswers`
  ///   when it is not given.
  /// - Throws: as `json(asking:)`, and for the node's error.
  public func result(
    asking what: String,
    isVerdict: (_ code: Int64?, _ text: String) -> Bool = { code, text in
      FactAnswers.verdict(of: NetworkWords(unwrapping: text, code: code)) == .refused
    }
  ) throws(DialogueFailure) -> JSONValue {
    switch NodeReply(try json(asking: what)) {
    case .result(let value): return value
    case .error(let code, let text):
      throw DialogueFailure(isVerdict(code, text) ? .refused : .passing, "\(what): the node says: \(text)")
    case .none: throw .notUnderstood(asking: what)
    }
  }
}
