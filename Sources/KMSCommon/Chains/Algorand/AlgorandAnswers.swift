/// What algod says to a submitted transaction (algorand/go-algorand, data/pools, ledger/ledgercore/error.go,
/// data/transactions/verify).
enum AlgorandAnswers {
  static let table =
    AnswerTable([
      AnswerTable.Rule(
        .alreadyThere, "go-algorand, ledgercore/error.go: TransactionInLedgerError",
        "transaction already in ledger",
        "transaction already in pool"),
      AnswerTable.Rule(
        .perhapsThere, "go-algorand, ledgercore/error.go: LeaseInLedgerError", "using an overlapping lease"),
      AnswerTable.Rule(
        .perhapsThere, "go-algorand, data/bookkeeping/block.go: TxnDeadError, past the last valid round",
        .says { rounds($0).map { $0.current > $0.last } ?? false }),
      AnswerTable.Rule(
        .held, "go-algorand, data/bookkeeping/block.go: TxnDeadError, before the first valid round",
        .says { rounds($0).map { $0.current < $0.first } ?? false }),
      AnswerTable.Rule(
        .held, "go-algorand, data/pools/errors.go: the pool's fee threshold under load",
        .all(["below threshold", "per byte"])),
      AnswerTable.Rule(
        .trouble, "go-algorand, data/pools/transactionPool.go; daemon/algod/api: the node's state",
        "transaction pool has reached capacity", "no pending block evaluator",
        "transaction pool is shutting down",
        "operation not available during catchup", "server is shutting down",
        "block does not have space for transaction", "failed to retrieve information"),
      AnswerTable.Rule(
        .refused, "go-algorand, ledger, data/transactions: verdicts on these bytes",
        .words("overspend (account"), .says { $0.contains(" below min ") && $0.contains("account ") },
        "underflow on subtracting", "in fees, which is less than the minimum",
        "should have been authorized by",
        "asset missing from", .all(["must optin", "missing from"]), .all(["asset", "missing from"]),
        "At least one signature didn't pass verification", "signature validation failed",
        "signedtxn has no sig",
        "signedtxn should have only one type of signature", "rejected by logic",
        "rejected by ApprovalProgram",
        "logic eval error", "transaction cannot have zero sender", "transaction note too big",
        "transaction invalid range", "transaction window size excessive", "does not match expected",
        "frozen in",
        "has not opted in", "balance overflow", "msgpack decode error", "unknown tx type",
        "cannot close asset",
        "AuthAddr must be different from Sender", "only ClearState is supported for an application",
        "has already opted in to app", "does not exist or has been deleted", "outstanding created assets",
        "outstanding assets", "inconsistent group values", "incomplete group"),
    ])
    + AnswerTable.nodeTrouble

  /// "txn dead: round 120 outside of 10--110".
  private static func rounds(_ text: String) -> (current: UInt64, first: UInt64, last: UInt64)? {
    let words = text.split(separator: " ")
    guard
      let start = words.indices.first(where: {
        words[$0...].prefix(3).elementsEqual(["txn", "dead:", "round"])
      }),
      words.count > start + 6, words[start + 4] == "outside", let current = UInt64(words[start + 3])
    else { return nil }
    let range = words[start + 6].split(separator: "-", omittingEmptySubsequences: true)
    guard range.count == 2, let first = UInt64(range[0]),
      let last = UInt64(range[1].prefix { ("0"..."9").contains($0) })
    else { return nil }
    return (current, first, last)
  }
}
