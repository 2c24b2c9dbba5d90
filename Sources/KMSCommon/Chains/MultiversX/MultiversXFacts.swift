internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords

/// The facts of EGLD: `nonce`, `gasPrice`, `chainId`, `version`, `gasLimit`.
struct MultiversXFacts: Sendable {
  /// The gateway behind the API, by its described name.
  private let node: String

  init(testnet: Bool) { node = testnet ? "egld-testnet" : "egld-mainnet" }

  /// `gasPrice`, `chainId`, `version`.
  var configuration: Need {
    Need("network configuration") { [node] _ in
      .ask(Call(.get, Call.node(node, "/network/config")), "network configuration") { answer in
        let config = answer["data"]?["config"]
        guard let chainID = config?["erd_chain_id"]?.string, (1...8).contains(chainID.utf8.count),
          let version = config?["erd_min_transaction_version"]?.uint64
        else { return nil }
        let price = config?["erd_min_gas_price"]?.uint64 ?? 1_000_000_000
        return Fact([
          ("gasPrice", .string(String(price))), ("chainId", .string(chainID)),
          ("version", .string(String(version))),
        ])
      }
    }
  }

  /// `nonce`.
  func nonce(of address: String) -> Need {
    Need("nonce", question: "nonce \(address)") { [node] _ in
      .ask(Call(.get, Call.node(node, "/address/\(Call.segment(address))/nonce")), "nonce") { answer in
        answer["data"]?["nonce"]?.uint64.map { Fact("nonce", .string(String($0))) }
      }
    }
  }

  /// `gasLimit`. The estimate wants a whole transaction, nonce and network included; what the call carries wins.
  func gasLimit(of call: ContractCall) -> Need {
    let name = "gas limit"
    guard let from = call.from, let to = call.to else {
      return Need(name) { _ in
        .failed(DialogueFailure(.refused, "\(name): sender or receiver is missing"))
      }
    }
    let uses = [configuration] + (call.nonce == nil ? [nonce(of: from)] : [])
    return Need(name, question: "gas \(call.question)", uses: uses) { [node] given in
      func number(_ own: String?, _ member: String) -> JSONValue {
        (own.flatMap { UInt64($0) } ?? given.facts[member]?.uint64).map { .number(JSONNumber($0)) } ?? .null
      }
      var body = JSONObject()
      body["nonce"] = number(call.nonce, "nonce")
      body["value"] = .string(call.value ?? "0")
      body["receiver"] = .string(to)
      body["sender"] = .string(from)
      body["gasPrice"] = number(call.gasPrice, "gasPrice")
      body["gasLimit"] = 0
      body["data"] = call.data.map { .string(Base64.encode(Array($0.utf8))) }
      body["chainID"] = given.facts["chainId"]
      body["version"] = number(nil, "version")
      let cost = Call(.post, Call.node(node, "/transaction/cost"), body: .object(body))
      return .ask(cost, name) { (answer) throws(DialogueFailure) in
        let data = answer["data"]
        if let units = data?["txGasUnits"]?.uint64, units > 0 {
          return Fact("gasLimit", .string(String(units)))
        }
        // No gas: the call would fail, and the node says why.
        guard let why = data?["returnMessage"]?.string, !why.isEmpty else { return nil }
        throw DialogueFailure(.refused, "\(name): the node says: \(why)")
      }
    }
  }
}
