import KMSRecords
import TatumDescription

/// /v3/kms/…, /v3/…/broadcast and the error report; reference "Tatum KMS HTTP API".
extension SandboxState {
  mutating func poll(_ chain: String, _ request: Request) -> Reply {
    guard request.header("x-ttm-kms-client-version") != nil else {
      return Self.invalid("x-ttm-kms-client-version", "is a required header")
    }
    guard let ids = SignatureIDList(body: request.body) else {
      return Self.invalid("signatureIds", "each value in signatureIds must be a UUID")
    }
    guard ids.count <= SignatureIDList.maximumCount else {
      return Self.invalid("signatureIds", "signatureIds must contain no more than 25000 elements")
    }
    return Reply(
      headers: [("content-type", "application/json; charset=utf-8")],
      body: pending.list(chain: chain, signatureIDs: ids))
  }

  mutating func transaction(_ id: String, _ method: String) -> Reply {
    guard id.utf8.count == 24 else { return Self.invalid("id", "id must be 24 characters") }
    guard let item = pending[id] else { return Self.missing(id) }
    if method == "DELETE" {
      _ = pending.remove(id)
      return .empty(204)
    }
    return .json(item.object)
  }

  mutating func complete(_ id: String, _ txId: String) -> Reply {
    guard id.utf8.count == 24, (10...80).contains(txId.utf8.count) else {
      return Self.invalid("txId", "id must be 24 and txId 10 to 80 characters")
    }
    guard pending[id] != nil else { return Self.missing(id) }
    _ = pending.complete(id, txId: txId)
    return .empty(204)
  }

  mutating func broadcast(_ chain: String, _ request: Request, _ faults: inout [String]) -> Reply {
    let json = try? JSONValue(parsing: request.body)
    guard let txData = json?["txData"]?.string, (1...500_000).contains(txData.utf8.count) else {
      return Self.invalid("txData", "txData must be a string of 1 to 500000 characters")
    }
    let signatureID = json?["signatureId"]?.string
    do throws(Refusal) {
      let accepted = try accept(chain, txData, signatureID: signatureID)
      return finish(accepted, chain, signatureID, [], request, &faults)
    } catch {
      return refuse(chain, txData, signatureID, error)
    }
  }

  mutating func broadcastWithdrawal(_ request: Request, _ faults: inout [String]) -> Reply {
    let json = try? JSONValue(parsing: request.body)
    guard let chain = json?["currency"]?.string, let txData = json?["txData"]?.string,
      (1...500_000).contains(txData.utf8.count), let withdrawalID = json?["withdrawalId"]?.string,
      withdrawalID.utf8.count == 24
    else {
      return Self.invalid("withdrawalId", "currency, txData and withdrawalId (24 characters) are required")
    }
    let signatureID = json?["signatureId"]?.string
    let item = signatureID.flatMap { pending[$0] }
    guard let item, item.txId == nil, item.chain == chain, item.object["withdrawalId"]?.string == withdrawalID
    else {
      return .failure(403, "withdrawal.unexpected.state", "Withdrawal \(withdrawalID) is not in progress.")
    }
    do throws(Refusal) {
      let accepted = try accept(chain, txData, signatureID: signatureID)
      return finish(accepted, chain, signatureID, [("completed", true)], request, &faults)
    } catch {
      return refuse(chain, txData, signatureID, error)
    }
  }

  /// What the chain knows under a transaction id: what was accepted under it.
  mutating func lookUp(_ chain: String, _ txId: String) -> Reply {
    if let known = (nodes[chain] as? BitcoinNode)?.described(txId) { return .json(known) }
    let found = broadcasts.last {
      $0["chain"]?.string == chain && $0["txId"]?.string?.lowercased() == txId.lowercased()
    }
    guard let found else {
      return .failure(
        403, "tx.not.found", "Transaction not found. Possible not exists or is still pending.")
    }
    return .json(["hash": found["txId"] ?? .null, "from": found["senders"] ?? .null])
  }

  mutating func report(_ request: Request) -> Reply {
    guard let errors = (try? JSONValue(parsing: request.body))?["errors"]?.array else {
      return Self.invalid("errors", "errors must be an array")
    }
    reports.append(contentsOf: errors.prefix(max(0, Self.maximumKept - reports.count)))
    return .empty(204)
  }

