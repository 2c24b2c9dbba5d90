import KMSPrimitives
import KMSRecords

/// What Bitcoin-like nodes, and the API, tell of transactions.
extension SandboxState {
  /// `getrawtransaction` of the chain's node, as Bitcoin Core answers (rpc/rawtransaction.cpp).
  mutating func bitcoinCall(_ chain: String, _ request: Request) -> Reply {
    guard request.method == "POST", let call = try? JSONValue(parsing: request.body),
      let node = nodes[chain] as? BitcoinNode
    else { return .failure(400, nil, "Bad request") }

    var answer = JSONObject()
    answer["jsonrpc"] = "2.0"
    answer["id"] = call["id"] ?? .null
    if call["method"] != "getrawtransaction" {
      answer["error"] = ["code": -32601, "message": "Method not found"]
    } else if let raw = call["params"]?.array?.first?.string.flatMap({ node.raw($0) }) {
      answer["result"] = .string(Hex.encode(raw))
    } else {
      answer["error"] = [
        "code": -5,
        "message": "No such mempool or blockchain transaction. Use gettransaction for wallet transactions.",
      ]
    }
    return .json(.object(answer))
  }
}

extension BitcoinNode {
  /// The members of the API's answer for a known transaction: the bytes of BTC's; of LTC members as bcoin writes them, of
  /// DOGE and BCH as Bitcoin Core does.
  func described(_ txId: String) -> JSONValue? {
    guard let raw = raw(txId), let transaction = try? BitcoinTransaction(raw) else { return nil }
    switch chain {
    case "BTC": return ["hash": .string(txId), "hex": .string(Hex.encode(raw))]
    case "LTC": return bcoin(transaction, txId)
    default: return core(transaction, txId)
    }
  }

  private func coins(_ satoshi: UInt64) -> String {
    let fraction = String(satoshi % 100_000_000)
    return "\(satoshi / 100_000_000)." + String(repeating: "0", count: 8 - fraction.utf8.count) + fraction
  }

  private func bcoin(_ transaction: BitcoinTransaction, _ txId: String) -> JSONValue {
    [
      "hash": .string(txId), "version": .number(JSONNumber(transaction.version)),
      "locktime": .number(JSONNumber(transaction.lockTime)),
      "inputs": .array(
        transaction.inputs.map {
          [
            "prevout": [
              "hash": .string(Hex.encode($0.previousHash.reversed())),
              "index": .number(JSONNumber($0.previousIndex)),
            ],
            "script": .string(Hex.encode($0.script)), "sequence": .number(JSONNumber($0.sequence)),
          ]
        }),
      "outputs": .array(
        transaction.outputs.map {
          ["value": .string(coins($0.value)), "script": .string(Hex.encode($0.script))]
        }),
    ]
  }

  private func core(_ transaction: BitcoinTransaction, _ txId: String) -> JSONValue {
    [
      chain == "BCH" ? "txid" : "hash": .string(txId), "version": .number(JSONNumber(transaction.version)),
      "locktime": .number(JSONNumber(transaction.lockTime)),
      "vin": .array(
        transaction.inputs.map {
          [
            "txid": .string(Hex.encode($0.previousHash.reversed())),
            "vout": .number(JSONNumber($0.previousIndex)),
            "scriptSig": ["hex": .string(Hex.encode($0.script))],
            "sequence": .number(JSONNumber($0.sequence)),
          ]
        }),
      "vout": .array(
        transaction.outputs.enumerated().map {
          [
            "n": .number(JSONNumber($0.offset)), "value": .string(coins($0.element.value)),
            "scriptPubKey": ["hex": .string(Hex.encode($0.element.script))],
          ]
        }),
    ]
  }
}
