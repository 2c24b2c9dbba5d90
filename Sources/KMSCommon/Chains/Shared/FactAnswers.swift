/// What an error means with which a question about the network ended (decision 22).
///
/// `refused` only where the node judged this very call: running it fails, or an argument can't be right. Everything else
/// may be answered at the next poll: a node that lags, is busy or is away, and what is not understood.
public enum FactAnswers {
  /// `refused` or `trouble`.
  public static func verdict(of words: NetworkWords) -> Verdict {
    table.verdict(of: words) == .refused ? .refused : .trouble
  }

  private static let table = AnswerTable([
    AnswerTable.Rule(
      .refused, "go-ethereum, internal/ethapi/errors.go: newRevertError, code 3; eth/gasestimator",
      .all([.number(3), .words("execution reverted")]), "execution reverted", "always failing transaction",
      "gas required exceeds allowance", "insufficient funds for gas * price + value",
      "insufficient funds for transfer", "insufficient balance for transfer", "invalid opcode",
      "stack underflow", "intrinsic gas too low", "invalid jump destination", "out of gas"),
    AnswerTable.Rule(
      .refused, "Nethermind, EthRpcModule.TransactionExecutor; OpenEthereum; Besu: JsonRpcError",
      "VM execution error", "transaction execution fails", "Execution halted", "reverted"),
    AnswerTable.Rule(
      .refused, "JSON-RPC 2.0, section 5.1: invalid params", .number(-32602), "invalid argument",
      "invalid params"),
    AnswerTable.Rule(
      .refused, "KMS API: a parameter of the address is not valid", "invalid address",
      "is not a valid address", "invalid checksum address"),
    // Said of the node, whatever else stands beside it.
    AnswerTable.Rule(
      .trouble, "go-ethereum, core and rpc: what a node lacks for now", "header not found",
      "missing trie node",
      "unknown block", "block not found", "request timed out", "execution aborted", "timeout", "ECONNREFUSED",
      "ECONNRESET", "ETIMEDOUT", "socket hang up", "rate limit", "too many requests", "syncing",
      "not synced", "connection refused", "internal error", "service unavailable", "method handler crashed"),
  ])
}
