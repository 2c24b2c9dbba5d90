internal import KMSPrimitives
internal import KMSRecords

/// The facts of VET, from a node of the VeChain Foundation: `chainTag`, `blockRef`, `gas`, and a random `nonce`.
struct VeChainFacts: Sendable {
  /// The node, as in the original.
  private let node: Call.Server

  init(testnet: Bool) {
    node = .publicNode(
      defaultURL: testnet ? "https://sync-testnet.vechain.org" : "https://sync-mainnet.vechain.org")
  }

  /// `nonce`: any 64 bits; they only tell equal transactions apart. Chosen here, so that signing stays a pure function.
  static let nonce = Need("random nonce", lifetime: .transaction, randomBytes: 8) { given in
    .done(Fact("nonce", .string(Hex.encodePrefixed(given.random))))
  }

  /// `chainTag`, the last byte of the genesis block's id, and `blockRef`, the first eight of the best block's.
  var blockReference: Need {
    Need("block reference") { [node] _ in
      .askAll([Call(.get, "/blocks/0", at: node), Call(.get, "/blocks/best", at: node)]) {
        (answers) throws(DialogueFailure) in
        let genesis = try Self.blockID(answers[0], "chain tag")
        let best = try Self.blockID(answers[1], "block reference")
        return .done(
          Fact([
            ("chainTag", .string(String(UInt8(genesis.suffix(2), radix: 16) ?? 0))),
            ("blockRef", .string("0x" + best.dropFirst(2).prefix(16))),
          ]))
      }
    }
  }

  /// The id of a block: `0x` and 64 digits.
  private static func blockID(_ answer: Answer, _ what: String) throws(DialogueFailure) -> String {
    try answer.read(asking: what) { block in
      guard let id = block["id"]?.string?.lowercased(), id.utf8.count == 66, UInt256(quantity: id) != nil
      else {
        return nil
      }
      return id
    }
  }

  /// `gas`: simulates the clause; the intrinsic part, and what was used with a reserve, as in the original.
  func gas(of call: ContractCall) -> Need {
    let name = "gas limit"
    return Need(name, question: "gas \(call.question)") { [node] _ in
      guard let value = UInt256(decimal: call.value ?? "0") else {
        return .failed(DialogueFailure(.refused, "\(name): value is not an integer of at most 256 bits"))
      }
      guard let intrinsic = Self.intrinsicGas(of: call) else {
        return .failed(DialogueFailure(.refused, "\(name): data is not hexadecimal"))
      }
      var body: JSONObject = JSONObject()
      body["clauses"] = [
        [
          "to": call.to.map(JSONValue.string) ?? .null, "value": .string(value.hexText),
          "data": .string(call.data ?? "0x"),
        ]
      ]
      body["caller"] = call.from.map(JSONValue.string)
      let simulation = Call(
        .post, "/accounts/*", at: node, query: [Call.Field("revision", "best")], body: .object(body))
      return .ask(simulation, name) { (answer) throws(DialogueFailure) in
        guard let output = answer.array?.first, let used = output["gasUsed"]?.uint64, used < 1 << 48 else {
          return nil
        }
        guard output["reverted"]?.bool != true else {
          throw DialogueFailure(
            .refused, "\(name): the call would be reverted: \(output["vmError"]?.string ?? "reverted")")
        }
        return Fact("gas", .string(String(intrinsic + (used > 0 ? used + 15_000 : 0))))
      }
    }
  }

  /// What the call takes before its first instruction; nil when the data is not `0x` and whole bytes.
  static func intrinsicGas(of call: ContractCall) -> UInt64? {
    let data = call.data ?? "0x"
    guard data.hasPrefix("0x"), let bytes = Hex.decodePrefixed(data) else { return nil }
    return VeChainGas.intrinsic([(isCreation: call.to == nil, data: bytes)])
  }
}