  // MARK: Broadcast in steps

  private mutating func accept(
    _ chain: String, _ txData: String, signatureID: String?
  ) throws(Refusal) -> AcceptedTransaction {
    guard var node = nodes[chain] else { throw Refusal(Self.noDecoder) }
    let item = signatureID.flatMap { pending[$0] }
    nodes[chain] = nil  // the copy below is the only one: no copy of all accounts per transaction
    defer { nodes[chain] = node }
    var accepted = try node.accept(txData, pending: item?.chain == chain ? item?.object : nil)
    if let signatureID {
      if item == nil { accepted.flags.append("unknown-signature-id") }
      if let item, item.chain != chain { accepted.flags.append("signature-id-of-\(item.chain)") }
      if item?.txId != nil { accepted.flags.append("already-completed-\(signatureID)") }
    } else {
      accepted.flags.append("no-signature-id")
    }
    remember(accepted, chain: chain, txData: txData, signatureID: signatureID)
    return accepted
  }

  private mutating func remember(
    _ accepted: AcceptedTransaction, chain: String, txData: String, signatureID: String?
  ) {
    var object = JSONObject()
    object["at"] = .string(timestamp())
    object["chain"] = .string(chain)
    object["signatureId"] = signatureID.map { .string($0) }
    object["txId"] = .string(accepted.txId)
    object["senders"] = .array(accepted.senders.map { .string($0) })
    object["nonce"] = accepted.nonce.map { .string($0) }
    object["outputs"] = .array(accepted.outputs)
    object["mismatches"] = accepted.mismatches.map { .array($0.map { .string($0) }) }
    object["flags"] = .array(accepted.flags.map { .string($0) })
    for (name, value) in accepted.details { object[name] = value }
    object["raw"] = .string(txData)
    if broadcasts.count < Self.maximumKept { broadcasts.append(.object(object)) }
  }

  private mutating func finish(
    _ accepted: AcceptedTransaction, _ chain: String, _ signatureID: String?,
    _ members: [(name: String, value: JSONValue)], _ request: Request, _ faults: inout [String]
  ) -> Reply {
    var answer = JSONObject()
    answer["txId"] = .string(accepted.txId)
    for (name, value) in members { answer[name] = value }
    if let fault = self.faults.take([.otherTxID], path: request.path, chain: chain) {
      faults.append(fault.kind.rawValue)
      answer["txId"] = .string(fault.body ?? String(accepted.txId.reversed()))
    }
    // Reference, "Pending transaction": sent, but could not be marked complete.
    if let fault = self.faults.take([.failedTrue], path: request.path, chain: chain) {
      faults.append(fault.kind.rawValue)
      answer["failed"] = true
    } else if let signatureID, !pending.complete(signatureID, txId: accepted.txId) {
      answer["failed"] = true
    }
    return .json(.object(answer))
  }

  private mutating func refuse(_ chain: String, _ txData: String, _ signatureID: String?, _ refusal: Refusal)
    -> Reply
  {
    if refusal.message == Self.noDecoder {
      return .failure(501, "sandbox.not.implemented", "The sandbox cannot decode \(chain) transactions yet.")
    }
    var object = JSONObject()
    object["at"] = .string(timestamp())
    object["chain"] = .string(chain)
    object["signatureId"] = signatureID.map { .string($0) }
    object["reason"] = .string(refusal.message)
    object["raw"] = .string(txData)
    if refusals.count < Self.maximumKept { refusals.append(.object(object)) }
    let name = chain == "BCH" ? "bch" : Route.broadcastNames.first { $0.value == chain }?.key ?? "blockchain"
    return .failure(403, "\(name).broadcast.failed", "Unable to broadcast transaction. \(refusal.message)")
  }

  private static let noDecoder = "no decoder"

  private static func missing(_ id: String) -> Reply {
    .failure(403, "kms.missing", "KMS transaction \(id) does not exist.")
  }

  static func invalid(_ property: String, _ constraint: String) -> Reply {
    .invalid([Problem(property: property, constraint: constraint)])
  }
}
