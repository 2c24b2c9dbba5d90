import KMSRecords

/// The JSON-RPC of Solana's nodes, as far as fetching and sending need it.
extension SandboxState {
  mutating func solanaCall(_ request: Request) -> Reply {
    guard request.method == "POST", let call = try? JSONValue(parsing: request.body),
      var node = nodes["SOL"] as? SolanaNode
    else { return .failure(400, nil, "Bad request") }
    let parameters = call["params"]?.array ?? []
    let result: Result<JSONValue, RPCError>
    switch call["method"]?.string {
    case "getLatestBlockhash": result = .success(node.latestBlockhash)
    case "sendTransaction":
      if parameters.dropFirst().first?["encoding"] != "base64" {
        result = .failure(RPCError(code: -32602, message: "invalid base58 encoding"))
      } else {
        do throws(Refusal) {
          result = .success(.string(try node.send(parameters.first?.string ?? "")))
        } catch {
          result = .failure(RPCError(code: -32002, message: error.message))
        }
      }
    case "getSignatureStatuses":
      let statuses = (parameters.first?.array ?? []).map { node.status($0.string ?? "") }
      result = .success(["context": ["slot": 1], "value": .array(statuses)])
    default: result = .failure(RPCError(code: -32601, message: "Method not found"))
    }
    nodes["SOL"] = node
    var answer = JSONObject()
    answer["jsonrpc"] = "2.0"
    answer["id"] = call["id"] ?? .null
    switch result {
    case .success(let value): answer["result"] = value
    case .failure(let error):
      answer["error"] = ["code": .number(JSONNumber(error.code)), "message": .string(error.message)]
    }
    return .json(.object(answer))
  }

  private struct RPCError: Error {
    let code: Int
    let message: String
  }
}
