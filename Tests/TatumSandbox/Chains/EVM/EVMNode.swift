import KMSCrypto
import KMSPrimitives
import KMSRecords

/// The network of one Ethereum-like chain: accounts, their nonces, and transactions that wait to be mined.
struct EVMNode: ChainNode {
  static let chains = SandboxEVMNetwork.all.map(\.chain)

  struct Account {
    var nonce: UInt64 = 0
    /// In wei; unlimited when nil.
    var balance: [UInt8]?
    /// Accepted and not mined, by nonce.
    var waiting: [UInt64: EVMTransaction] = [:]

    /// The count that includes waiting transactions without a gap.
    var pendingNonce: UInt64 {
      var next = nonce
      while waiting[next] != nil { next += 1 }
      return next
    }
  }

  let chain: String
  /// The id that transactions must be signed for.
  private(set) var chainID: UInt64
  /// The id that the node claims, where a test lets it lie.
  private(set) var reportedChainID: UInt64?
  private(set) var gasPrice: [UInt8] = Quantity.minimalBytes(20_000_000_000)
  private(set) var baseFee: [UInt8] = Quantity.minimalBytes(7_000_000_000)
  /// Fixed answers of eth_estimateGas by receiver, and receivers that revert.
  private(set) var estimates: [String: UInt64] = [:]
  private(set) var reverts: Set<String> = []
  private(set) var block: UInt64 = 1_000
  /// Whether an account that the state does not name has no funds, and its transactions are refused.
  private(set) var onlyKnownAccounts = false
  private var accounts: [String: Account] = [:]

  init(chain: String, testnet: Bool) {
    self.chain = chain
    let network = SandboxEVMNetwork.all.first { $0.chain == chain }
    chainID = (testnet ? network?.testnet : network?.mainnet) ?? 0
  }

  mutating func merge(_ state: JSONValue) throws(ControlError) {
    for member in state.object?.members ?? [] {
      let value = member.value
      switch member.name {
      case "chainId": chainID = try number(value, member.name)
      case "reportedChainId": reportedChainID = try number(value, member.name)
      case "block": block = try number(value, member.name)
      case "gasPrice": gasPrice = try quantity(value, member.name)
      case "baseFee": baseFee = try quantity(value, member.name)
      case "onlyKnownAccounts": onlyKnownAccounts = value.bool ?? false
      case "reverts": reverts = Set((value.array ?? []).compactMap(\.string).map(Self.canonical))
      case "estimates":
        for entry in value.object?.members ?? [] {
          estimates[Self.canonical(entry.name)] = try number(entry.value, "estimates")
        }
      case "accounts":
        for entry in value.object?.members ?? [] { try merge(account: entry.name, entry.value) }
      default: throw ControlError("\(chain): unknown member \(member.name)")
      }
    }
  }

  private mutating func merge(account name: String, _ json: JSONValue) throws(ControlError) {
    let address = Self.canonical(name)
    guard address.utf8.count == 42 else { throw ControlError("\(chain): \(name) is not an address") }
    var account = accounts[address] ?? Account()
    if let nonce = json["nonce"] { account.nonce = try number(nonce, "nonce") }
    if let balance = json["balance"] { account.balance = try quantity(balance, "balance") }
    account.waiting = account.waiting.filter { $0.key >= account.nonce }
    accounts[address] = account
  }

  private func number(_ json: JSONValue, _ name: String) throws(ControlError) -> UInt64 {
    guard let number = json.uint64 else { throw ControlError("\(chain): \(name) must be an integer") }
    return number
  }

  private func quantity(_ json: JSONValue, _ name: String) throws(ControlError) -> [UInt8] {
    guard let bytes = Quantity.bytes(json) else { throw ControlError("\(chain): \(name) must be an integer") }
    return bytes
  }

  mutating func learn(from pending: JSONValue) {}

  // MARK: Accounts

  /// Lower case with 0x; the own forms of XDC and ONE are replaced.
  static func canonical(_ address: String) -> String {
    let text = address.lowercased()
    if let bytes = Bech32.decodeBytes(text, hrp: "one") { return EVMTransaction.text(bytes) }
    return text.hasPrefix("xdc") ? "0x" + text.dropFirst(3) : text
  }

  func nonce(of address: String, includingWaiting: Bool) -> UInt64 {
    guard let account = accounts[Self.canonical(address)] else { return 0 }
    return includingWaiting ? account.pendingNonce : account.nonce
  }

  func balance(of address: String) -> [UInt8] {
    accounts[Self.canonical(address)]?.balance ?? Quantity.minimalBytes(1_000_000_000_000_000_000)
  }

  /// The lowest gas limit that a call succeeds with; nil when it reverts.
  func estimate(to: String?, data: [UInt8]) -> UInt64? {
    let receiver = to.map(Self.canonical)
    if let receiver, reverts.contains(receiver) { return nil }
    return receiver.flatMap { estimates[$0] } ?? EVMTransaction.gas(data: data, creates: to == nil)
  }

  // MARK: Transactions

