/// What Thor says to a submitted transaction (vechain/thor, txpool: "bad tx: …" with status 400, "tx rejected: …" with 403).
enum VeChainAnswers {
  static let table =
    AnswerTable([
      AnswerTable.Rule(.alreadyThere, "thor, txpool/tx_object.go: Executable", "known tx"),
      AnswerTable.Rule(
        .perhapsThere, "thor, txpool/tx_object.go: Executable", "tx rejected: expired", .whole("expired")),
      AnswerTable.Rule(
        .held, "thor, txpool: what passes with blocks", "block ref out of schedule", "tx is not executable",
        "account quota exceeded", "delegator quota exceeded", "insufficient energy for overall pending cost",
        "gas price is less than block base fee"),
      AnswerTable.Rule(.trouble, "thor, txpool/tx_pool.go: limits of the pool", "pool is full"),
      AnswerTable.Rule(
        .refused, "thor, runtime/resolved_tx.go, txpool/tx_pool.go", "bad tx:", "chain tag mismatch",
        "intrinsic gas exceeds provided gas", "clause with negative value", "tx value too large",
        "insufficient energy", "tx gas exceeds block gas limit", "dep reverted", "size too large",
        "max fee per gas must be positive", "max priority fee per gas must be positive",
        "maxFeePerGas is less than maxPriorityFeePerGas", "unsupported features", "unused reserved slot",
        "invalid signature length", "recovery failed", "transaction type not supported",
        "S value is out of range"),
    ])
    + AnswerTable.nodeTrouble
}
