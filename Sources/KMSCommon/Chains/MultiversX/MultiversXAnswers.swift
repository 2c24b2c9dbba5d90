/// What MultiversX nodes say to a submitted transaction (mx-chain-go, process/errors.go, process/dataValidators/txValidator.go,
/// api/groups/transactionGroup.go).
enum MultiversXAnswers {
  static let table =
    AnswerTable([
      AnswerTable.Rule(
        .perhapsThere,
        "mx-chain-go, txValidator.go: checkNonce; process/errors.go: ErrLowerNonceInTransaction",
        "lowerNonceInTx: true", "lower nonce in transaction"),
      AnswerTable.Rule(
        .held, "mx-chain-go, txValidator.go: checkNonce; process/errors.go: ErrHigherNonceInTransaction",
        "veryHighNonceInTx: true", "higher nonce in transaction"),
      AnswerTable.Rule(
        .trouble, "mx-chain-go, api and facade: the node's state", "system busy", "node is starting",
        "too many requests"),
      AnswerTable.Rule(
        .refused, "mx-chain-go, process/errors.go", "insufficient funds", "insufficient balance for fees",
        "insufficient gas price in tx", "insufficient gas limit in tx", "invalid chain ID",
        "invalid transaction version", "invalid signature", "signature is invalid", "tx value is too big",
        "tx value is out of bounds", "invalid value provided", "nil signature", "invalid receiver address",
        "invalid sender address", "more gas was provided than gas limit per block",
        "gas price is too high for the transaction", "not enough gas was sent in the transaction",
        "account not found for address", "transaction is not executable and gas will not be returned",
        "recursive relayed tx is not allowed"),
    ])
    + AnswerTable.nodeTrouble
}