  mutating func accept(_ txData: String, pending: JSONValue?) throws(Refusal) -> AcceptedTransaction {
    guard txData.hasPrefix("0x"), let raw = Hex.decode(txData.dropFirst(2)) else {
      throw Refusal("txData is not 0x and hexadecimal digits")
    }
    let transaction = try EVMTransaction(raw, chain: chain)
    guard transaction.chainID == chainID else {
      throw Refusal("invalid chain id for signer: have \(transaction.chainID) want \(chainID)")
    }
    let sender = EVMTransaction.text(transaction.sender)
    let isKnown = accounts[sender] != nil
    guard isKnown || !onlyKnownAccounts else {
      throw Refusal("insufficient funds for gas * price + value: address \(sender) have 0")
    }
    var account = accounts[sender] ?? Account()
    try check(transaction, account)
    var flags: [String] = []
    if let earlier = account.waiting[transaction.nonce] { flags.append("replaces \(earlier.txId)") }
    if transaction.nonce > account.pendingNonce { flags.append("queued") }
    if !isKnown { flags.append("unknown-sender") }
    account.waiting[transaction.nonce] = transaction
    accounts[sender] = account

    return AcceptedTransaction(
      txId: transaction.txId, senders: [sender], nonce: String(transaction.nonce),
      outputs: [
        [
          "to": transaction.to.map { .string(EVMTransaction.text($0)) } ?? .null,
          "value": .string(Quantity.decimal(transaction.value)),
          "data": .string("0x" + Hex.encode(transaction.data)),
        ]
      ],
      mismatches: pending.map { Self.mismatches(transaction, $0) }, flags: flags,
      details: [
        ("type", .string(transaction.kind.rawValue)), ("chainId", .string(String(transaction.chainID))),
        ("gas", .string(String(transaction.gasLimit))),
        ("gasPrice", .string(Quantity.decimal(transaction.maximumFee))),
        ("feeCurrency", transaction.feeCurrency.map { .string(EVMTransaction.text($0)) } ?? .null),
      ])
  }

  /// The checks of a node's transaction pool, in the words of go-ethereum (core/txpool).
  private func check(_ transaction: EVMTransaction, _ account: Account) throws(Refusal) {
    guard account.waiting[transaction.nonce]?.txId != transaction.txId else { throw Refusal("already known") }
    guard transaction.nonce >= account.nonce else {
      throw Refusal("nonce too low: next nonce \(account.nonce), tx nonce \(transaction.nonce)")
    }
    guard transaction.gasLimit >= transaction.intrinsicGas else {
      throw Refusal(
        "intrinsic gas too low: gas \(transaction.gasLimit), minimum needed \(transaction.intrinsicGas)")
    }
    if let balance = account.balance {
      let price = Quantity.uint128(transaction.maximumFee), value = Quantity.uint128(transaction.value)
      let fee = price?.multipliedReportingOverflow(by: UInt128(transaction.gasLimit))
      let cost = fee.flatMap { fee in value.map { fee.partialValue.addingReportingOverflow($0) } }
      guard let fee, let cost, !fee.overflow, !cost.overflow, let have = Quantity.uint128(balance),
        cost.partialValue <= have
      else { throw Refusal("insufficient funds for gas * price + value") }
    }
    if let earlier = account.waiting[transaction.nonce] {
      // A replacement must pay 10 % more; anything else is a second transaction for the same nonce.
      let old = Quantity.uint128(earlier.maximumFee) ?? .max,
        new = Quantity.uint128(transaction.maximumFee) ?? .max
      guard new / 110 >= old / 100 && new > old else { throw Refusal("replacement transaction underpriced") }
    }
  }

  mutating func mine() {
    block += 1
    for address in accounts.keys {
      guard var account = accounts[address], !account.waiting.isEmpty else { continue }
      while account.waiting.removeValue(forKey: account.nonce) != nil { account.nonce += 1 }
      accounts[address] = account
    }
  }

  var summary: JSONValue {
    var all = JSONObject()
    for (address, account) in accounts.sorted(by: { $0.key < $1.key }) {
      all[address] = [
        "nonce": .string(String(account.nonce)), "pendingNonce": .string(String(account.pendingNonce)),
        "waiting": .array(
          account.waiting.sorted { $0.key < $1.key }.map { .string($0.value.txId) }),
      ]
    }
    return [
      "chainId": .string(String(chainID)), "block": .string(String(block)),
      "gasPrice": .string(Quantity.decimal(gasPrice)), "accounts": .object(all),
    ]
  }

  // MARK: What was asked for

  /// The names of members of the pending transaction that the signed one does not do.
  private static func mismatches(_ signed: EVMTransaction, _ pending: JSONValue) -> [String] {
    guard let text = pending["serializedTransaction"]?.string, let wanted = try? JSONValue(parsing: text)
    else {
      return ["serializedTransaction"]
    }
    var wrong: [String] = []
    func compare(_ name: String, _ value: [UInt8], zeroIsMissing: Bool = false) {
      guard let asked = wanted[name], asked.string != "" else { return }
      let bytes = Quantity.bytes(asked)
      if bytes != value && !(zeroIsMissing && bytes == []) { wrong.append(name) }
    }
    let to = wanted["to"]?.string.map(canonical)
    if to != signed.to.map(EVMTransaction.text) { wrong.append("to") }
    if wanted["value"] == nil && !signed.value.isEmpty { wrong.append("value") }
    compare("value", signed.value)
    compare("chainId", Quantity.minimalBytes(signed.chainID))
    compare("nonce", Quantity.minimalBytes(signed.nonce))
    compare("gas", Quantity.minimalBytes(signed.gasLimit), zeroIsMissing: true)
    compare("gasLimit", Quantity.minimalBytes(signed.gasLimit), zeroIsMissing: true)
    compare("gasPrice", signed.maximumFee, zeroIsMissing: true)
    compare("maxFeePerGas", signed.maximumFee)
    compare("maxPriorityFeePerGas", signed.priorityFee)
    let data = (wanted["data"] ?? wanted["input"])?.string.flatMap { Hex.decodePrefixed($0) } ?? []
    if data != signed.data { wrong.append("data") }
    if wanted["feeCurrency"]?.string?.lowercased() != signed.feeCurrency.map(EVMTransaction.text) {
      wrong.append("feeCurrency")
    }
    return wrong
  }
}
