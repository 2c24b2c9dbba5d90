/// What Solana's nodes say to `sendTransaction`: custom errors of the RPC interface (agave, rpc-client-api/custom_error.rs) and
/// TransactionError of the simulation before sending.
///
/// A simulation that fails has sent nothing. A blockhash that a node does not know may be too new for it, or too old for all;
/// of one that is too old, kms-sign tells (`signed-but-expired`).
enum SolanaAnswers {
  static let table =
    AnswerTable([
      AnswerTable.Rule(
        .alreadyThere, "solana-transaction-error: AlreadyProcessed", "has already been processed",
        .code("AlreadyProcessed")),
      AnswerTable.Rule(
        .held, "solana-transaction-error: what passes with blocks", "Blockhash not found",
        .code("BlockhashNotFound"),
        "Account in use", .code("AccountInUse"), "Transaction would exceed",
        .code("WouldExceedMaxBlockCostLimit"),
        .code("WouldExceedMaxAccountCostLimit"), .code("WouldExceedAccountDataBlockLimit"),
        "ResanitizationNeeded",
        "is temporarily restricted", "Program cache hit max limit"),
      AnswerTable.Rule(
        .trouble, "agave, custom_error.rs: the node can't judge", .number(-32001), .number(-32004),
        .number(-32005),
        .number(-32007), .number(-32009), .number(-32014), .number(-32016), .number(-32603),
        "Node is unhealthy",
        "Node is behind by", "Minimum context slot has not been reached", "cluster maintenance",
        .code("ClusterMaintenance"), "Block not available for slot", .number(429)),
      AnswerTable.Rule(
        .refused, "agave, custom_error.rs: the simulation failed; signatures are wrong; not to be read",
        .number(-32002), .number(-32003), .number(-32006), .number(-32013), .number(-32015), .number(-32602),
        .number(-32700), "Transaction simulation failed", "Transaction signature verification failure",
        "Transaction version", "failed to deserialize", "too large:"),
      AnswerTable.Rule(
        .refused, "solana-transaction-error", "found no record of a prior credit",
        "Insufficient funds for fee",
        "with insufficient funds for rent", "Error processing Instruction", "insufficient lamports",
        "Attempt to load a program that does not exist",
        "This account may not be used to pay transaction fees",
        "Transaction did not pass signature verification",
        "Transaction failed to sanitize accounts offsets correctly",
        "Transaction loads an address table account that doesn't exist", "Account loaded twice",
        "Transaction locked too many accounts", .code("InstructionError"), .code("InsufficientFundsForFee"),
        .code("InsufficientFundsForRent"), .code("AccountNotFound"), .code("ProgramAccountNotFound"),
        .code("SignatureFailure"), .code("SanitizeFailure"), .code("InvalidAccountForFee")),
    ])
    + AnswerTable.nodeTrouble
}
