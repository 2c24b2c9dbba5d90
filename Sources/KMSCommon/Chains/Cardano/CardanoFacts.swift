public import KMSRecords

/// The Rosetta construction API of Cardano behind the API's nodes.
public enum CardanoConstruction {
  /// One step; its body is completed with the network.
  public static func step(_ name: String, _ members: [(name: String, value: JSONValue)], testnet: Bool)
    -> Call
  {
    var body = JSONObject()
    body["network_identifier"] = ["blockchain": "cardano", "network": testnet ? "preprod" : "mainnet"]
    for member in members { body[member.name] = member.value }
    return Call(
      .post, Call.node(testnet ? "cardano-preprod" : "cardano-mainnet", "/construction/\(name)"),
      body: .object(body))
  }
}

/// The facts of ADA: `ttl`, `unsignedTransaction`, `payloads`, in three steps.
///
/// kms-sign takes the transaction apart and compares it with the operations before it signs.
enum CardanoFacts {
  private static let name = "unsigned transaction"

  static func payloads(for operations: JSONValue, testnet: Bool) -> Need {
    @Sendable func step(_ step: String, _ members: [(name: String, value: JSONValue)]) -> Dialogue<JSONValue>
    {
      .ask(CardanoConstruction.step(step, members, testnet: testnet), "\(name) (\(step))") { $0 }
    }
    return Need(name, question: operations.text, lifetime: .transaction) { _ in
      step(
        "preprocess",
        [
          ("operations", operations),
          ("metadata", ["relative_ttl": .number(JSONNumber(CardanoChain.relativeTTL))]),
        ]
      ).flatMap { (answer) throws(DialogueFailure) in
        // The whole answer is {"options": …}, and the next step takes it as it is.
        guard let options = answer["options"] else { throw .notUnderstood(asking: name) }
        return step("metadata", [("options", options)])
      }.flatMap { (answer) throws(DialogueFailure) in
        guard let metadata = answer["metadata"], let ttl = metadata["ttl"]?.uint64 else {
          throw .notUnderstood(asking: name)
        }
        return step("payloads", [("operations", operations), ("metadata", metadata)]).map {
          (answer) throws(DialogueFailure) in
          guard let unsigned = answer["unsigned_transaction"]?.string,
            let payloads = read(answer["payloads"])
          else { throw .notUnderstood(asking: name) }
          return Fact([
            ("ttl", .string(String(ttl))), ("unsignedTransaction", .string(unsigned)),
            ("payloads", .array(payloads)),
          ])
        }
      }
    }
  }

  private static func read(_ json: JSONValue?) -> [JSONValue]? {
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
