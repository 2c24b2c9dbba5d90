/// What java-tron says to a submitted transaction: its response codes and their messages (tronprotocol/java-tron, api.proto;
/// framework, Wallet.broadcastTransaction), which its HTTP API writes in hexadecimal.
///
/// A node remembers an id before it checks the transaction, so "already exists" alone does not prove that it is there.
enum TronAnswers {
  static let table =
    AnswerTable([
      AnswerTable.Rule(
        .alreadyThere, "java-tron, Wallet.broadcastTransaction: DupTransactionException",
        .code("DUP_TRANSACTION_ERROR"),
        .code("DupTransactionException"), "Dup transaction", "Transaction already exists"),
      AnswerTable.Rule(
        .perhapsThere, "java-tron, Wallet.broadcastTransaction: TransactionExpirationException",
        .code("TRANSACTION_EXPIRATION_ERROR"), .code("TransactionExpirationException"),
        "Transaction expired", "transaction expiration"),
      AnswerTable.Rule(
        .held, "java-tron, Manager.validateTapos: the node may be behind, or on another fork",
        .code("TAPOS_ERROR"),
        .code("TaposException"), "Tapos check error", "Tapos failed"),
      AnswerTable.Rule(
        .trouble, "java-tron, Wallet.broadcastTransaction: the node's state", .code("SERVER_BUSY"),
        "Server busy",
        .code("NO_CONNECTION"), "No connection", .code("NOT_ENOUGH_EFFECTIVE_CONNECTION"),
        "P2P broadcast failed",
        "Effective connection", .code("BLOCK_UNSOLIDIFIED"), "Block unsolidified", .code("OTHER_ERROR")),
      AnswerTable.Rule(
        .refused, "java-tron, Wallet.broadcastTransaction: verdicts", .code("SIGERROR"),
        "Validate signature error",
        "Validate TransferContract error", .code("CONTRACT_VALIDATE_ERROR"), "Contract validate error",
        .code("CONTRACT_EXE_ERROR"), "Contract execute error", .code("BANDWITH_ERROR"),
        "Account resource insufficient error", .code("TOO_BIG_TRANSACTION_ERROR"), "Too big transaction",
        .code("ContractValidateException"), .code("ContractExeException"),
        .code("ValidateSignatureException"),
        .code("AccountResourceInsufficientException"), .code("TooBigTransactionException"),
        .says { $0.contains("Validate ") && $0.contains("Contract error,") },
        "contract size should be exactly 1", "balance is not sufficient", "No contract!"),
    ])
    + AnswerTable.nodeTrouble
}
