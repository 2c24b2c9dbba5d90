internal import KMSRecords

/// Facts of VeChain, from a public node: `chainTag`, `blockRef`, `gas`.
struct VeChainFacts: FactSource {
  let node: PublicNode

  /// The nodes of the VeChain Foundation, as in the original.
  static func defaultURL(testnet: Bool) -> String {
    testnet ? "https://sync-testnet.vechain.org" : "https://sync-mainnet.vechain.org"
  }

  func find(_ need: Need, completion: @escaping FactCompletion) -> Bool {
    switch need {
    case .blockReference: findBlockReference(completion: completion)
    case .gasLimit(let call): findGas(of: call, completion: completion)
    default: return false
    }
    return true
  }

  /// The chain tag is the last byte of the genesis block's id, the reference the first eight of the best block's.
  private func findBlockReference(completion: @escaping FactCompletion) {
    blockID("/blocks/0", "chain tag") { genesis in
      switch genesis {
      case .failure(let failure): completion(.failure(failure))
      case .success(let genesis):
        blockID("/blocks/best", "block reference") { best in
          completion(
            best.map { best in
              .members([
                ("chainTag", .string(String(UInt8(genesis.suffix(2), radix: 16) ?? 0))),
                ("blockRef", .string("0x" + best.dropFirst(2).prefix(16))),
              ])
            })
        }
      }
    }
  }

  /// The id of a block: `0x` and 64 digits.
  private func blockID(
    _ path: String, _ what: String, completion: @escaping (Result<String, FactFailure>) -> Void
  ) {
    node.callJSON(.get, path) { result in
      switch result {
      case .failure(let failure): completion(.failure(FactFailure(failure, asking: what)))
      case .success(let block):
        guard let id = block["id"]?.string?.lowercased(), id.utf8.count == 66, HexQuantity.decimal(id) != nil
        else {
          return completion(.failure(.unexpected(asking: what)))
        }
        completion(.success(id))
      }
    }
  }

  /// Simulates the clause; gas is the intrinsic part, and what was used with a reserve, as in the original.
  private func findGas(of call: ContractCall, completion: @escaping FactCompletion) {
    let what = "gas limit"
    guard let value = HexQuantity.quantity(decimal: call.value ?? "0") else {
      return completion(
        .failure(FactFailure(.refused, "\(what): value is not an integer of at most 256 bits")))
    }
    guard let intrinsic = Self.intrinsicGas(of: call) else {
      return completion(.failure(FactFailure(.refused, "\(what): data is not hexadecimal")))
    }
    let clause: JSONValue = [
      "to": call.to.map(JSONValue.string) ?? .null, "value": .string(value),
      "data": .string(call.data ?? "0x"),
    ]
    var body: JSONObject = JSONObject()
    body["clauses"] = [clause]
    body["caller"] = call.from.map(JSONValue.string)
    node.callJSON(.post, "/accounts/*?revision=best", body: .object(body)) { result in
      switch result {
      case .failure(let failure): completion(.failure(FactFailure(failure, asking: what)))
      case .success(let answer):
        guard let output = answer.array?.first, let used = output["gasUsed"]?.uint64, used < 1 << 48 else {
          return completion(.failure(.unexpected(asking: what)))
        }
        guard output["reverted"]?.bool != true else {
          let why = ServerText.clean(output["vmError"]?.string ?? "reverted")
          return completion(.failure(FactFailure(.refused, "\(what): the call would be reverted: \(why)")))
        }
        let gas = intrinsic + (used > 0 ? used + 15_000 : 0)
        completion(.success(.members([("gas", .string(String(gas)))])))
      }
    }
  }

  /// 5000, for the clause 16000 or 48000 when it creates a contract, 4 for each zero byte of data and 68 for others.
  static func intrinsicGas(of call: ContractCall) -> UInt64? {
    let digits = Array((call.data ?? "0x").utf8)
    guard digits.starts(with: [0x30, 0x78]), digits.count % 2 == 0 else { return nil }
    var gas: UInt64 = 5000 + (call.to == nil ? 48_000 : 16_000)
    for i in stride(from: 2, to: digits.count, by: 2) {
      gas += digits[i] == 0x30 && digits[i + 1] == 0x30 ? 4 : 68
    }
    return gas
  }
}
