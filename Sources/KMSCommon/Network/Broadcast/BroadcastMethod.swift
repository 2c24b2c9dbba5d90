internal import KMSRecords

/// A signed transaction on its way to the network, as kms-broadcast sees it.
struct SignedRecord {
  let id: String
  let chain: String
  let testnet: Bool
  /// The string for the broadcast endpoint.
  private(set) var txData: String
  /// The transaction id that was computed when signing; nil where only broadcasting settles it.
  let txID: String?
  /// The senders: transactions that share one are sent in order.
  let senders: [String]
  /// Set for the withdrawal of a virtual account.
  let withdrawalID: String?
  /// Whether kms-sign emitted recorded bytes once more, so that they may have been sent before.
  let isReused: Bool
  /// All of the member `signed`, for chains whose broadcast needs more.
  let signed: JSONValue
  /// The network facts that it was signed with.
  let context: JSONValue

  /// Nil when `record` has no `signed` member, or one without `txData`.
  init?(_ record: Record) {
    guard let signed = record["signed"], let txData = signed["txData"]?.string, !txData.isEmpty else {
      return nil
    }
    id = record.id
    chain = record.chain
    testnet = record.testnet
    self.txData = txData
    txID = signed["txId"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    senders = signed["from"]?.string.map { [$0] } ?? (signed["from"]?.array ?? []).compactMap(\.string)
    withdrawalID = record.pending["withdrawalId"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    isReused = signed["reused"]?.bool ?? false
    self.signed = signed
    context = record["context"] ?? [:]
  }

  /// The same transaction with another text for the broadcast endpoint.
  func with(txData: String) -> SignedRecord {
    var copy = self
    copy.txData = txData
    return copy
  }
}

/// A call that a broadcast consists of.
struct BroadcastCall: Hashable {
  let path: String
  let body: JSONValue
}

/// How one chain's transactions reach its network.
protocol BroadcastMethod {
  /// The call that `send` begins with; what `--dry-run` shows.
  func firstCall(for transaction: SignedRecord) -> BroadcastCall

  /// Sends the transaction; the answer is that of the API's broadcast endpoint.
  func send(
    _ transaction: SignedRecord, api: TatumAPI, completion: @escaping (Result<JSONValue, APIFailure>) -> Void)
}

/// The signed bytes go to Tatum's broadcast endpoint, which does the rest: all chains but a few.
struct TatumBroadcast: BroadcastMethod {
  /// The chain's name in `/v3/{name}/broadcast`.
  let name: String
  /// Whether withdrawals of virtual accounts have an endpoint of their own; elsewhere `withdrawalId` is ignored.
  var hasWithdrawals = false

  func firstCall(for transaction: SignedRecord) -> BroadcastCall {
    if hasWithdrawals, let withdrawalID = transaction.withdrawalID {
      return BroadcastCall(
        path: "/v3/offchain/withdrawal/broadcast",
        body: [
          "currency": .string(transaction.chain), "txData": .string(transaction.txData),
          "withdrawalId": .string(withdrawalID), "signatureId": .string(transaction.id),
        ])
    }
    return BroadcastCall(
      path: "/v3/\(name)/broadcast",
      body: ["txData": .string(transaction.txData), "signatureId": .string(transaction.id)])
  }

  func send(
    _ transaction: SignedRecord, api: TatumAPI, completion: @escaping (Result<JSONValue, APIFailure>) -> Void
  ) {
    let call = firstCall(for: transaction)
    api.callJSON(.post, call.path, body: call.body, repeating: .onlyUnsent, completion: completion)
  }
}

/// The way of each chain.
enum BroadcastMethods {
  /// The chain's name in the API's paths.
  static let names: [String: String] = [
    "BTC": "bitcoin", "BCH": "bcash", "LTC": "litecoin", "DOGE": "dogecoin", "ETH": "ethereum", "BSC": "bsc",
    "MATIC": "polygon", "KLAY": "klaytn", "ONE": "one", "XDC": "xdc", "CELO": "celo", "KCS": "kcs",
    "VET": "vet",
    "TRON": "tron", "BNB": "bnb", "XRP": "xrp", "XLM": "xlm", "SOL": "solana", "ALGO": "algorand",
    "EGLD": "egld", "FLOW": "flow", "ADA": "ada",
  ]

  private static let withWithdrawals: Set<String> = ["BTC", "LTC", "DOGE", "BCH", "ETH", "ONE"]

  /// The way of `chain`; nil for a name that is none.
  static func method(for chain: String, nodes: PublicNodes = PublicNodes()) -> (any BroadcastMethod)? {
    switch chain {
    case "SOL": SolanaBroadcast()
    case "ADA": CardanoBroadcast()
    case "FLOW": FlowBroadcast(node: nodes.address(of: "FLOW"))
    default: names[chain].map { TatumBroadcast(name: $0, hasWithdrawals: withWithdrawals.contains(chain)) }
    }
  }
}
