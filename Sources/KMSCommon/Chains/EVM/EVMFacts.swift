internal import KMSPrimitives
internal import KMSRecords

/// The facts of an EVM network: `chainId`, `nonce`, `gas`, `gasPrice`, all as decimal text; docs/chains.md, "Network data".
struct EVMFacts: Sendable {
  let network: EVMNetwork
  /// The network that is asked.
  let part: EVMNetwork.Network

  /// The facts of `network`, on its main network, or the test network of `chainID`, else the one that is meant.
  init(_ network: EVMNetwork, testnet: Bool, chainID: UInt64? = nil) {
    self.network = network
    part = network.network(testnet: testnet, chainID: chainID)
  }

  /// `chainId`: the one that the transaction carries, else that of the network whose node is asked for everything else, by
  /// a name that means one network only. Where a name may mean several, the node says which; kms-sign compares it with its
  /// pinned table.
  func chainID(carried: UInt64?) -> Need {
    let isSettled = ([network.mainnet] + network.testnets).count { $0.node == part.node } == 1
    guard let known = carried ?? (isSettled ? part.chainID : nil) else { return statedChainID }
    return .constant(member: "chainId", value: .string(String(known)))
  }

  /// `chainId` as the node says it.
  var statedChainID: Need { ask("chain id", "chainId", network.chainIDMethod, []) }

  /// `nonce`: the pending count of the account.
  func nonce(of address: String) -> Need {
    let name = "nonce"
    guard network.hasCount else {
      return ask(
        name, "nonce", method("getTransactionCount"), [.string(address), "pending"], about: address)
    }
    let call = Call(
      .get, "/v3/\(network.apiName)/transaction/count/\(Call.segment(address))",
      headers: part.header.map { [Call.Field("x-testnet-type", $0)] } ?? [])
    return Need(name, question: "nonce \(address) on \(part.chainID)") { _ in
      .ask(call, name) { json in
        let text = json.number?.digits ?? json.string ?? ""
        return (UInt256(decimal: text) ?? UInt256(quantity: text)).map {
          Fact("nonce", .string($0.description))
        }
      }
    }
  }

  /// `gasPrice` in wei; where fees may be paid in tokens, in the units of `feeCurrency`.
  func gasPrice(feeCurrency: String? = nil) -> Need {
    let name = "gas price"
    switch network.price {
    case .fixed(let price): return .constant(member: "gasPrice", value: .string(String(price)))
    case .node(let minimum):
      return ask(name, "gasPrice", method("gasPrice"), []) { $0 < UInt256(minimum) ? UInt256(minimum) : $0 }
    case .feeCurrency:
      let isDollar = feeCurrency.map { Self.celoDollars.contains($0.lowercased()) } ?? false
      return ask(
        name, "gasPrice", method("gasPrice"), feeCurrency.map { [.string($0)] } ?? [],
        about: feeCurrency ?? ""
      ) { price in
        isDollar && !(UInt256(500_000_000) < price) ? UInt256(1_000_000_000) : price
      }
    // The endpoint can't be told which test network is meant.
    case .feeEndpoint where part.header != nil: return ask(name, "gasPrice", method("gasPrice"), [])
    case .feeEndpoint:
      return Need(name) { [chain = network.name] _ in
        .ask(Call(.get, "/v3/blockchain/fee/\(chain)"), name) { json in
          let medium = json["medium"]
          guard let price = (medium?.number?.digits ?? medium?.string).flatMap({ UInt256(decimal: $0) }),
            price != .zero
          else { return nil }
          return Fact("gasPrice", .string(price.description))
        }
      }
    }
  }

  /// cUSD on mainnet and on Alfajores: the original's price floor for them.
  private static let celoDollars: Set<String> = [
    "0x765de816845861e75a25fca122bb6898b8b1282a", "0x874069fa1eb16d44d622f2e0ca25eea172369bc1",
  ]

  /// `gas`: the estimate for the whole call; without the value, contracts that want to be paid would revert (defect F23).
  func gas(of call: ContractCall) -> Need {
    let name = "gas limit"
    var object = JSONObject()
    object["from"] = call.from.map(JSONValue.string)
    object["to"] = call.to.map(JSONValue.string)
    object["data"] = call.data.map(JSONValue.string)
    for (member, decimal) in [("value", call.value), ("gasPrice", call.gasPrice), ("nonce", call.nonce)] {
      guard let decimal else { continue }
      guard let number = UInt256(decimal: decimal) else {
        return Need(name, question: "gas \(call.question)") { _ in
          .failed(DialogueFailure(.refused, "\(name): \(member) is not an integer of at most 256 bits"))
        }
      }
      object[member] = .string(number.hexText)
    }
    let extra = UInt256(network.extraGas)
    return ask(name, "gas", method("estimateGas"), [.object(object)], about: call.question) {
      $0.adding(extra)
    }
  }

  // MARK: Asking nodes

  private func method(_ name: String) -> String { "\(network.methods)_\(name)" }

  /// Asks the node for a quantity, and fills `member` with what `adjust` makes of it.
  private func ask(
    _ name: String, _ member: String, _ method: String, _ parameters: [JSONValue], about subject: String = "",
    adjust: @escaping @Sendable (UInt256) -> UInt256? = { $0 }
  ) -> Need {
    // Test networks of one chain are networks of their own.
    Need(name, question: "\(name) \(subject) on \(part.chainID)") {
      [chain = network.name, node = part.node] _ in
      guard let node else {
        return .failed(DialogueFailure(.refused, "\(name): the API has no node of this network of \(chain)"))
      }
      return .ask(.rpc(node, method, parameters)) { (answer) throws(DialogueFailure) in
        let result = try answer.result(asking: name, isVerdict: Self.isVerdict)
        guard let value = result.string.flatMap({ UInt256(quantity: $0) }).flatMap(adjust) else {
          throw .notUnderstood(asking: name)
        }
        return .done(Fact(member, .string(value.description)))
      }
    }
  }

  /// Whether a node's error is about the transaction: the call would fail, whoever is asked. Sources: EIP-1474 and
  /// geth's `internal/ethapi/errors.go` (code 3, with the reason of a revert), `core/error.go` and
  /// `core/vm/errors.go` (the texts, which bor, erigon, Kaia and Nethermind share).
  static func isVerdict(_ code: Int64?, _ text: String) -> Bool {
    if code == 3 { return true }
    let text = text.lowercased()
    return verdicts.contains { text.contains($0) }
  }

  private static let verdicts = [
    "execution reverted", "insufficient funds", "gas required exceeds allowance",
    "always failing transaction", "invalid opcode", "invalid jump destination", "stack underflow",
    "insufficient balance for transfer",
  ]
}

extension UInt256 {
  /// Reads a quantity of JSON-RPC such as `0x5208`; leading zeros and the empty quantity `0x`, which some nodes write,
  /// are read as well. Nil for everything else, and from 2^256 on.
  package init?(quantity text: String) {
    let digits = text.utf8
    guard digits.count >= 2, digits.first == 0x30,
      digits.dropFirst().first.map({ $0 | 32 }) == 0x78
    else {
      return nil
    }
    if digits.count == 2 {
      self = .zero
    } else {
      self.init(hex: digits.dropFirst(2))
    }
  }
}
