internal import KMSRecords

/// What a look-up of a transaction by its id (`GET /v3/{chain}/transaction/{hash}`) says about it.
public enum Presence: Sendable, Hashable {
  /// The network has it.
  case there
  /// In words that mean it: no block has it. Where the API looks into blocks only, it may still wait in a pool ("… or is
  /// still pending"); so this proves something only together with a refusal that is itself a verdict.
  case absent
  /// The answer says neither.
  case unknown

  /// Reads the answer to a look-up of `id`.
  public init(_ answer: Answer, of id: String) {
    switch answer {
    case .json(let json): self = Self.shows(json, id) ? .there : .unknown
    case .failure(.refused(_, let code, let words)):
      self = Self.isAbsence(code, words) ? .absent : .unknown
    case .failure: self = .unknown
    }
  }

  /// Whether a refused look-up means "not there". Tatum's codes: `tx.not.found` (Error404TxNotFound), and with the chain before it what its servers send,
  /// `eth.tx.not.found`, `btc.tx.not.found`.
  public static func isAbsence(_ code: String?, _ words: NetworkWords) -> Bool {
    code == "tx.not.found" || code?.hasSuffix(".tx.not.found") == true
      || table.verdict(of: words) == .refused
  }

  /// Whether `json` is a transaction, and no other one than `id`.
  private static func shows(_ json: JSONValue, _ id: String) -> Bool {
    guard let object = json.object, !object.members.isEmpty, json["error"] == nil, json["errorCode"] == nil
    else { return false }
    for name in ["hash", "txid", "txID", "txId", "transactionHash", "id"] {
      guard let other = json[name]?.string, other.utf8.count >= 32, id.utf8.count >= 32 else { continue }
      if plain(other) == plain(id) { return true }
      // Where there are witnesses, `hash` is that of all of it.
      if name != "hash" { return false }
    }
    return true
  }

  private static func plain(_ id: String) -> String {
    let id = id.lowercased()
    return id.hasPrefix("0x") ? String(id.dropFirst(2)) : id
  }

  /// How node software says that it does not know a transaction. `trouble` comes first: a node that can't look.
  private static let table = AnswerTable([
    AnswerTable.Rule(
      .refused, "Tatum: Error404TxNotFound; connectors: getTransaction", "Transaction not found",
      "Tx not found",
      "Unable to find transaction", "No such transaction",
      .all(["Transaction", "not found. Possible not exists"])),
    AnswerTable.Rule(
      .refused, "bitcoind, rpc/rawtransaction.cpp: getrawtransaction",
      "No such mempool or blockchain transaction",
      "No information available about transaction"),
    AnswerTable.Rule(.refused, "rippled, ErrorCodes.cpp: rpcTXN_NOT_FOUND", .code("txnNotFound")),
    AnswerTable.Rule(
      .refused, "Horizon, support/render/problem: NotFound", "The resource at the url requested was not found"
    ),
    AnswerTable.Rule(
      .refused, "algod: GetPendingTransaction; indexer: errNoTxnFound", "could not find the transaction",
      "no transaction found for transaction id"),
    AnswerTable.Rule(.refused, "flow-go, access: NotFound", "could not retrieve transaction: key not found"),
    AnswerTable.Rule(
      .trouble, "any", "timeout", "timed out", "syncing", "not synced", "Use -txindex", "ECONNREFUSED",
      "transaction indexing is in progress"),
  ])
}
