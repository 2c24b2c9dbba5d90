/// What node software says of transactions, for chains that have no table of their own yet.
enum CommonAnswers {
  static let table = AnswerTable(
    AnswerTable.rules(
      .alreadyThere, "geth and its kin, Nethermind, OpenEthereum, Thor", "already known", "known transaction",
      "alreadyknown", "already imported", "known tx")
      + AnswerTable.rules(
        .alreadyThere, "bitcoin/bitcoin, validation.cpp, rpc/mempool.cpp", "txn-already-in-mempool",
        "txn-already-known", "transaction already in block chain", "transaction outputs already in utxo set")
      + AnswerTable.rules(
        .alreadyThere, "java-tron, rippled, Algorand, Solana, Tendermint, stellar-core", "dup_transaction_error",
        "dup transaction", "tefALREADY", "transaction already in ledger", "already been processed",
        "alreadyprocessed", "tx already exists in cache", #"tx_status":"DUPLICATE""#, "tx_status: DUPLICATE")
      + AnswerTable.rules(
        .perhapsThere, "what a node says of used nonces and inputs", "nonce too low", "nonce is too low", "old nonce",
        "OldNonce", "lowernonceintx", "invalid nonce", "bad-txns-inputs-missingorspent", "missing inputs",
        "inputs-spent", "tefPAST_SEQ", "tx_bad_seq", "txbadseq", "badinputsutxo")
      + AnswerTable.rules(
        .held, "rippled, codes with ter; stellar-core", .code("terQUEUED"), .code("terPRE_SEQ"), .family("ter"),
        #"tx_status":"TRY_AGAIN_LATER""#, "tx_status: TRY_AGAIN_LATER")
      + AnswerTable.rules(
        .refused, "geth and its kin: core/error.go, core/txpool/errors.go", "insufficient funds for gas * price + value",
        "intrinsic gas too low", "unknown transaction type", "transaction type not supported",
        "exceeds block gas limit", "invalid sender")
      + AnswerTable.rules(
        .refused, "Solana: simulation failed, custom_error.rs", .number(-32002), .number(-32003))
      + AnswerTable.rules(
        .trouble, "Solana: a node that lags", "Blockhash not found"))
}
