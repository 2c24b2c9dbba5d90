import KMSCrypto
import KMSPrimitives
import KMSRecords

/// The facts about Ethereum-like chains: JSON-RPC, transaction counts, fees; reference "EVM chains: common rules".
extension SandboxState {
  mutating func nodeCall(
    _ chain: String, _ rest: [String], _ request: Request, _ faults: inout [String]
  ) -> Reply {
    guard rest.isEmpty, request.method == "POST", let node = nodes[chain] as? EVMNode else {
      return .failure(501, "sandbox.not.implemented", "The sandbox knows no node of \(chain) here.")
    }
    guard let json = try? JSONValue(parsing: request.body) else {
      return .json(Self.rpcError(.null, -32700, "parse error"))
    }
    let lags = self.faults.take([.laggingNonce], path: request.path, chain: chain) != nil
    if lags { faults.append(Fault.Kind.laggingNonce.rawValue) }
    let calls = json.array ?? [json]
    let answers = calls.map { call -> JSONValue in
      let id = call["id"] ?? .null
      do throws(RPCFailure) {
        if let found = transaction(askedBy: call, chain) {
          return ["jsonrpc": "2.0", "id": id, "result": found]
        }
        return ["jsonrpc": "2.0", "id": id, "result": try Self.result(call, node, lags: lags)]
      } catch {
        return Self.rpcError(id, error.code, error.message)
      }
    }
    return .json(json.array == nil ? answers.first ?? .null : .array(answers))
  }

  mutating func transactionCount(
    _ chain: String, _ address: String, _ request: Request, _ faults: inout [String]
  ) -> Reply {
    guard let node = nodes[chain] as? EVMNode else {
      return .failure(501, "sandbox.not.implemented", "The sandbox counts no transactions of \(chain).")
    }
    guard EVMNode.canonical(address).utf8.count == 42 else {
      return Self.invalid("address", "address must be an address")
    }
    let lags = self.faults.take([.laggingNonce], path: request.path, chain: chain) != nil
    if lags { faults.append(Fault.Kind.laggingNonce.rawValue) }
    return .json(.number(JSONNumber(node.nonce(of: address, includingWaiting: !lags))))
  }

  mutating func fee(_ chain: String) -> Reply {
    guard chain == "ETH", let node = nodes[chain] as? EVMNode, let price = Quantity.uint128(node.gasPrice)
    else {
      return .failure(501, "sandbox.not.implemented", "The sandbox knows no fees of \(chain).")
    }
    return .json([
      "fast": .number(JSONNumber(price / 10 * 11)), "medium": .number(JSONNumber(price)),
      "slow": .number(JSONNumber(price / 10 * 9)),
      "baseFee": .number(JSONNumber(Quantity.uint128(node.baseFee) ?? 0)), "time": .string(timestamp()),
      "block": .number(JSONNumber(node.block)),
    ])
  }

  // MARK: JSON-RPC 2.0

  private struct RPCFailure: Error {
    let code: Int
    let message: String
  }

  private static func rpcError(_ id: JSONValue, _ code: Int, _ message: String) -> JSONValue {
    ["jsonrpc": "2.0", "id": id, "error": ["code": .number(JSONNumber(code)), "message": .string(message)]]
  }

  /// What a node says of a transaction, in a block or waiting: null when it has none; nil when it is asked something else.
  private func transaction(askedBy call: JSONValue, _ chain: String) -> JSONValue? {
    let method = call["method"]?.string ?? ""
    let prefixes = chain == "KLAY" ? ["eth", "klay", "kaia"] : ["eth"]
    guard prefixes.contains(where: { method == "\($0)_getTransactionByHash" }),
      let txId = call["params"]?.array?.first?.string?.lowercased()
    else { return nil }
    let found = broadcasts.last {
      $0["chain"]?.string == chain && $0["txId"]?.string?.lowercased() == txId
    }
    guard let found else { return .null }
    return ["hash": found["txId"] ?? .null, "from": found["senders"]?.array?.first ?? .null]
  }

  /// The methods that signing needs; Klaytn's nodes call the same ones klay_… or kaia_….
  private static func result(_ call: JSONValue, _ node: EVMNode, lags: Bool) throws(RPCFailure) -> JSONValue {
    let method = call["method"]?.string ?? ""
    let parameters = call["params"]?.array ?? []
    let isKlaytn = node.chain == "KLAY" && (method.hasPrefix("klay_") || method.hasPrefix("kaia_"))
    switch isKlaytn ? "eth_" + method.dropFirst(5) : method {
    case "eth_chainId", "eth_chainID": return .string(Quantity.hex(node.reportedChainID ?? node.chainID))
    case "net_version": return .string(String(node.reportedChainID ?? node.chainID))
    case "eth_gasPrice": return .string(hex(node.gasPrice))
    case "eth_maxPriorityFeePerGas": return .string(Quantity.hex(1_500_000_000))
    case "eth_blockNumber": return .string(Quantity.hex(node.block))
    case "eth_getBalance": return .string(hex(node.balance(of: try address(parameters.first))))
    case "eth_getTransactionCount":
      let includesWaiting = parameters.dropFirst().first?.string == "pending" && !lags
      return .string(
        Quantity.hex(node.nonce(of: try address(parameters.first), includingWaiting: includesWaiting)))
    case "eth_estimateGas":
      let data = (parameters.first?["data"] ?? parameters.first?["input"])?.string ?? "0x"
      guard let bytes = Hex.decodePrefixed(data) else {
        throw RPCFailure(code: -32602, message: "invalid data")
      }
      guard let gas = node.estimate(to: parameters.first?["to"]?.string, data: bytes) else {
        throw RPCFailure(code: 3, message: "execution reverted")
      }
      return .string(Quantity.hex(gas))
    case "eth_getBlockByNumber":
      return [
        "number": .string(Quantity.hex(node.block)), "baseFeePerGas": .string(hex(node.baseFee)),
        "gasLimit": "0x1c9c380", "gasUsed": "0xe4e1c0", "transactions": [],
      ]
    default:
      throw RPCFailure(code: -32601, message: "the method \(method) does not exist/is not available")
    }
  }

  private static func hex(_ quantity: [UInt8]) -> String { Quantity.hex(Quantity.uint128(quantity) ?? 0) }

  private static func address(_ json: JSONValue?) throws(RPCFailure) -> String {
    guard let text = json?.string, EVMNode.canonical(text).utf8.count == 42 else {
      throw RPCFailure(code: -32602, message: "invalid argument 0: hex string has the wrong length")
    }
    return text
  }
}
