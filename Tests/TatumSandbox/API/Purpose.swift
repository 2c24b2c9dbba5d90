/// What requests are for, as far as faults tell them apart.
enum Purpose: String, CaseIterable {
  /// Lists of pending transactions.
  case list
  /// What signing needs, also from nodes that are not Tatum's.
  case facts
  /// Whatever brings a transaction to the network or tells the API of it, ADA's envelope included.
  case broadcast
  /// Whether a transaction is there.
  case lookup
  /// Marking a pending transaction as done.
  case completion
  /// The report of failures.
  case report
  /// The four-eye server.
  case approval
}

extension Route {
  /// What the request is for; nil for what the programs do not send.
  func purpose(of request: Request) -> Purpose? {
    switch target {
    case .poll: return .list
    case .broadcast, .withdrawalBroadcast: return .broadcast
    case .lookUp: return .lookup
    case .completion: return .completion
    case .errorReport: return .report
    case .approve: return .approval
    case .flowService(let path): return path.first == "sign" ? .broadcast : .facts
    case .rpc("ADA", _, let rest): return rest.last == "combine" ? .broadcast : .facts
    case .rpc("SOL", _, _): return Self.solanaPurpose(request.body)
    case .rpc
    where String(decoding: request.body.prefix(1024), as: UTF8.self).contains("_getTransactionByHash"):
      return .lookup
    case .flowAccess(let path):
      if path.contains("transaction_results") { return .lookup }
      return request.method == "POST" ? .broadcast : .facts
    case .rpc, .transactionCount, .fee, .beaconAccount, .vechain: return .facts
    case .stellarAccount: return .lookup
    case .control, .transaction, .notPlayed, .unknown: return nil
    }
  }

  private static func solanaPurpose(_ body: [UInt8]) -> Purpose {
    let text = String(decoding: body.prefix(1024), as: UTF8.self)
    if text.contains("sendTransaction") { return .broadcast }
    return text.contains("getSignatureStatuses") ? .lookup : .facts
  }
}
