internal import KMSRecords

/// The Rosetta construction API of Cardano behind the node proxy.
struct CardanoConstruction {
  let api: TatumAPI
  let testnet: Bool

  private static let node = NodeProxy(mainnet: "cardano-mainnet", testnet: "cardano-preprod")

  /// Makes one step; its body is completed with the network.
  func step(
    _ name: String, _ members: [(name: String, value: JSONValue)],
    completion: @escaping (Result<JSONValue, APIFailure>) -> Void
  ) {
    var body = JSONObject()
    body["network_identifier"] = ["blockchain": "cardano", "network": testnet ? "preprod" : "mainnet"]
    for member in members { body[member.name] = member.value }
    api.callJSON(
      .post, "\(Self.node.path(testnet: testnet))/construction/\(name)", body: .object(body),
      completion: completion)
  }
}

/// Facts of ADA: `ttl`, `unsignedTransaction`, `payloads`.
///
/// kms-sign takes the transaction apart and compares it with the operations before it signs.
struct CardanoFacts: FactSource {
  let construction: CardanoConstruction

  func find(_ need: Need, completion: @escaping FactCompletion) -> Bool {
    guard case .cardanoPayloads(let operations) = need else { return false }
    step("preprocess", [("operations", operations), ("metadata", ["relative_ttl": 1000])], completion) {
      options in
      // The whole answer is {"options": …}, and the next step takes it as it is.
      guard let options = options["options"] else { return fail(completion) }
      step("metadata", [("options", options)], completion) { answer in
        guard let metadata = answer["metadata"], let ttl = metadata["ttl"]?.uint64 else {
          return fail(completion)
        }
        step("payloads", [("operations", operations), ("metadata", metadata)], completion) { answer in
          guard let unsigned = answer["unsigned_transaction"]?.string,
            let payloads = Self.payloads(answer["payloads"])
          else { return fail(completion) }
          completion(
            .success(
              .members([
                ("ttl", .string(String(ttl))), ("unsignedTransaction", .string(unsigned)),
                ("payloads", .array(payloads)),
              ])))
        }
      }
    }
    return true
  }

  private func step(
    _ name: String, _ members: [(name: String, value: JSONValue)], _ completion: @escaping FactCompletion,
    then next: @escaping (JSONValue) -> Void
  ) {
    construction.step(name, members) { result in
      switch result {
      case .failure(let failure):
        completion(.failure(FactFailure(failure, asking: "unsigned transaction (\(name))")))
      case .success(let answer): next(answer)
      }
    }
  }

  private func fail(_ completion: FactCompletion) {
    completion(.failure(.unexpected(asking: "unsigned transaction")))
  }

  private static func payloads(_ json: JSONValue?) -> [JSONValue]? {
    guard let items = json?.array else { return nil }
    var payloads: [JSONValue] = []
    for item in items {
      guard let address = item["account_identifier"]?["address"]?.string ?? item["address"]?.string,
        let hex = item["hex_bytes"]?.string
      else { return nil }
      payloads.append(["address": .string(address), "hex": .string(hex.lowercased())])
    }
    return payloads
  }
}
