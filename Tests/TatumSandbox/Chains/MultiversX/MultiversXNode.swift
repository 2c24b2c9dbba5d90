import KMSCrypto
import KMSPrimitives
import KMSRecords

/// A node of MultiversX: accounts with nonces, and transactions in JSON.
struct MultiversXNode: ChainNode {
  static let chains = ["EGLD"]

  struct Account {
    var nonce: UInt64 = 0
    /// Accepted and not in a block, by nonce.
    var waiting: [UInt64: String] = [:]
  }

  private let chainID: String
  private var gasPrice: UInt64 = 1_000_000_000
  private var version: UInt64 = 1
  /// What the estimate says for a receiver instead of the cost of a move.
  private var estimates: [String: UInt64] = [:]
  private var accounts: [String: Account] = [:]

  init(testnet: Bool) { chainID = testnet ? "T" : "1" }

  mutating func merge(_ state: JSONValue) throws(ControlError) {
    for member in state.object?.members ?? [] {
      switch member.name {
      case "gasPrice": gasPrice = try number(member)
      case "version": version = try number(member)
      case "accounts":
        for entry in member.value.object?.members ?? [] {
          guard Self.key(entry.name) != nil, let nonce = entry.value["nonce"]?.uint64 else {
            throw ControlError("EGLD: \(entry.name) is not an address with a nonce")
          }
          accounts[entry.name, default: Account()].nonce = nonce
        }
      case "estimates":
        for entry in member.value.object?.members ?? [] { estimates[entry.name] = try number(entry) }
      default: throw ControlError("EGLD: unknown member \(member.name)")
      }
    }
  }

  private func number(_ member: JSONObject.Member) throws(ControlError) -> UInt64 {
    guard let number = member.value.uint64 else {
      throw ControlError("EGLD: \(member.name) must be an integer")
    }
    return number
  }

  mutating func learn(from pending: JSONValue) {}

  private static func key(_ address: String) -> [UInt8]? {
    Bech32.decodeBytes(address, hrp: "erd").flatMap { $0.count == 32 ? $0 : nil }
  }

  // MARK: What the node tells

  /// The answer of the gateway's own interface; nil where there is none.
  func answer(_ method: String, _ path: [String], _ body: JSONValue?) -> JSONValue? {
    func answer(_ data: JSONValue) -> JSONValue { ["data": data, "error": "", "code": "successful"] }
    switch (method, path.count) {
    case ("GET", 2) where path == ["network", "config"]:
      return answer([
        "config": [
          "erd_chain_id": .string(chainID), "erd_min_gas_price": .number(JSONNumber(gasPrice)),
          "erd_min_gas_limit": 50000, "erd_gas_per_data_byte": 1500,
          "erd_min_transaction_version": .number(JSONNumber(version)),
        ]
      ])
    case ("GET", 3) where path[0] == "address" && path[2] == "nonce":
      guard Self.key(path[1]) != nil else { return nil }
      return answer(["nonce": .number(JSONNumber(accounts[path[1]]?.nonce ?? 0))])
    case ("POST", 2) where path == ["transaction", "cost"]:
      guard let body, let to = body["receiver"]?.string, body["sender"]?.string.flatMap(Self.key) != nil,
        body["value"]?.string != nil, body["chainID"]?.string == chainID
      else { return ["data": .null, "error": "transaction generation failed", "code": "bad_request"] }
      let data = body["data"]?.string.flatMap { Base64.decode($0) } ?? []
      return answer([
        "txGasUnits": .number(JSONNumber(estimates[to] ?? 50_000 + 1500 * UInt64(data.count))),
        "returnMessage": "",
      ])
    default: return nil
    }
  }

  // MARK: Transactions

  mutating func accept(_ txData: String, pending: JSONValue?) throws(Refusal) -> AcceptedTransaction {
    let transaction = try MultiversXTransfer(txData)
    guard transaction.chainID == chainID else {
      throw Refusal("transaction generation failed: invalid chain ID")
    }
    guard transaction.version >= version, transaction.gasPrice >= gasPrice else {
      throw Refusal("transaction generation failed: insufficient gas price in tx, or invalid version")
    }
    guard transaction.gasLimit >= 50_000 + 1500 * UInt64(transaction.data.count) else {
      throw Refusal("transaction generation failed: insufficient gas limit in tx")
    }
    var account = accounts[transaction.sender] ?? Account()
    guard transaction.nonce >= account.nonce else {
      throw Refusal("transaction generation failed: lowerNonceInTransaction: true")
    }
    var flags: [String] = []
    if let other = account.waiting[transaction.nonce] {
      flags.append(other == transaction.id ? "already-waiting" : "replaces \(other)")
    }
    if transaction.nonce > account.nonce,
      !(account.nonce..<transaction.nonce).allSatisfy({ account.waiting[$0] != nil })
    {
      flags.append("queued")
    }
    account.waiting[transaction.nonce] = transaction.id
    accounts[transaction.sender] = account
    return AcceptedTransaction(
      txId: transaction.id, senders: [transaction.sender], nonce: String(transaction.nonce),
      outputs: [
        [
          "to": .string(transaction.receiver), "value": .string(transaction.value),
          "data": .string(String(decoding: transaction.data, as: UTF8.self)),
        ]
      ],
      mismatches: pending.map { transaction.mismatches($0) }, flags: flags,
      details: [
        ("gas", .string(String(transaction.gasLimit))), ("gasPrice", .string(String(transaction.gasPrice))),
      ])
  }

  mutating func mine() {
    for address in accounts.keys {
      while let nonce = accounts[address]?.nonce, accounts[address]?.waiting.removeValue(forKey: nonce) != nil
      {
        accounts[address]?.nonce += 1
      }
    }
  }

  var summary: JSONValue {
    var all = JSONObject()
    for (address, account) in accounts.sorted(by: { $0.key < $1.key }) {
      all[address] = [
        "nonce": .string(String(account.nonce)),
        "waiting": .array(account.waiting.sorted { $0.key < $1.key }.map { .string($0.value) }),
      ]
    }
    return ["chainId": .string(chainID), "accounts": .object(all)]
  }
}

extension SandboxState {
  /// /v3/blockchain/node/egld-…: the gateway's REST interface.
  mutating func multiversXCall(_ path: [String], _ request: Request) -> Reply {
    guard let node = nodes["EGLD"] as? MultiversXNode,
      let answer = node.answer(request.method, path, try? JSONValue(parsing: request.body))
    else { return .noRoute(request) }
    return .json(answer)
  }
}
